package dev.weir.filter.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** The bounds that {@link SpaceSaving} states, on ids of which most come once. */
class SpaceSavingTest {

    private static final int COUNTERS = 50;
    private static final int OCCURRENCES = 20_000;

    @Test
    void manyKeys_everyFrequentOneIsThere_andItsCountIsWithinTheBound() {
        SpaceSaving<String> sketch = new SpaceSaving<>(COUNTERS);
        Map<String, Long> exact = new HashMap<>();
        Random random = new Random(7);
        for (int i = 0; i < OCCURRENCES; i++) {
            String key = random.nextInt(3) == 0 ? "hot-" + random.nextInt(5) : "once-" + random.nextInt(1_000_000);
            sketch.add(key);
            exact.merge(key, 1L, Long::sum);
        }

        List<SpaceSaving.Entry<String>> top = sketch.top(COUNTERS);

        assertThat(top).hasSize(COUNTERS).allSatisfy(entry -> {
            long real = exact.getOrDefault(entry.key(), 0L);
            assertThat(entry.count()).isBetween(real, real + entry.atMostOver());
            assertThat(entry.atMostOver()).isLessThanOrEqualTo(OCCURRENCES / COUNTERS);
        });
        assertThat(top.subList(0, 5))
                .allSatisfy(entry -> assertThat(entry.key()).startsWith("hot-"));
        top.forEach(entry -> exact.remove(entry.key()));
        assertThat(exact.values()).allMatch(real -> real <= sketch.mostOfOthers());
        assertThat(sketch.mostOfOthers()).isLessThanOrEqualTo(OCCURRENCES / COUNTERS);
        assertThat(top).extracting(SpaceSaving.Entry::count).isSortedAccordingTo((a, b) -> Long.compare(b, a));
    }

    @Test
    void asManyKeysAsCounters_areCountedExactly() {
        SpaceSaving<String> sketch = new SpaceSaving<>(2);
        sketch.add("a");
        assertThat(sketch.mostOfOthers()).isZero();
        sketch.add("b");
        sketch.add("a");
        assertThat(sketch.mostOfOthers()).isEqualTo(1);

        assertThat(sketch.top(1)).containsExactly(new SpaceSaving.Entry<>("a", 2, 0));
    }
}
