package dev.weir.filter.metrics;

import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The most frequent of any number of keys, in the memory of a fixed number of counters: the algorithm Space-Saving
 * (Metwally, Agrawal, El Abbadi 2005). A key that has no counter takes over the smallest one, and its count with it.
 *
 * <p>Error bound: after {@code n} occurrences with {@code m} counters, an entry's count is never too small, and at most
 * {@link Entry#atMostOver} too large, which is at most {@code n / m}. Every key that occurred more than {@code n / m}
 * times has an entry.
 *
 * <p>An occurrence costs one look-up, and a pass over the counters if the key has none. Thread-safe.
 *
 * @param <K> the keys; they have {@code equals} and {@code hashCode}
 */
final class SpaceSaving<K> {

    /**
     * How often a key occurred.
     *
     * @param count at least as often as it really did
     * @param atMostOver by how much {@code count} may be too large
     */
    record Entry<K>(K key, long count, long atMostOver) {}

    private final int counters;
    private final Map<K, Entry<K>> entries;

    SpaceSaving(int counters) {
        this.counters = counters;
        this.entries = new HashMap<>(counters * 2);
    }

    /** Counts one occurrence. */
    synchronized void add(K key) {
        Entry<K> known = entries.get(key);
        if (known != null) {
            entries.put(key, new Entry<>(key, known.count + 1, known.atMostOver));
        } else if (entries.size() < counters) {
            entries.put(key, new Entry<>(key, 1, 0));
        } else {
            Entry<K> least = least();
            entries.remove(least.key);
            entries.put(key, new Entry<>(key, least.count + 1, least.count));
        }
    }

    /** The most frequent keys, the most frequent first. */
    synchronized List<Entry<K>> top(int most) {
        return entries.values().stream()
                .sorted(Comparator.comparingLong((Entry<K> entry) -> entry.count)
                        .reversed())
                .limit(most)
                .toList();
    }

    /** How often a key that has no counter occurred at most. */
    synchronized long mostOfOthers() {
        return entries.size() < counters ? 0 : least().count;
    }

    private Entry<K> least() {
        return Collections.min(entries.values(), Comparator.comparingLong(Entry::count));
    }
}
