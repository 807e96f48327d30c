package dev.weir.redisson;

import dev.weir.Answer;
import dev.weir.Decision;
import dev.weir.Reason;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RedissonClient;

/** The scripts {@code pool.lua}, which decides a request on a pool, and {@code pool-give-back.lua}; their heads say what stands where. */
final class PoolScript {

    private static final List<String> PARTS = List.of(
            "prelude.lua",
            "held.lua",
            "token-bucket.lua",
            "fixed-window.lua",
            "sliding-window.lua",
            "sliding-log.lua",
            "timestamp.lua",
            "state.lua",
            "limits.lua",
            "fair-lane.lua",
            "fair-clock.lua",
            "fair-pool.lua",
            "pool-state.lua");

    private static final LuaScript DECIDE = script("pool.lua");
    private static final LuaScript GIVE_BACK = script("pool-give-back.lua");

    private static final List<Reason> REASONS =
            List.of(Reason.OK, Reason.LIMIT, Reason.SHARE, Reason.CAPACITY, Reason.COST_ABOVE_LIMIT);

    private static final long OWN = 2;

    private PoolScript() {}

    private static LuaScript script(String last) {
        return LuaScript.of(Stream.concat(PARTS.stream(), Stream.of(last)).toArray(String[]::new));
    }

    /** @param time {@link AcquireScript#REDIS_TIME}, or what time it is in microseconds */
    static CompletableFuture<Answer> run(RedissonClient redisson, PoolRequest request, String time) {
        return DECIDE.run(
                redisson,
                request.keys(),
                reply -> new Answer.Decided(number(reply, 0), List.of(decision(request, reply))),
                time,
                request.limits(),
                Long.toString(request.share().weight()),
                Long.toString(request.charge().cost()),
                request.client());
    }

    private static Decision decision(PoolRequest request, List<Object> reply) {
        Reason reason = REASONS.get((int) number(reply, 1) - 1);
        return request.charge()
                .ofShare(reason, number(reply, 2) == OWN, number(reply, 3), number(reply, 4), number(reply, 5));
    }

    private static long number(List<Object> reply, int at) {
        return (Long) reply.get(at);
    }

    /**
     * Gives back what a request was charged.
     *
     * @param chargedAtMicros when Redis decided it
     * @param time as in {@link #run}
     */
    static CompletableFuture<@Nullable Void> giveBack(
            RedissonClient redisson, PoolRequest charged, long chargedAtMicros, String time) {
        return GIVE_BACK.<@Nullable Void>run(
                redisson,
                charged.keys(),
                reply -> null,
                time,
                charged.limits(),
                Long.toString(charged.charge().cost()),
                charged.client(),
                Long.toString(chargedAtMicros));
    }
}
