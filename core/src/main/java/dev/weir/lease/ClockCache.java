package dev.weir.lease;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A map with a largest size that evicts one entry at a time: the next that has not been read since the hand last passed
 * it (the second-chance algorithm, F. Corbat&oacute; 1968).
 *
 * <pre>
 *   ring   | a* | b  | c* | d* |       * read since the hand passed
 *            ^ hand: skips a and takes its mark, evicts b
 * </pre>
 *
 * <p>Reads take no lock, and write only the first time after the hand has passed. Thread-safe.
 */
public final class ClockCache<K, V> {

    private static final class Entry<K, V> {

        private final K key;
        private volatile V value;

        /** Written without a lock: a mark that is lost or late costs one eviction that another entry deserved more. */
        private boolean read;

        /** Where in the ring; guarded by the cache. */
        private int place;

        Entry(K key, V value, int place) {
            this.key = key;
            this.value = value;
            this.place = place;
        }
    }

    private final int most;
    private final Map<K, Entry<K, V>> entries = new ConcurrentHashMap<>();
    private final List<Entry<K, V>> ring = new ArrayList<>();
    private int hand;

    /** @param most the most entries; at least 1 */
    public ClockCache(int most) {
        this.most = most;
    }

    public @Nullable V get(K key) {
        Entry<K, V> entry = entries.get(key);
        if (entry == null) {
            return null;
        }
        if (!entry.read) {
            entry.read = true;
        }
        return entry.value;
    }

    public synchronized void put(K key, V value) {
        Entry<K, V> known = entries.get(key);
        if (known != null) {
            known.value = value;
            return;
        }
        if (ring.size() < most) {
            add(key, value, ring.size());
        } else {
            add(key, value, evict());
        }
    }

    private void add(K key, V value, int place) {
        Entry<K, V> entry = new Entry<>(key, value, place);
        if (place == ring.size()) {
            ring.add(entry);
        } else {
            ring.set(place, entry);
        }
        entries.put(key, entry);
    }

    /**
     * @return the place that is free now; the hand stands behind it, so that a new entry is the last to be looked at
     */
    private int evict() {
        while (ring.get(hand).read) {
            ring.get(hand).read = false;
            hand = next(hand);
        }
        int place = hand;
        entries.remove(ring.get(place).key);
        hand = next(place);
        return place;
    }

    private int next(int place) {
        return place + 1 == ring.size() ? 0 : place + 1;
    }

    public synchronized void remove(K key) {
        Entry<K, V> entry = entries.remove(key);
        if (entry != null) {
            Entry<K, V> last = ring.remove(ring.size() - 1);
            if (last != entry) {
                ring.set(entry.place, last);
                last.place = entry.place;
            }
            hand = hand < ring.size() ? hand : 0;
        }
    }

    public synchronized void clear() {
        entries.clear();
        ring.clear();
        hand = 0;
    }

    public boolean isEmpty() {
        return entries.isEmpty();
    }

    public int size() {
        return entries.size();
    }
}
