package dev.weir;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The store of a single process. Exact, and never fails; but what it holds is neither shared nor kept over a restart.
 *
 * <p>Clients are spread over stripes, each with a lock of its own, so all limits of one client are decided under one lock.
 * Once a second, a client that has its whole limit again is forgotten: only active clients take room.
 */
public final class MemoryStore implements Store {

    private static final int STRIPE_BITS = 8;

    private final Stripe[] stripes = new Stripe[1 << STRIPE_BITS];
    private final MicrosClock clock;
    private final AtomicLong versions = new AtomicLong();
    private final ScheduledExecutorService sweeper;
    private volatile List<String> instance = List.of();

    /** A store on this process's own steady clock. */
    public MemoryStore() {
        this(MicrosClock.steady());
    }

    MemoryStore(MicrosClock clock) {
        this.clock = clock;
        for (int i = 0; i < stripes.length; i++) {
            stripes[i] = new Stripe();
        }
        sweeper = Executors.newSingleThreadScheduledExecutor(DaemonThread.named("weir-memory-store"));
        sweeper.scheduleWithFixedDelay(this::sweep, 1, 1, TimeUnit.SECONDS);
    }

    @Override
    public CompletableFuture<Answer> tryAcquire(Call call) {
        return CompletableFuture.completedFuture(decide(call));
    }

    Answer decide(Call call) {
        return stripe(call.subject().id()).decide(call, clock);
    }

