package dev.weir.redisson;

import dev.weir.limit.FixedWindow;
import dev.weir.limit.Limit;
import dev.weir.limit.SlidingLog;
import dev.weir.limit.SlidingWindow;
import dev.weir.limit.TokenBucket;
import dev.weir.redisson.AcquireCall.Reply;
import dev.weir.store.Charge;
import dev.weir.store.LeaseCall;
import dev.weir.store.StoreRequest;
import dev.weir.store.Timestamp;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.concurrent.CompletableFuture;
import java.util.function.ToIntFunction;

/** The script {@code acquire.lua}, which decides requests; its head says what stands where. */
final class AcquireScript {

    /** Decide by Redis's own clock. */
    static final String REDIS_TIME = "";

    /** Stands where a request says how many charges it has. */
    private static final long LEASE = 0;

    private AcquireScript() {}

    /**
     * Decides requests in one round trip, one after the other.
     *
     * @param calls at least one; in a cluster, all in one slot
     * @param time {@link #REDIS_TIME}, or what time it is in microseconds
     * @return one answer per request, in the same order
     */
    static CompletableFuture<List<Reply>> run(ScriptRunner scripts, List<AcquireCall> calls, String time) {
        List<String> keys = new ArrayList<>(calls.size());
        StringJoiner requests = new StringJoiner(",", "[", "]");
        StringJoiner limits = new StringJoiner(",", "[", "]");
        Map<Limit, Integer> numbers = new HashMap<>();
        ToIntFunction<Limit> number = limit -> numbers.computeIfAbsent(limit, unknown -> {
            limits.add(numbersOf(unknown));
            return numbers.size() + 1;
        });
        for (AcquireCall call : calls) {
            keys.addAll(call.keys());
            LeaseCall lease = call.lease();
            if (lease == null) {
                request(requests, call.call(), number);
            } else {
                request(requests, lease, number);
            }
        }
        List<Object> arguments = new ArrayList<>(List.of(time, limits.toString(), requests.toString()));
        calls.forEach(call -> arguments.add(call.call().subject().id()));
        return scripts.run(LuaScript.ACQUIRE, keys, reply -> replies(calls, reply), arguments.toArray());
    }

    private static void request(StringJoiner requests, StoreRequest call, ToIntFunction<Limit> number) {
        Timestamp timestamp = call.timestamp();
        int charges = call.charges().size();
        add(requests, timestamp == null ? charges : -charges, call.version());
        if (timestamp != null) {
            add(requests, timestamp.atMicros(), timestamp.maxAgeMicros(), timestamp.maxSkewMicros());
        }
        for (Charge charge : call.charges()) {
            add(requests, number.applyAsInt(charge.limit()), charge.cost());
        }
    }

    private static void request(StringJoiner requests, LeaseCall call, ToIntFunction<Limit> number) {
        add(requests, LEASE, call.version(), number.applyAsInt(call.limit()), call.cost(), call.wanted());
        add(requests, call.lease().permits(), call.lease().epoch(), call.left(), call.instances());
    }

    private static void add(StringJoiner requests, long... numbers) {
        for (long number : numbers) {
            requests.add(Long.toString(number));
        }
    }

    private static List<Reply> replies(List<AcquireCall> calls, List<Object> reply) {
        Iterator<Object> rest = reply.iterator();
        long atMicros = (Long) rest.next();
        List<Reply> replies = new ArrayList<>(calls.size());
        for (AcquireCall call : calls) {
            replies.add(call.reply(rest, atMicros));
        }
        return replies;
    }

    /** A limit as the scripts read it: six numbers. */
    static String numbersOf(Limit limit) {
        if (limit instanceof TokenBucket bucket) {
            return numbers(
                    1, bucket.tickMicros(), bucket.rate(), bucket.unit(), bucket.periodMicros(), bucket.capacity());
        } else if (limit instanceof FixedWindow window) {
            return numbers(2, 1, 0, window.periodMicros(), window.periodMicros(), window.capacity());
        } else if (limit instanceof SlidingWindow window) {
            return numbers(3, window.tickMicros(), 0, window.periodTicks(), window.periodMicros(), window.capacity());
        } else if (limit instanceof SlidingLog log) {
            return numbers(4, 1, 0, log.periodMicros(), log.periodMicros(), log.capacity());
        }
        throw new IllegalArgumentException("acquire.lua has no twin of " + limit);
    }

    private static String numbers(int kind, long tickMicros, long rate, long unit, long periodMicros, long capacity) {
        int tick = tickMicros == 1 ? 0 : tickMicros == 1_000 ? 1 : 2;
        return kind + "," + tick + "," + rate + "," + unit + "," + periodMicros + "," + capacity;
    }
}
