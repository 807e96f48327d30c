package dev.weir.redisson;

import dev.weir.Charge;
import dev.weir.Decision;
import dev.weir.Decision.Permitted;
import dev.weir.Decision.Rejected;
import dev.weir.Reason;
import dev.weir.StoreException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * One request as {@code acquire.lua} decides it.
 *
 * @param shard the client's
 * @param keys where the usage is that the charges are made on, in their order
 * @param charges at least one
 */
record AcquireCall(int shard, List<String> keys, List<Charge> charges) {

    private static final long CHARGED = 1;
    private static final long FAILED = -1;

    /** What the script answers to a request. */
    sealed interface Answer {

        /** @throws StoreException if there are none */
        List<Decision> decisions();
    }

    /**
     * The request was decided.
     *
     * @param unreadable the number, from 1, of the first key whose value was none of ours; 0 if there was none
     */
    record Decided(List<Decision> decisions, int unreadable) implements Answer {}

    /** Redis could not decide it; nothing was charged. */
    record Failed(String why) implements Answer {

        @Override
        public List<Decision> decisions() {
            throw RedisFailure.ofRequest(why);
        }
    }

    static AcquireCall of(RedisKeys keys, String client, List<Charge> charges) {
        int shard = keys.shard(client);
        List<String> usages = new ArrayList<>(charges.size());
        for (Charge charge : charges) {
            usages.add(keys.usage(shard, client, charge.policy()));
        }
        return new AcquireCall(shard, usages, charges);
    }

    /** Reads what the script says next. */
    Answer answer(Iterator<Object> reply) {
        long outcome = number(reply);
        if (outcome == FAILED) {
            return new Failed((String) reply.next());
        }
        int unreadable = (int) number(reply);
        List<Decision> decisions = new ArrayList<>(charges.size());
        for (Charge charge : charges) {
            long remaining = number(reply);
            long resetAfter = number(reply);
            long retryAfter = number(reply);
            decisions.add(
                    outcome == CHARGED
                            ? new Permitted(charge.policy(), charge.limit(), remaining, resetAfter, Reason.OK)
                            : refused(charge, remaining, resetAfter, retryAfter));
        }
        return new Decided(decisions, unreadable);
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
