package dev.weir.faults;

/**
 * Something that goes wrong, and what it may cost.
 *
 * @param name as the table shows it
 * @param isInCi whether every build makes it, or only the profile {@code faults}
 * @param redis what the instances share
 * @param allowance what it may cost
 * @param act makes it, and returns when it is over
 */
record Fault<R extends AutoCloseable>(
        String name, boolean isInCi, Arrangement<R> redis, Allowance allowance, Act<R> act) {

    /** Makes a fault. */
    interface Act<R> {

        void run(Scene scene, R redis) throws Exception;
    }

    static <R extends AutoCloseable> Fault<R> of(String name, Arrangement<R> redis, Allowance allowance, Act<R> act) {
        return new Fault<>(name, false, redis, allowance, act);
    }

    Fault<R> inCi() {
        return new Fault<>(name, true, redis, allowance, act);
    }
}
