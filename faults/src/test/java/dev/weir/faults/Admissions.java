package dev.weir.faults;

import java.util.Comparator;
import java.util.List;

/**
 * How many permits of one limit were taken, and how many its bound allows: in the whole time, and in that part of it
 * in which most were too many.
 *
 * @param admitted in the whole time
 * @param allowed burst + rate &middot; t + what the fault may cost
 * @param tooMany by how much the bound was exceeded in any part of the time; 0 or less if it never was
 * @param tooManyNanos how long that part was
 */
record Admissions(long admitted, long allowed, long tooMany, long tooManyNanos) {

    /**
     * A request that was sent and answered within an interval was charged within it. So of no interval may more be
     * found to be sent and answered in it than it allows.
     *
     * @param answers those admitted
     */
    static Admissions of(Traffic traffic, List<Answer> answers, long nanos, long extra) {
        List<Answer> byEnd = answers.stream()
                .sorted(Comparator.comparingLong(Answer::receivedNanos))
                .toList();
        long worst = Long.MIN_VALUE;
        long worstNanos = 0;
        for (Answer first : byEnd) {
            long count = 0;
            for (Answer each : byEnd) {
                if (each.sentNanos() >= first.sentNanos()) {
                    count += traffic.cost();
                    long lasted = each.receivedNanos() - first.sentNanos();
                    long tooMany = count - allowed(traffic, lasted, extra);
                    if (tooMany > worst) {
                        worst = tooMany;
                        worstNanos = lasted;
                    }
                }
            }
        }
        return new Admissions(
                (long) answers.size() * traffic.cost(), allowed(traffic, nanos, extra), worst, worstNanos);
    }

    private static long allowed(Traffic traffic, long nanos, long extra) {
        return traffic.burst() + extra + (long) (nanos * 1e-9 * traffic.limit());
    }

    boolean isExceeded() {
        return tooMany > 0;
    }
}
