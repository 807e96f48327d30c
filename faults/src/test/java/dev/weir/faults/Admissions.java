package dev.weir.faults;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * How many permits of one limit were taken, and how many its bound allows: in the whole time, and in that part of it
 * in which most were too many.
 *
 * @param admitted in the whole time
 * @param allowed burst + rate &middot; t + what the fault may cost
 * @param tooMany by how much the bound was exceeded in any part of the time; 0 or less if it never was
 * @param tooManySince when that part begins
 * @param tooManyNanos how long it is
 */
record Admissions(long admitted, long allowed, long tooMany, long tooManySince, long tooManyNanos) {

    /**
     * A request that was sent and answered within an interval was charged within it. So of no interval may more be
     * found to be sent and answered in it than it allows.
     *
     * @param answers those admitted
     * @param fromNanos when the whole time begins
     */
    static Admissions of(Traffic traffic, List<Answer> answers, Bound bound, long fromNanos, long toNanos) {
        List<Answer> bySent = answers.stream()
                .sorted(Comparator.comparingLong(Answer::sentNanos))
                .toList();
        List<Integer> byEnd = IntStream.range(0, bySent.size())
                .boxed()
                .sorted(Comparator.comparingLong(i -> bySent.get(i).receivedNanos()))
                .toList();
        Begins begins = new Begins(bySent.size());
        long worst = Long.MIN_VALUE;
        long worstSince = 0;
        long worstNanos = 0;
        for (int i : byEnd) {
            begins.add(i, bound.since(bySent.get(i).sentNanos()), traffic.cost() * Bound.PERMIT);
            long endNanos = bySent.get(i).receivedNanos();
            long tooMany = -Math.floorDiv(bound.until(endNanos) - begins.most(), Bound.PERMIT);
            if (tooMany > worst) {
                worst = tooMany;
                worstSince = bySent.get(begins.ofMost()).sentNanos();
                worstNanos = endNanos - worstSince;
            }
        }
        return new Admissions(
                (long) answers.size() * traffic.cost(),
                Math.floorDiv(bound.allowed(fromNanos, toNanos), Bound.PERMIT),
                worst,
                worstSince,
                worstNanos);
    }

    boolean isExceeded() {
        return tooMany > 0;
    }

    /**
     * For each request with which an interval may begin: what was taken since, and what the interval cannot have any
     * more. A tree, in which each node knows what was taken in all of it, and the most for any begin in it.
     */
    private static final class Begins {

        private static final long NONE = Long.MIN_VALUE / 2;

        private final int leaves;
        private final long[] taken;
        private final long[] most;

        Begins(int count) {
            leaves = Math.max(1, Integer.highestOneBit(count) * 2);
            taken = new long[2 * leaves];
            most = new long[2 * leaves];
            Arrays.fill(most, NONE);
        }

        void add(int index, long since, long cost) {
            int node = leaves + index;
            taken[node] = cost;
            most[node] = since + cost;
            for (node /= 2; node > 0; node /= 2) {
                taken[node] = taken[2 * node] + taken[2 * node + 1];
                most[node] = Math.max(ofFirst(node), most[2 * node + 1]);
            }
        }

        /** The most for a begin in the first half of a node. */
        private long ofFirst(int node) {
            return most[2 * node] + taken[2 * node + 1];
        }

        long most() {
            return most[1];
        }

        /** With which request the interval begins that has the most. */
        int ofMost() {
            int node = 1;
            while (node < leaves) {
                node = ofFirst(node) >= most[2 * node + 1] ? 2 * node : 2 * node + 1;
            }
            return node - leaves;
        }
    }
}
