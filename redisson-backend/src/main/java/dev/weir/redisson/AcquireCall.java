package dev.weir.redisson;

import dev.weir.Charge;
import dev.weir.Decision;
import dev.weir.Decision.Permitted;
import dev.weir.Decision.Rejected;
import dev.weir.FixedWindow;
import dev.weir.Limit;
import dev.weir.Reason;
import dev.weir.State;
import dev.weir.TokenBucket;
import java.util.ArrayList;
import java.util.List;

/**
 * One decision as {@code acquire.lua} takes and answers it; its head says what stands where.
 *
 * @param keys where the usage is that the charges are made on, in their order
 * @param charges at least one
 */
record AcquireCall(List<String> keys, List<Charge> charges) {

    /** Decide by Redis's own clock. */
    static final String REDIS_TIME = "";

    private static final LuaScript SCRIPT =
            LuaScript.of("prelude.lua", "token-bucket.lua", "fixed-window.lua", "acquire.lua");

    private static final int ARGUMENTS = 7;
    private static final int HEAD = 2;
    private static final int RESULTS = 3;

    static AcquireCall of(RedisKeys keys, String client, List<Charge> charges) {
        return new AcquireCall(
                charges.stream()
                        .map(charge -> keys.usage(client, charge.policy()))
                        .toList(),
                charges);
    }

    LuaScript script() {
        return SCRIPT;
    }

    /** @param time {@link #REDIS_TIME}, or what time it is in microseconds */
    Object[] arguments(String time) {
        List<String> arguments = new ArrayList<>(1 + ARGUMENTS * charges.size());
        arguments.add(time);
        for (Charge charge : charges) {
            addLimit(arguments, charge.limit());
            arguments.add(Long.toString(charge.limit().capacity()));
            arguments.add(Long.toString(charge.cost()));
        }
        return arguments.toArray();
    }

    private static void addLimit(List<String> arguments, Limit limit) {
        if (limit instanceof TokenBucket bucket) {
            add(
                    arguments,
                    State.Kind.TOKEN_BUCKET,
                    tickCode(bucket.tickMicros()),
                    bucket.rate(),
                    bucket.unit(),
                    bucket.periodMicros());
        } else if (limit instanceof FixedWindow window) {
            add(arguments, State.Kind.FIXED_WINDOW, 0, 0, window.periodMicros(), window.periodMicros());
        } else {
            throw new IllegalArgumentException("acquire.lua has no twin of " + limit);
        }
    }

    private static void add(
            List<String> arguments, State.Kind kind, int tick, long rate, long unit, long periodMicros) {
        arguments.add(Integer.toString(kind.ordinal() + 1));
        arguments.add(Integer.toString(tick));
        arguments.add(Long.toString(rate));
        arguments.add(Long.toString(unit));
        arguments.add(Long.toString(periodMicros));
    }

    private static int tickCode(long tickMicros) {
        return tickMicros == 1 ? 0 : tickMicros == 1_000 ? 1 : 2;
    }

    List<Decision> decisions(List<Object> reply) {
        boolean permitted = number(reply, 0) == 1;
        List<Decision> decisions = new ArrayList<>(charges.size());
        for (int i = 0; i < charges.size(); i++) {
            Charge charge = charges.get(i);
            int at = HEAD + RESULTS * i;
            long remaining = number(reply, at);
            long resetAfter = number(reply, at + 1);
            decisions.add(
                    permitted
                            ? new Permitted(charge.policy(), charge.limit(), remaining, resetAfter, Reason.OK)
                            : refused(charge, remaining, resetAfter, number(reply, at + 2)));
        }
        return decisions;
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

    /** The number, from 1, of the first key whose value was none of ours; 0 if there was none. */
    int unreadable(List<Object> reply) {
        return (int) number(reply, 1);
    }

    private static long number(List<Object> reply, int index) {
        return (Long) reply.get(index);
    }
}
