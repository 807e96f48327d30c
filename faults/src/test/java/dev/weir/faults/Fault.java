package dev.weir.faults;

import java.util.List;
import java.util.function.Function;

/**
 * Something that goes wrong, and what it may cost.
 *
 * @param name as the table shows it
 * @param isInCi whether every build makes it, or only the profile {@code faults}
 * @param redis what the instances share
 * @param allowance what it may cost
 * @param secondOptions those of the virtual machine of the second instance
 * @param act makes it, and returns when it is over
 */
record Fault<R extends AutoCloseable>(
        String name,
        boolean isInCi,
        Arrangement<R> redis,
        Allowance allowance,
        Function<R, List<String>> secondOptions,
        Act<R> act) {

    /** Makes a fault. */
    interface Act<R> {

        void run(Scene scene, R redis) throws Exception;
    }

    static <R extends AutoCloseable> Fault<R> of(String name, Arrangement<R> redis, Allowance allowance, Act<R> act) {
        return new Fault<>(name, false, redis, allowance, none -> List.of(), act);
    }

    Fault<R> inCi() {
        return new Fault<>(name, true, redis, allowance, secondOptions, act);
    }

    /** The same, with options of the virtual machine of the second instance. */
    Fault<R> secondWith(List<String> options) {
        return secondWith(any -> options);
    }

    /** The same, with options that depend on what the instances share. */
    Fault<R> secondWith(Function<R, List<String>> options) {
        return new Fault<>(name, isInCi, redis, allowance, options, act);
    }
}
