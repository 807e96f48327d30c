package dev.weir.benchmarks;

/**
 * What one client of a pool wanted and got, in slices of a tenth of a second.
 *
 * @param group what it is called in tables, together with others of its kind
 * @param weights its weight in each slice
 * @param wants permits per second in each slice: infinite if it asks for all that there is, 0 if it is not there
 * @param got permits that were admitted in each slice
 * @param asked its requests in each slice
 * @param refused those of them that were refused
 */
record PoolClient(String group, long[] weights, double[] wants, double[] got, double[] asked, double[] refused) {

    static final int SLICES_PER_SECOND = 10;

    /** Whether it always wants more while it is there. */
    boolean isSaturated() {
        for (double want : wants) {
            if (want > 0) {
                return want == Double.POSITIVE_INFINITY;
            }
        }
        return false;
    }

    /** Of some slices. */
    static double sum(double[] values, int from, int to) {
        double sum = 0;
        for (int slice = from; slice < to; slice++) {
            sum += values[slice];
        }
        return sum;
    }
}
