package dev.weir.redisson;

import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Permitted;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import dev.weir.store.Charge;
import dev.weir.store.Grant;
import dev.weir.store.LeaseCall;
import dev.weir.store.Overrides;
import dev.weir.store.StoreException;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request as {@code acquire.lua} decides it.
 *
 * @param call what is asked
 * @param lease what is asked beside it; null if it is no lease
 * @param shard the subject's
 * @param keys where what is set at run time is; then where the usage is that the charges are made on, in their order
 */
record AcquireCall(StoreRequest call, @Nullable LeaseCall lease, int shard, List<String> keys)
        implements Batcher.Batched {

    private static final long CHARGED = 1;
    private static final long FAILED = -1;
    private static final long OUTDATED = -2;
    private static final long STALE = -3;
    private static final long FUTURE = -4;
    private static final long NO_SUBJECTS_VERSION = -1;
    private static final Charge NEVER_CHARGED = new Charge("none", Limit.tokenBucket(1, Duration.ofSeconds(1)), 1);

    /** What the script answers to a request. */
    sealed interface Reply {

        /** @throws StoreException if there is none */
        StoreReply answer();

        /** The number, from 1, of the first usage whose value was none of ours; 0 if there was none. */
        default int unreadable() {
            return 0;
        }
    }

    /**
     * The request was decided.
     *
     * @param atMicros when, by Redis's clock
     */
    record Decided(long atMicros, List<Decision> decisions, long againAfterMicros, int unreadable) implements Reply {

        @Override
        public StoreReply answer() {
            return new StoreReply.Decided(atMicros, decisions, againAfterMicros);
        }
    }

    /** The request was decided, and permits were leased. */
    record Leased(Decision decision, Grant grant, long againAfterMicros, int unreadable) implements Reply {

        @Override
        public StoreReply answer() {
            return new StoreReply.Leased(decision, grant, againAfterMicros);
        }
    }

    /** The request was made from other overrides than those in force; nothing was charged. */
    record Outdated(Overrides overrides) implements Reply {

        @Override
        public StoreReply answer() {
            return new StoreReply.Outdated(overrides);
        }
    }

    /** Redis could not decide it; nothing was charged. */
    record Failed(String why) implements Reply {

        @Override
        public StoreReply answer() {
            throw RedisFailure.ofRequest(why);
        }
    }

    static AcquireCall of(RedisKeys keys, LeaseCall lease) {
        Charge charge = new Charge(lease.usage(), lease.limit(), lease.cost());
        return of(keys, new StoreRequest(lease.subject(), lease.version(), List.of(charge)), lease);
    }

    /** A request that only asks what is set for a subject: of a version that none has, so it charges nothing. */
    static AcquireCall lookUp(RedisKeys keys, Subject subject) {
        return of(keys, new StoreRequest(subject, NO_SUBJECTS_VERSION, List.of(NEVER_CHARGED)));
    }

    static AcquireCall of(RedisKeys keys, StoreRequest call) {
        return of(keys, call, null);
    }

    private static AcquireCall of(RedisKeys keys, StoreRequest call, @Nullable LeaseCall lease) {
        String id = call.subject().id();
        int shard = keys.shard(id);
        List<String> all = new ArrayList<>(1 + call.charges().size());
        all.add(keys.overrides(call.subject().kind(), shard));
        for (Charge charge : call.charges()) {
            all.add(keys.usage(shard, id, charge.policy()));
        }
        return new AcquireCall(call, lease, shard, all);
    }

    @Override
    public boolean isBackground() {
        return lease != null && lease.cost() == 0;
    }

    List<Charge> charges() {
        return call.charges();
    }

    /** Reads what the script says next; it was decided at {@code atMicros}. */
    Reply reply(Iterator<Object> reply, long atMicros) {
        long outcome = number(reply);
        if (outcome == FAILED) {
            return new Failed((String) reply.next());
        }
        if (outcome == OUTDATED) {
            return new Outdated(OverridesText.read((String) reply.next()));
        }
        int unreadable = (int) number(reply);
        List<Decision> decisions = new ArrayList<>(charges().size());
        long againAfter = 0;
        for (Charge charge : charges()) {
            long remaining = number(reply);
            long resetAfter = number(reply);
            long retryAfter = number(reply);
            decisions.add(decision(outcome, charge, remaining, resetAfter, retryAfter));
            againAfter = outcome == CHARGED ? Math.max(againAfter, retryAfter) : 0;
        }
        if (lease == null) {
            return new Decided(atMicros, decisions, againAfter, unreadable);
        }
        Grant grant = new Grant(number(reply), number(reply), number(reply));
        return new Leased(decisions.get(0), grant, againAfter, unreadable);
    }

    private static Decision decision(long outcome, Charge charge, long remaining, long resetAfter, long retryAfter) {
        String policy = charge.policy();
        Limit limit = charge.limit();
        if (outcome == CHARGED) {
            return new Permitted(policy, limit, remaining, resetAfter, Reason.OK);
        } else if (outcome == STALE) {
            return new Rejected(policy, limit, remaining, resetAfter, Reason.STALE, Rejected.NEVER);
        } else if (outcome == FUTURE) {
            return new Rejected(policy, limit, remaining, resetAfter, Reason.FUTURE, retryAfter);
        }
        return refused(charge, remaining, resetAfter, retryAfter);
    }

    /** One of the charges is the reason that none was made; the others would have passed. */
    private static Decision refused(Charge charge, long remaining, long resetAfter, long retryAfter) {
        if (charge.cost() > charge.limit().capacity()) {
            return new Rejected(
                    charge.policy(), charge.limit(), remaining, resetAfter, Reason.COST_ABOVE_LIMIT, Rejected.NEVER);
        }
        return charge.cost() > remaining
                ? new Rejected(charge.policy(), charge.limit(), remaining, resetAfter, Reason.LIMIT, retryAfter)
                : new Permitted(charge.policy(), charge.limit(), remaining, resetAfter, Reason.OK);
    }

    private static long number(Iterator<Object> reply) {
        return (Long) reply.next();
    }
}
