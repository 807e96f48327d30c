package dev.weir.store;

import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Permitted;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Exact;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import dev.weir.limit.SlidingLog;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * A sliding log and a sliding window that remember every admitted request, and count them all for each decision; when a
 * request would pass, they find by trying. For a clock that does not go back.
 */
final class NaiveSliding {

    private record Admitted(long atMicros, long cost) {}

    private final List<Admitted> admitted = new ArrayList<>();

    /** Decides, and remembers what it decided. */
    Decision decide(Limit limit, long nowMicros, long cost) {
        long used = used(limit, nowMicros);
        if (used + cost <= limit.permits()) {
            admitted.add(new Admitted(nowMicros, cost));
            return new Permitted(
                    "policy", limit, limit.permits() - used(limit, nowMicros), resetAfter(limit, nowMicros), Reason.OK);
        }
        long retryAfter = firstMicros(limit, wait -> used(limit, nowMicros + wait) + cost <= limit.permits());
        return new Rejected(
                "policy",
                limit,
                Math.max(0, limit.permits() - used),
                resetAfter(limit, nowMicros),
                Reason.LIMIT,
                retryAfter);
    }

    private long resetAfter(Limit limit, long nowMicros) {
        return firstMicros(limit, wait -> used(limit, nowMicros + wait) == 0);
    }

    private long used(Limit limit, long nowMicros) {
        long periodMicros = Exact.micros(limit.period());
        if (limit instanceof SlidingLog) {
            return sum(at -> at > nowMicros - periodMicros);
        }
        long windowAt = nowMicros / periodMicros * periodMicros;
        BigInteger previous = BigInteger.valueOf(sum(at -> at >= windowAt - periodMicros && at < windowAt));
        BigInteger covered = BigInteger.valueOf(windowAt + periodMicros - nowMicros);
        BigInteger period = BigInteger.valueOf(periodMicros);
        BigInteger[] weighted = previous.multiply(covered).divideAndRemainder(period);
        return sum(at -> at >= windowAt) + weighted[0].longValueExact() + weighted[1].signum();
    }

    private long sum(LongPredicate counts) {
        return admitted.stream()
                .filter(request -> counts.test(request.atMicros))
                .mapToLong(Admitted::cost)
                .sum();
    }

    /** The first wait at which a condition holds that, once it holds, goes on to. */
    private static long firstMicros(Limit limit, LongPredicate holds) {
        long low = 0;
        long high = 2 * Exact.micros(limit.period());
        while (low < high) {
            long middle = (low + high) / 2;
            if (holds.test(middle)) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    /** The most that was ever admitted within one period. */
    long mostWithin(long periodMicros) {
        long most = 0;
        for (Admitted first : admitted) {
            most = Math.max(most, sum(at -> at >= first.atMicros && at < first.atMicros + periodMicros));
        }
        return most;
    }
}
