package dev.weir.faults;

import java.util.Comparator;
import java.util.Map;
import java.util.Map.Entry;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What an instance holds after a fault that it did not hold before: threads and heap are to be back where they were.
 *
 * @param threads how many more of each name. The first of a name is none: a worker starts with its first task and
 *     stays, as those that charge debts do with the first outage. Nor are the first two of Redisson's pools
 * @param heapBytes less than 0 if it holds less
 */
record Growth(Map<String, Long> threads, long heapBytes) {

    /** Clients of the last seconds are remembered, and each probe of the test is a new one; none takes a kilobyte. */
    private static final long MOST_BYTES = 2_000_000;

    /** Redisson's pools, which fill when there is a connection: an instance that starts without Redis has none. */
    private static final Set<String> POOLS = Set.of("redisson--", "redisson-netty--");

    private static final long POOL_SIZE = 2;

    /** No instance was there before and is still. */
    private static final Growth UNKNOWN = new Growth(Map.of(), Long.MIN_VALUE);

    /** That of the worst of the instances that were there before and are still. */
    static Growth of(Map<Instance, Footprint> before, Map<Instance, Footprint> after) {
        return after.entrySet().stream()
                .filter(each -> before.containsKey(each.getKey()))
                .map(each -> of(before.get(each.getKey()), each.getValue()))
                .max(Comparator.comparing(Growth::isTooMuch).thenComparing(Growth::heapBytes))
                .orElse(UNKNOWN);
    }

    static Growth of(Footprint before, Footprint after) {
        Map<String, Long> more = after.threads().entrySet().stream()
                .filter(each -> each.getValue() > before(before, each))
                .collect(Collectors.toMap(Entry::getKey, each -> each.getValue() - before(before, each)));
        return new Growth(more, after.heapBytes() - before.heapBytes());
    }

    private static long before(Footprint before, Entry<String, Long> now) {
        long atLeast = POOLS.contains(now.getKey()) ? POOL_SIZE : 1;
        return Math.max(atLeast, before.threads().getOrDefault(now.getKey(), 0L));
    }

    boolean isTooMuch() {
        return !threads.isEmpty() || heapBytes > MOST_BYTES;
    }

    @Override
    public String toString() {
        if (this == UNKNOWN) {
            return "-";
        }
        long count = threads.values().stream().mapToLong(Long::longValue).sum();
        return "%d, %+.1f MB".formatted(count, heapBytes / 1e6);
    }
}
