package dev.weir.redisson;

import dev.weir.Decision;
import dev.weir.Limit;
import dev.weir.PoolCall;
import dev.weir.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.redisson.api.RedissonClient;

/** The script {@code pool.lua}, which decides a request on a pool; its head says what stands where. */
final class PoolScript {

    private static final LuaScript SCRIPT = LuaScript.of(
            "prelude.lua",
            "held.lua",
            "token-bucket.lua",
            "fixed-window.lua",
            "sliding-window.lua",
            "sliding-log.lua",
            "timestamp.lua",
            "state.lua",
            "fair-lane.lua",
            "fair-clock.lua",
            "fair-pool.lua",
            "pool.lua");

    private static final List<Reason> REASONS =
            List.of(Reason.OK, Reason.LIMIT, Reason.SHARE, Reason.CAPACITY, Reason.COST_ABOVE_LIMIT);

    private static final long OWN = 2;

    private PoolScript() {}

    /** @param time {@link AcquireScript#REDIS_TIME}, or what time it is in microseconds */
    static CompletableFuture<Decision> run(RedissonClient redisson, PoolCall call, String time) {
        List<String> keys = new ArrayList<>(RedisKeys.pool(call.pool().name()));
        String limits = AcquireScript.numbersOf(call.pool().limit());
        Limit own = call.own();
        if (own != null) {
            keys.add(RedisKeys.poolUsage(call.pool().name(), call.usage(), call.client()));
            limits += "," + AcquireScript.numbersOf(own);
        }
        return SCRIPT.run(
                redisson,
                keys,
                reply -> decision(call, reply),
                time,
                "[" + limits + "]",
                Long.toString(call.weight()),
                Long.toString(call.cost()),
                call.client());
    }

    private static Decision decision(PoolCall call, List<Object> reply) {
        Reason reason = REASONS.get((int) number(reply, 0) - 1);
        return call.decision(reason, number(reply, 1) == OWN, number(reply, 2), number(reply, 3), number(reply, 4));
    }

    private static long number(List<Object> reply, int at) {
        return (Long) reply.get(at);
    }
}
