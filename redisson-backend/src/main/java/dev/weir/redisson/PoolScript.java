package dev.weir.redisson;

import dev.weir.limit.Limit;
import dev.weir.redisson.AcquireCall.Reply;
import dev.weir.store.Grant;
import dev.weir.store.LeaseCall;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The scripts {@code pool.lua}, which decides requests on a pool, {@code pool-give-back.lua} and {@code pool-owe.lua};
 * their heads say what stands where.
 */
final class PoolScript {

    private PoolScript() {}

    /**
     * Decides requests in one round trip, one after the other.
     *
     * @param names of the keys
     * @param requests at least one, all on one pool
     * @param time {@link AcquireScript#REDIS_TIME}, or what time it is in microseconds
     * @return one answer per request, in the same order
     */
    static CompletableFuture<List<Reply>> run(
            ScriptRunner scripts, RedisKeys names, List<PoolRequest> requests, String time) {
        List<String> keys = new ArrayList<>(names.pool(requests.get(0).pool().name()));
        StringJoiner numbers = new StringJoiner(",", "[", "]");
        Map<Limit, Integer> limits = new LinkedHashMap<>();
        for (PoolRequest request : requests) {
            if (request.own() != null) {
                keys.add(request.ownKey(names));
            }
            add(numbers, request, limits);
        }
        List<Object> arguments = new ArrayList<>(List.of(time, numbersOf(limits.keySet()), numbers.toString()));
        requests.forEach(request -> arguments.add(request.client()));
        return scripts.run(LuaScript.POOL, keys, reply -> replies(requests, reply), arguments.toArray());
    }

    private static void add(StringJoiner numbers, PoolRequest request, Map<Limit, Integer> limits) {
        Limit own = request.own();
        LeaseCall lease = request.lease();
        Grant held = lease == null ? Grant.NONE : lease.lease();
        long[] all = {
            number(request.pool().limit(), limits),
            own == null ? 0 : number(own, limits),
            request.share().weight(),
            request.charge().cost(),
            lease == null ? 0 : lease.wanted(),
            held.permits(),
            held.epoch(),
            lease == null ? 0 : lease.left()
        };
        for (long number : all) {
            numbers.add(Long.toString(number));
        }
    }

    private static int number(Limit limit, Map<Limit, Integer> limits) {
        return limits.computeIfAbsent(limit, unknown -> limits.size() + 1);
    }

    private static String numbersOf(Iterable<Limit> limits) {
        StringJoiner numbers = new StringJoiner(",", "[", "]");
        limits.forEach(limit -> numbers.add(AcquireScript.numbersOf(limit)));
        return numbers.toString();
    }

    private static List<Reply> replies(List<PoolRequest> requests, List<Object> reply) {
        Iterator<Object> rest = reply.iterator();
        long atMicros = (Long) rest.next();
        return requests.stream().map(request -> request.reply(rest, atMicros)).toList();
    }

    /**
     * Gives back what a request was charged. Not batched: it is rare, and no request waits for it.
     *
     * @param chargedAtMicros when Redis decided it
     * @param time as in {@link #run}
     */
    static CompletableFuture<@Nullable Void> giveBack(
            ScriptRunner scripts, RedisKeys names, PoolRequest charged, long chargedAtMicros, String time) {
        return runForOne(
                LuaScript.POOL_GIVE_BACK,
                scripts,
                names,
                charged,
                time,
                charged.client(),
                Long.toString(chargedAtMicros));
    }

    /** Charges the pool, or a client's own limit beside it, for what was admitted without Redis. Not batched either. */
    static CompletableFuture<@Nullable Void> owe(ScriptRunner scripts, RedisKeys names, PoolRequest owed, String time) {
        return runForOne(LuaScript.POOL_OWE, scripts, names, owed, time);
    }

    /** @param rest the script's last arguments */
    private static CompletableFuture<@Nullable Void> runForOne(
            LuaScript script, ScriptRunner scripts, RedisKeys names, PoolRequest request, String time, String... rest) {
        List<String> keys = new ArrayList<>(names.pool(request.pool().name()));
        List<Limit> limits = new ArrayList<>(List.of(request.pool().limit()));
        Limit own = request.own();
        if (own != null) {
            keys.add(request.ownKey(names));
            limits.add(own);
        }
        List<Object> arguments = new ArrayList<>(
                List.of(time, numbersOf(limits), Long.toString(request.charge().cost())));
        Collections.addAll(arguments, rest);
        return scripts.<@Nullable Void>run(script, keys, reply -> null, arguments.toArray());
    }
}
