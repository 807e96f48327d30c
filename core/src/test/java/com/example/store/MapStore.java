package com.example.store;

import static java.util.concurrent.CompletableFuture.completedFuture;

import dev.weir.limit.State;
import dev.weir.memory.MemoryPools;
import dev.weir.store.*;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An example of a store that is not part of Weir: for one process, on a map with compare-and-swap. What is kept of a
 * subject is an immutable {@link Account}. A call makes another one of it, and tries again if it was swapped meanwhile.
 */
public final class MapStore implements Store {

    private static final Account EMPTY = new Account(Overrides.NONE, Map.of());

    private final Map<Subject, Account> accounts = new ConcurrentHashMap<>();
    private final List<ChangeListener> listeners = new CopyOnWriteArrayList<>();
    private final AtomicLong versions = new AtomicLong();
    private final MicrosClock clock;
    private final MemoryPools pools;
    private volatile List<String> instances = List.of();

    public MapStore(MicrosClock clock) {
        this.clock = clock;
        pools = new MemoryPools(clock);
    }

    /** What is set for a subject, and the states of its use. */
    private record Account(Overrides overrides, Map<String, State> used) {}

    private CompletableFuture<StoreReply> change(Subject subject, long version, Function<SubjectUse, StoreReply> step) {
        while (true) {
            Account before = accounts.getOrDefault(subject, EMPTY);
            if (before.overrides().version() != version) {
                return completedFuture(new StoreReply.Outdated(before.overrides()));
            }
            // The clock is read after the account: so the times of one subject never decrease.
            SubjectUse.Draft draft = new SubjectUse.Draft(before.used(), clock.nowMicros());
            StoreReply reply = step.apply(draft);
            if (isSwapped(subject, before, new Account(before.overrides(), draft.states()))) {
                return completedFuture(reply);
            }
        }
    }

    /** An account with nothing in it takes no room. */
    private boolean isSwapped(Subject subject, Account before, Account after) {
        if (before.equals(EMPTY)) {
            return after.equals(EMPTY) || accounts.putIfAbsent(subject, after) == null;
        }
        return after.equals(EMPTY) ? accounts.remove(subject, before) : accounts.replace(subject, before, after);
    }

    @Override
    public CompletableFuture<StoreReply> tryAcquire(StoreRequest call) {
        return call.share() != null
                ? completedFuture(pools.decide(call))
                : change(call.subject(), call.version(), use -> use.decide(call.charges(), call.timestamp(), clock));
    }

    @Override
    public CompletableFuture<StoreReply> lease(LeaseCall call) {
        return call.share() != null
                ? completedFuture(pools.lease(call))
                : change(call.subject(), call.version(), use -> use.lease(call));
    }

    @Override
    public CompletableFuture<@Nullable Void> giveBack(StoreRequest charged, long atMicros) {
        if (charged.share() != null) {
            pools.giveBack(charged, atMicros);
        } else {
            change(charged.subject(), charged.version(), use -> {
                use.giveBack(charged.charges(), atMicros);
                return new StoreReply.Decided(use.nowMicros(), List.of());
            });
        }
        return completedFuture(null);
    }

    @Override
    public CompletableFuture<@Nullable Void> owe(StoreRequest owed) {
        if (owed.share() != null) {
            pools.owe(owed);
        } else {
            Account before;
            Account after;
            do {
                before = accounts.getOrDefault(owed.subject(), EMPTY);
                SubjectUse.Draft draft = new SubjectUse.Draft(before.used(), clock.nowMicros());
                draft.owe(owed.charges());
                after = new Account(before.overrides(), draft.states());
            } while (!isSwapped(owed.subject(), before, after));
        }
        return completedFuture(null);
    }

    @Override
    public CompletableFuture<Overrides> overrides(Subject subject) {
        return completedFuture(accounts.getOrDefault(subject, EMPTY).overrides());
    }

    @Override
    public CompletableFuture<Boolean> replace(Subject subject, long expected, Overrides next) {
        boolean forgetsUse = next.isEmpty() && subject.kind() == Subject.Kind.BUCKET;
        Overrides set =
                next.isEmpty() ? Overrides.NONE : new Overrides(versions.incrementAndGet(), next.plan(), next.terms());
        Account before;
        do {
            before = accounts.getOrDefault(subject, EMPTY);
            if (before.overrides().version() != expected) {
                return completedFuture(false);
            }
        } while (!isSwapped(subject, before, new Account(set, forgetsUse ? Map.of() : before.used())));
        listeners.forEach(listener -> listener.onChange(subject));
        return completedFuture(true);
    }

    @Override
    public void listen(ChangeListener listener) {
        listeners.add(listener);
        listener.onGap();
    }

    @Override
    public CompletableFuture<Page> list(Subject.Kind kind, String from, int most) {
        var page = accounts.entrySet().stream()
                .filter(kept -> kept.getKey().kind() == kind
                        && !kept.getValue().overrides().isEmpty())
                .map(kept -> Map.entry(kept.getKey().id(), kept.getValue().overrides()))
                .filter(entry -> entry.getKey().compareTo(from) > 0)
                .sorted(Map.Entry.comparingByKey())
                .limit(most)
                .toList();
        var next = page.stream().map(Map.Entry::getKey).skip(most - 1).findFirst();
        return completedFuture(new Page(page, next));
    }

    /** Called about twice a second: the moment to forget subjects that do not come any more. */
    @Override
    public CompletableFuture<Integer> heartbeat(String instanceId) {
        instances = List.of(instanceId);
        accounts.forEach((subject, account) -> change(
                subject, account.overrides().version(), use -> new StoreReply.Decided(use.nowMicros(), List.of())));
        pools.sweep();
        return completedFuture(1);
    }

    @Override
    public CompletableFuture<List<String>> instances() {
        return completedFuture(instances);
    }

    @Override
    public void close() {}
}
