package dev.weir.faults;

import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * What an instance holds after a fault that it did not hold before: threads and heap are to be back where they were.
 *
 * @param threads how many more, less than none if there are fewer
 * @param heapBytes likewise
 * @param newThreads those that were not there before, which may have taken the places of others
 */
record Growth(int threads, long heapBytes, List<String> newThreads) {

    /** Clients of the last seconds are remembered, and each probe of the test is a new one; none takes a kilobyte. */
    private static final long MOST_BYTES = 2_000_000;

    /** That of the worst of the instances that were there before and are still. */
    static Growth of(Map<Instance, Footprint> before, Map<Instance, Footprint> after) {
        return after.entrySet().stream()
                .filter(each -> before.containsKey(each.getKey()))
                .map(each -> of(before.get(each.getKey()), each.getValue()))
                .max(Comparator.comparing(Growth::isTooMuch).thenComparing(Growth::threads))
                .orElseThrow();
    }

    static Growth of(Footprint before, Footprint after) {
        List<String> newThreads = after.threads().stream()
                .filter(each -> !before.threads().contains(each))
                .sorted()
                .toList();
        return new Growth(
                after.threads().size() - before.threads().size(), after.heapBytes() - before.heapBytes(), newThreads);
    }

    boolean isTooMuch() {
        return threads > 0 || heapBytes > MOST_BYTES;
    }

    @Override
    public String toString() {
        return "%+d, %+.1f MB".formatted(threads, heapBytes / 1e6);
    }
}
