package dev.weir.redisson;

import dev.weir.Answer;
import dev.weir.Call;
import dev.weir.Charge;
import dev.weir.Decision;
import dev.weir.Decision.Permitted;
import dev.weir.Decision.Rejected;
import dev.weir.Overrides;
import dev.weir.Reason;
import dev.weir.StoreException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * One request as {@code acquire.lua} decides it.
 *
 * @param call what is asked
 * @param shard the subject's
 * @param keys where what is set at run time is; then where the usage is that the charges are made on, in their order
 */
record AcquireCall(Call call, int shard, List<String> keys) {

    private static final long CHARGED = 1;
    private static final long FAILED = -1;
    private static final long OUTDATED = -2;

    /** What the script answers to a request. */
    sealed interface Reply {

        /** @throws StoreException if there is none */
        Answer answer();
    }

    /**
     * The request was decided.
     *
     * @param atMicros when, by Redis's clock
     * @param unreadable the number, from 1, of the first usage whose value was none of ours; 0 if there was none
     */
    record Decided(long atMicros, List<Decision> decisions, int unreadable) implements Reply {

        @Override
        public Answer answer() {
            return new Answer.Decided(atMicros, decisions);
        }
    }

    /** The request was made from other overrides than those in force; nothing was charged. */
    record Outdated(Overrides overrides) implements Reply {

        @Override
        public Answer answer() {
            return new Answer.Outdated(overrides);
        }
    }

    /** Redis could not decide it; nothing was charged. */
    record Failed(String why) implements Reply {

        @Override
        public Answer answer() {
            throw RedisFailure.ofRequest(why);
        }
    }

    static AcquireCall of(RedisKeys keys, Call call) {
        String id = call.subject().id();
        int shard = keys.shard(id);
        List<String> all = new ArrayList<>(1 + call.charges().size());
        all.add(keys.overrides(call.subject().kind(), shard));
        for (Charge charge : call.charges()) {
            all.add(keys.usage(shard, id, charge.policy()));
        }
        return new AcquireCall(call, shard, all);
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
        for (Charge charge : charges()) {
            long remaining = number(reply);
            long resetAfter = number(reply);
            long retryAfter = number(reply);
            decisions.add(
                    outcome == CHARGED
                            ? new Permitted(charge.policy(), charge.limit(), remaining, resetAfter, Reason.OK)
                            : refused(charge, remaining, resetAfter, retryAfter));
        }
        return new Decided(atMicros, decisions, unreadable);
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
