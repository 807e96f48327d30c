package dev.weir.lease;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClockCacheTest {

    private final ClockCache<String, Integer> cache = new ClockCache<>(3);

    @Test
    void put_full_evictsOneThatWasNotRead() {
        put("a", "b", "c");
        cache.get("a");

        put("d");

        assertThat(cache.size()).isEqualTo(3);
        assertThat(held("a", "b", "c", "d")).containsExactly("a", "c", "d");
    }

    @Test
    void put_allRead_evictsTheOldestAndGivesTheOthersNoThirdChance() {
        put("a", "b", "c");
        held("a", "b", "c");

        put("d", "e");

        assertThat(held("a", "b", "c", "d", "e")).containsExactly("c", "d", "e");
    }

    @Test
    void put_known_replacesItsValueAlone() {
        put("a", "b", "c");

        cache.put("b", 7);

        assertThat(cache.get("b")).isEqualTo(7);
        assertThat(held("a", "b", "c")).containsExactly("a", "b", "c");
    }

    @Test
    void remove_anyPlace_leavesRoomForOneMore() {
        for (String removed : List.of("a", "b", "c")) {
            put("a", "b", "c");
            cache.remove(removed);
            assertThat(cache.get(removed)).isNull();
            put("d");
            assertThat(cache.size()).isEqualTo(3);
            List.of("a", "b", "c", "d").forEach(cache::remove);
            assertThat(cache.isEmpty()).isTrue();
        }
    }

    /** A new entry is the last to be evicted, also where one was removed before it. */
    @ParameterizedTest
    @CsvSource({"d, c, b", "de, c, d"})
    void remove_last_theOldestIsStillEvictedFirst(String later, String removed, String evicted) {
        put("a", "b", "c");
        put(later.split(""));
        cache.remove(removed);

        put("f", "g");

        assertThat(cache.get(evicted)).isNull();
        assertThat(cache.size()).isEqualTo(3);
    }

    @Test
    void clear_full_leavesRoomForAll() {
        put("a", "b", "c");
        put("d");
        assertThat(cache.isEmpty()).isFalse();

        cache.clear();
        assertThat(cache.isEmpty()).isTrue();
        put("e", "f", "g");

        assertThat(held("a", "b", "c", "d", "e", "f", "g")).containsExactly("e", "f", "g");
    }

    /** A scan of many that are read once does not evict those that are read between. */
    @Test
    void put_manyStrangers_doNotEvictWhatIsRead() {
        ClockCache<Integer, Integer> large = new ClockCache<>(100);
        for (int i = 0; i < 50; i++) {
            large.put(i, i);
        }
        for (int stranger = 1_000; stranger < 101_000; stranger++) {
            large.put(stranger, stranger);
            assertThat(large.get(stranger % 50)).isEqualTo(stranger % 50);
        }
        assertThat(large.size()).isEqualTo(100);
    }

    @Test
    void manyThreads_neverAboveItsSizeAndNeverAnotherKeysValue() throws Exception {
        ClockCache<Integer, Integer> shared = new ClockCache<>(64);
        ExecutorService executor = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 0; thread < 4; thread++) {
                running.add(executor.submit(() -> {
                    for (int i = 0; i < 100_000; i++) {
                        int key = ThreadLocalRandom.current().nextInt(200);
                        Integer value = shared.get(key);
                        assertThat(value == null ? key : value).isEqualTo(key);
                        if (i % 7 == 0) {
                            shared.remove(key);
                        } else {
                            shared.put(key, key);
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> thread : running) {
                thread.get(60, TimeUnit.SECONDS);
            }
        } finally {
            executor.shutdownNow();
        }
        assertThat(shared.size()).isLessThanOrEqualTo(64);
    }

    private void put(String... keys) {
        for (String key : keys) {
            cache.put(key, 0);
        }
    }

    private List<String> held(String... keys) {
        return List.of(keys).stream().filter(key -> cache.get(key) != null).toList();
    }
}