    @Override
    public CompletableFuture<@Nullable Void> giveBack(Call charged, long atMicros) {
        stripe(charged.subject().id()).giveBack(charged, atMicros, clock);
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletableFuture<Overrides> overrides(Subject subject) {
        return CompletableFuture.completedFuture(stripe(subject.id()).overrides(subject));
    }

    @Override
    public CompletableFuture<Boolean> replace(Subject subject, long expected, Overrides next) {
        Overrides versioned = new Overrides(versions.incrementAndGet(), next.plan(), next.terms());
        return CompletableFuture.completedFuture(stripe(subject.id()).replace(subject, expected, versioned));
    }

    @Override
    public CompletableFuture<Page> list(Subject.Kind kind, String from, int most) {
        NavigableMap<String, Overrides> after = new TreeMap<>();
        for (Stripe stripe : stripes) {
            stripe.collect(kind, from, after);
        }
        List<Map.Entry<String, Overrides>> entries = after.entrySet().stream()
                .limit(most)
                .map(entry -> Map.entry(entry.getKey(), entry.getValue()))
                .toList();
        boolean isLast = entries.size() == after.size();
        return CompletableFuture.completedFuture(new Page(
                entries,
                isLast
                        ? Optional.empty()
                        : Optional.of(entries.get(entries.size() - 1).getKey())));
    }

    Answer.Decided decide(String client, List<Charge> charges) {
        return stripe(client).decide(client, charges, clock.nowMicros());
    }

    /** Makes the client's state under a policy what it is with {@code remaining} permits left. */
    void set(String client, String policy, Limit limit, long remaining) {
        stripe(client).set(client, policy, limit.leaving(remaining, clock.nowMicros()));
    }

    /** This process is alone. */
    @Override
    public CompletableFuture<Integer> heartbeat(String instanceId) {
        instance = List.of(instanceId);
        return CompletableFuture.completedFuture(1);
    }

    @Override
    public CompletableFuture<List<String>> instances() {
        return CompletableFuture.completedFuture(instance);
    }

    /** Clients times policies that take room now. */
    int size() {
        int size = 0;
        for (Stripe stripe : stripes) {
            size += stripe.size();
        }
        return size;
    }

    void sweep() {
        for (Stripe stripe : stripes) {
            stripe.sweep(clock);
        }
    }

    @Override
    public void close() {
        sweeper.shutdownNow();
    }

    private Stripe stripe(String client) {
        // Fibonacci hashing: the stripe's own map uses the low bits, which must not be the same for all of its clients.
        return stripes[client.hashCode() * 0x9E3779B9 >>> 32 - STRIPE_BITS];
    }

    /** Some of the clients, under one lock: by policy, then by client. */
    private static final class Stripe {

        private final Map<String, Map<String, State>> states = new HashMap<>();
        private final Map<Subject, Overrides> overrides = new HashMap<>();

        synchronized Answer decide(Call call, MicrosClock clock) {
            Overrides inForce = overrides(call.subject());
            return inForce.version() == call.version()
                    ? decide(call.subject().id(), call.charges(), clock.nowMicros())
                    : new Answer.Outdated(inForce);
        }

        synchronized Overrides overrides(Subject subject) {
            return overrides.getOrDefault(subject, Overrides.NONE);
        }

        synchronized boolean replace(Subject subject, long expected, Overrides next) {
            if (overrides(subject).version() != expected) {
                return false;
            }
            if (next.isEmpty()) {
                overrides.remove(subject);
            } else {
                overrides.put(subject, next);
            }
            return true;
        }

        synchronized void collect(Subject.Kind kind, String after, Map<String, Overrides> into) {
            overrides.forEach((subject, set) -> {
                if (subject.kind() == kind && subject.id().compareTo(after) > 0) {
                    into.put(subject.id(), set);
                }
            });
        }

        synchronized Answer.Decided decide(String client, List<Charge> charges, long nowMicros) {
            List<State> advanced = new ArrayList<>(charges.size());
            boolean permitted = true;
            for (Charge charge : charges) {
                State state = charge.limit().advance(state(client, charge.policy()), nowMicros);
                advanced.add(state);
                permitted &= charge.cost() <= charge.limit().remaining(state, nowMicros);
            }
            List<Decision> decisions = new ArrayList<>(charges.size());
            for (int i = 0; i < charges.size(); i++) {
                Charge charge = charges.get(i);
                Limit limit = charge.limit();
                if (permitted) {
                    State charged = limit.charge(advanced.get(i), charge.cost());
                    put(client, charge.policy(), charged);
                    decisions.add(charge.permitted(charged, nowMicros));
                } else {
                    State stored = state(client, charge.policy());
                    if (stored != null && !advanced.get(i).continues(stored)) {
                        put(client, charge.policy(), advanced.get(i));
                    }
                    decisions.add(charge.refused(advanced.get(i), nowMicros));
                }
            }
            return new Answer.Decided(nowMicros, decisions);
        }

        synchronized void giveBack(Call charged, long atMicros, MicrosClock clock) {
            String id = charged.subject().id();
            if (overrides(charged.subject()).version() != charged.version()) {
                return;
            }
            long nowMicros = clock.nowMicros();
            for (Charge charge : charged.charges()) {
                State stored = state(id, charge.policy());
                if (stored != null) {
                    put(id, charge.policy(), charge.limit().givenBack(stored, charge.cost(), atMicros, nowMicros));
                }
            }
        }

        private @Nullable State state(String client, String policy) {
            Map<String, State> clients = states.get(policy);
            return clients == null ? null : clients.get(client);
        }

        private void put(String client, String policy, State state) {
            states.computeIfAbsent(policy, name -> new HashMap<>()).put(client, state);
        }

        synchronized void set(String client, String policy, State state) {
            put(client, policy, state);
        }

        synchronized int size() {
            return states.values().stream().mapToInt(Map::size).sum();
        }

        synchronized void sweep(MicrosClock clock) {
            // Read under the lock: no state is judged by a time before it was written.
            long nowMicros = clock.nowMicros();
            for (Map<String, State> clients : states.values()) {
                clients.values().removeIf(state -> state.emptyAtMicros() <= nowMicros);
            }
            // A map keeps its table for ever: only without it does a crowd that has gone take no room.
            states.values().removeIf(Map::isEmpty);
        }
    }
}
