package dev.weir.store;

import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Permitted;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Reason;
import dev.weir.limit.TokenBucket;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * A token bucket that decides the slow and obvious way: it remembers every request and replays them all for each
 * decision. No ticks, no common divisors, no rounding; permits are counted in parts so small that every period divides
 * them.
 *
 * <p>Where limits change, what is in use drains at the rate of the limit that was charged last; or of the one that
 * asks, if that is higher, what was in use after that charge fits its burst, and the limit charged counts in
 * microseconds.
 */
final class NaiveTokenBucket {

    /**
     * A request, and whether it was admitted.
     *
     * @param slack permits that may be in use beside what is counted here, when it is asked whether that fits a burst
     */
    record Request(TokenBucket limit, long nowMicros, long cost, boolean admitted, long slack) {

        Request(TokenBucket limit, long nowMicros, long cost, boolean admitted) {
            this(limit, nowMicros, cost, admitted, 0);
        }

        private long admittedCost() {
            return admitted ? cost : 0;
        }
    }

    private final List<Request> requests = new ArrayList<>();
    private final BigInteger permit;

    private TokenBucket charged;
    private BigInteger missing;
    private long atMicros;

    /** For a client whose limit is one of these at any time. */
    NaiveTokenBucket(List<TokenBucket> limits) {
        charged = limits.get(0);
        permit = limits.stream()
                .mapToLong(TokenBucket::periodMicros)
                .distinct()
                .mapToObj(BigInteger::valueOf)
                .reduce(BigInteger.ONE, BigInteger::multiply);
    }

    boolean isEmpty() {
        return requests.isEmpty();
    }

    void remember(Request request) {
        requests.add(request);
    }

    /** What the answer must be, to the letter. */
    Decision decide(TokenBucket asked, long nowMicros, long cost) {
        return decide(asked, nowMicros, cost, 0);
    }

    /** As {@link #decide(TokenBucket, long, long)}, if so many permits more may be in use than are counted here. */
    Decision decide(TokenBucket asked, long nowMicros, long cost, long slack) {
        replay(asked, nowMicros, slack);
        BigInteger excess = missing.add(permits(cost + slack)).subtract(permits(asked.capacity()));
        TokenBucket drains = drainedBy(asked, slack);
        if (excess.signum() > 0) {
            return new Rejected(
                    "policy",
                    asked,
                    remaining(asked),
                    drainMicros(drains, missing, nowMicros),
                    Reason.LIMIT,
                    drainMicros(drains, excess, nowMicros));
        }
        missing = missing.add(permits(cost));
        return new Permitted("policy", asked, remaining(asked), drainMicros(asked, missing, nowMicros), Reason.OK);
    }

    private void replay(TokenBucket asked, long nowMicros, long slack) {
        missing = BigInteger.ZERO;
        for (Request request : requests) {
            correct(request.limit, request.nowMicros);
            if (request.admitted) {
                drain(request.limit, request.nowMicros, request.slack);
                missing = missing.add(permits(request.cost));
                charged = request.limit;
            }
        }
        correct(asked, nowMicros);
        drain(asked, nowMicros, slack);
    }

    /** What even a refused request changes: the belief in a clock that has gone back. */
    private void correct(TokenBucket asked, long nowMicros) {
        if (missing.signum() == 0 || atMicros - nowMicros > asked.periodMicros()) {
            atMicros = nowMicros;
        }
    }

    private void drain(TokenBucket asked, long nowMicros, long slack) {
        TokenBucket by = drainedBy(asked, slack);
        if (nowMicros > atMicros) {
            missing = missing.subtract(drained(by, nowMicros - atMicros)).max(BigInteger.ZERO);
            atMicros = nowMicros;
        }
    }

    private TokenBucket drainedBy(TokenBucket asked, long slack) {
        boolean isFaster = perPeriods(asked, charged) > perPeriods(charged, asked);
        boolean fits = missing.add(permits(slack)).compareTo(permits(asked.capacity())) <= 0;
        boolean isFine = asked.tickMicros() == 1 && charged.tickMicros() == 1;
        return isFaster && fits && isFine ? asked : charged;
    }

    private static double perPeriods(TokenBucket one, TokenBucket other) {
        return (double) one.permits() * other.periodMicros();
    }

    private long remaining(TokenBucket limit) {
        return permits(limit.capacity())
                .subtract(missing)
                .max(BigInteger.ZERO)
                .divide(permit)
                .longValueExact();
    }

    private long drainMicros(TokenBucket by, BigInteger parts, long nowMicros) {
        BigInteger[] micros = parts.divideAndRemainder(drained(by, 1));
        return micros[0].longValueExact() + micros[1].signum() + (parts.signum() == 0 ? 0 : atMicros - nowMicros);
    }

    private BigInteger permits(long permits) {
        return BigInteger.valueOf(permits).multiply(permit);
    }

    private BigInteger drained(TokenBucket by, long micros) {
        return permits(micros).multiply(BigInteger.valueOf(by.permits())).divide(BigInteger.valueOf(by.periodMicros()));
    }

    /**
     * The envelope: over any interval, no more is admitted than the largest burst in use and what the largest rate in
     * use gives back. This is what was left of it where it was tightest, on a clock that never goes back.
     */
    BigInteger leastEverLeft() {
        BigInteger burst = BigInteger.ZERO;
        BigInteger perMicro = BigInteger.ZERO;
        for (Request request : requests) {
            burst = burst.max(permits(request.limit.capacity()));
            perMicro = perMicro.max(drained(request.limit, 1));
        }
        BigInteger least = burst;
        for (int first = 0; first < requests.size(); first++) {
            BigInteger admitted = BigInteger.ZERO;
            for (int i = first; i < requests.size(); i++) {
                long micros = requests.get(i).nowMicros - requests.get(first).nowMicros;
                admitted = admitted.add(permits(requests.get(i).admittedCost()));
                least = least.min(
                        burst.add(perMicro.multiply(BigInteger.valueOf(micros))).subtract(admitted));
            }
        }
        return least;
    }
}
