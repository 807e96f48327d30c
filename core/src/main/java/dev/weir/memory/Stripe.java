package dev.weir.memory;

import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.State;
import dev.weir.limit.TokenBucket;
import dev.weir.limit.TokenBucketTally;
import dev.weir.store.Charge;
import dev.weir.store.LeaseCall;
import dev.weir.store.MicrosClock;
import dev.weir.store.NearStore;
import dev.weir.store.Overrides;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import dev.weir.store.SubjectUse;
import dev.weir.store.Timestamp;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Some of the clients of a store, under one lock: what they have used, and their overrides. */
final class Stripe implements Sweepable {

    private final UsageTable states;
    private final Map<Subject, Overrides> overrides = new HashMap<>();

    /** One for all requests: it is open under the lock alone, and so none is made for each of them. */
    private final Use use = new Use();

    Stripe(int most) {
        states = new UsageTable(most);
    }

    /** What a client has used, by the stripe's table. */
    private final class Use implements SubjectUse {

        private String client = "";
        private long nowMicros;

        @Override
        public long nowMicros() {
            return nowMicros;
        }

        @Override
        public @Nullable State get(String usage) {
            return states.get(usage, client);
        }

        @Override
        public void put(String usage, State state) {
            states.put(usage, client, state, nowMicros);
        }

        /** As ever, but in place where that does the same. */
        @Override
        public Decision decide(Charge charge) {
            TokenBucketTally tally = tally(charge.policy(), charge.limit());
            return tally != null && tally.take(charge.cost(), nowMicros)
                    ? charge.permitted(tally.asState(), nowMicros, nowMicros)
                    : SubjectUse.super.decide(charge);
        }

        boolean allow(String policy, Limit limit, long cost) {
            TokenBucketTally tally = tally(policy, limit);
            return tally == null
                    ? SubjectUse.super.decide(new Charge(policy, limit, cost)).permitted()
                    : tally.take(cost, nowMicros);
        }

        private @Nullable TokenBucketTally tally(String policy, Limit limit) {
            return limit instanceof TokenBucket bucket ? states.tally(policy, client, bucket, nowMicros) : null;
        }
    }

    /** Open until the lock is released; the clock is read under the lock. */
    private Use use(String client, MicrosClock clock) {
        use.client = client;
        use.nowMicros = clock.nowMicros();
        return use;
    }

    synchronized StoreReply decide(StoreRequest call, MicrosClock clock) {
        Overrides inForce = overrides(call.subject());
        return inForce.version() == call.version()
                ? decide(call.subject().id(), call.charges(), call.timestamp(), clock)
                : new StoreReply.Outdated(inForce);
    }

    synchronized StoreReply.Decided decide(
            String client, List<Charge> charges, @Nullable Timestamp timestamp, MicrosClock clock) {
        return use(client, clock).decide(charges, timestamp, clock);
    }

    /** As {@link NearStore#allow}. */
    synchronized NearStore.Answer allow(String client, String policy, Limit limit, long cost, MicrosClock clock) {
        if (!overrides.isEmpty() && overrides.containsKey(Subject.client(client))) {
            return NearStore.Answer.UNDECIDED;
        }
        return use(client, clock).allow(policy, limit, cost) ? NearStore.Answer.PERMITTED : NearStore.Answer.REFUSED;
    }

    synchronized @Nullable List<Decision> decide(
            Subject.Kind kind, String id, Charge charge, @Nullable Charge whole, long version, MicrosClock clock) {
        Overrides inForce = overrides.isEmpty() ? Overrides.NONE : overrides(new Subject(kind, id));
        if (inForce.version() != version) {
            return null;
        }
        Use ofClient = use(id, clock);
        return whole == null
                ? List.of(ofClient.decide(charge))
                : ofClient.decide(List.of(charge, whole), null, clock).decisions();
    }

    synchronized StoreReply lease(LeaseCall call, MicrosClock clock) {
        Overrides inForce = overrides(call.subject());
        return inForce.version() == call.version()
                ? use(call.subject().id(), clock).lease(call)
                : new StoreReply.Outdated(inForce);
    }

    synchronized void giveBack(StoreRequest charged, long atMicros, MicrosClock clock) {
        if (overrides(charged.subject()).version() == charged.version()) {
            use(charged.subject().id(), clock).giveBack(charged.charges(), atMicros);
        }
    }

    synchronized void owe(StoreRequest owed, MicrosClock clock) {
        use(owed.subject().id(), clock).owe(owed.charges());
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
            forgetUse(subject);
        } else {
            overrides.put(subject, next);
        }
        return true;
    }

    /** A bucket that is gone leaves nothing to one that is created under its id later. */
    private void forgetUse(Subject subject) {
        if (subject.kind() == Subject.Kind.BUCKET) {
            states.forget(Overrides.BUCKET, subject.id());
        }
    }

    synchronized void collect(Subject.Kind kind, String after, Map<String, Overrides> into) {
        overrides.forEach((subject, set) -> {
            if (subject.kind() == kind && subject.id().compareTo(after) > 0) {
                into.put(subject.id(), set);
            }
        });
    }

    synchronized @Nullable State state(String client, String policy) {
        return states.get(policy, client);
    }

    /** A state with nothing in use is as good as none, and takes no room. */
    synchronized void set(String client, String policy, State state, long nowMicros) {
        if (state.isEmpty()) {
            states.forget(policy, client);
        } else {
            states.put(policy, client, state, nowMicros);
        }
    }

    synchronized void setAtMost(String client, String policy, Limit limit, long remaining, long nowMicros) {
        State advanced = limit.meter().advance(states.get(policy, client), nowMicros);
        if (limit.meter().remaining(advanced, nowMicros) > remaining) {
            set(client, policy, limit.meter().leaving(remaining, nowMicros), nowMicros);
        }
    }

    @Override
    public synchronized int size() {
        return states.size();
    }

    @Override
    public synchronized void sweepSlice(int entries, MicrosClock clock) {
        // The clock is read under the lock: no state is judged by a time before it was written.
        states.sweep(entries, clock.nowMicros() - UsageTable.KEPT_MICROS);
    }

    @Override
    public synchronized void trim() {
        states.trim();
    }
}
