package dev.weir;

import dev.weir.Decision.Permitted;
import dev.weir.Decision.Rejected;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;

/**
 * A token bucket that decides the slow and obvious way: it remembers every request and replays them all for each decision.
 * No ticks, no common divisors, no rounding; permits are counted in parts so small that every period divides them.
 */
final class NaiveTokenBucket {

    /** A request, and whether it was admitted. */
    record Request(TokenBucket limit, long nowMicros, long cost, boolean admitted) {

        private long admittedCost() {
            return admitted ? cost : 0;
        }
    }

    private final List<Request> requests = new ArrayList<>();
    private final BigInteger permit;

    private TokenBucket limit;
    private BigInteger missing;
    private long atMicros;

    /** For a client whose limit is one of these at any time. */
    NaiveTokenBucket(List<TokenBucket> limits) {
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
        replay(asked, nowMicros);
        BigInteger excess = missing.add(permits(cost)).subtract(permits(asked.capacity()));
        if (excess.signum() > 0) {
            return new Rejected(
                    "policy",
                    asked,
                    remaining(),
                    drainMicros(missing, nowMicros),
                    Reason.LIMIT,
                    drainMicros(excess, nowMicros));
        }
        missing = missing.add(permits(cost));
        return new Permitted("policy", asked, remaining(), drainMicros(missing, nowMicros), Reason.OK);
    }

    private void replay(TokenBucket asked, long nowMicros) {
        limit = asked;
        missing = BigInteger.ZERO;
        for (Request request : requests) {
            see(request.limit, request.nowMicros);
            if (request.admitted) {
                drain(request.nowMicros);
                missing = missing.add(permits(request.cost));
            }
        }
        see(asked, nowMicros);
        drain(nowMicros);
    }

    /** What even a refused request changes: the limit, and the belief in a clock that has gone back. */
    private void see(TokenBucket asked, long nowMicros) {
        if (missing.signum() == 0 || atMicros - nowMicros > asked.periodMicros()) {
            atMicros = nowMicros;
        }
        boolean sameRate = asked.permits() * limit.periodMicros() == limit.permits() * asked.periodMicros();
        if (!sameRate || missing.compareTo(permits(asked.capacity())) > 0) {
            drain(nowMicros);
            missing = missing.min(permits(asked.capacity()));
        }
        limit = asked;
    }

    private void drain(long nowMicros) {
        if (nowMicros > atMicros) {
            missing = missing.subtract(drained(limit, nowMicros - atMicros)).max(BigInteger.ZERO);
            atMicros = nowMicros;
        }
    }

    private long remaining() {
        return permits(limit.capacity()).subtract(missing).divide(permit).longValueExact();
    }

    private long drainMicros(BigInteger parts, long nowMicros) {
        BigInteger[] micros = parts.divideAndRemainder(drained(limit, 1));
        return micros[0].longValueExact() + micros[1].signum() + (parts.signum() == 0 ? 0 : atMicros - nowMicros);
    }

    private BigInteger permits(long permits) {
        return BigInteger.valueOf(permits).multiply(permit);
    }

    private BigInteger drained(TokenBucket by, long micros) {
        return permits(micros).multiply(BigInteger.valueOf(by.permits())).divide(BigInteger.valueOf(by.periodMicros()));
    }

    /**
     * The envelope: from any request on, no more is admitted than the burst, what has come back since, and what raising the
     * limit has added. This is what was left of it where it was tightest, over every pair of requests, on a clock that
     * never goes back.
     */
    BigInteger leastEverLeft() {
        List<BigInteger> gains = gains();
        BigInteger least = permit;
        for (int first = 0; first < requests.size(); first++) {
            BigInteger left = permits(requests.get(first).limit.capacity()).subtract(gains.get(first));
            for (int i = first; i < requests.size(); i++) {
                left = left.add(gains.get(i)).subtract(permits(requests.get(i).admittedCost()));
                least = least.min(left);
            }
        }
        return least;
    }

    /** What each request finds more than the one before it. */
    private List<BigInteger> gains() {
        List<BigInteger> gains = new ArrayList<>();
        Request before = requests.get(0);
        for (Request request : requests) {
            BigInteger raised = permits(Math.max(0, request.limit.capacity() - before.limit.capacity()));
            gains.add(raised.add(drained(before.limit, request.nowMicros - before.nowMicros)));
            before = request;
        }
        return gains;
    }
}
