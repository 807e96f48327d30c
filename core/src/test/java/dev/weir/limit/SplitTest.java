package dev.weir.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SplitTest {

    @Test
    void share_percentagesThatDivide_eachItsPart() {
        assertThat(shares(Split.of(50, 30, 20), 100)).containsExactly(50L, 30L, 20L);
    }

    @Test
    void share_remainders_goToTheLargestThenTheFirst() {
        assertThat(shares(Split.of(33, 33, 34), 10)).containsExactly(3L, 3L, 4L);
        assertThat(shares(Split.of(50, 50), 1)).containsExactly(1L, 0L);
        assertThat(shares(Split.of(1, 99), 10)).containsExactly(0L, 10L);
        assertThat(shares(Split.of(0, 100), 7)).containsExactly(0L, 7L);
        assertThat(shares(Split.of(15, 35, 50), 10)).containsExactly(2L, 3L, 5L);
    }

    @Property
    void share_anyTotalAndSplit_addsUpExactlyAndIsWithinOneOfItsPercentage(
            @ForAll("splits") Split split, @ForAll @LongRange(min = 0, max = Limit.EXACT) long total) {
        List<Long> shares = shares(split, total);

        assertThat(shares.stream().mapToLong(Long::longValue).sum()).isEqualTo(total);
        for (int part = 0; part < split.parts(); part++) {
            double exact = total / 100.0 * split.percents().get(part);
            assertThat((double) shares.get(part)).isBetween(exact - 2, exact + 2);
        }
    }

    @Provide
    Arbitrary<Split> splits() {
        Arbitrary<List<Integer>> cuts =
                Arbitraries.integers().between(0, 100).list().ofMaxSize(20);
        return cuts.map(SplitTest::between);
    }

    /** The lengths between cuts of 0 to 100. */
    private static Split between(List<Integer> cuts) {
        List<Integer> sorted = new ArrayList<>(cuts);
        sorted.add(0);
        sorted.add(100);
        Collections.sort(sorted);
        return new Split(IntStream.range(1, sorted.size())
                .mapToObj(i -> sorted.get(i) - sorted.get(i - 1))
                .toList());
    }

    /** A chi-square test of 10 parts with a fixed seed: below the 0.1 % point of 9 degrees of freedom. */
    @Test
    void pick_manyDraws_uniform() {
        Split split = Split.of(10, 10, 10, 10, 10, 10, 10, 10, 10, 10);
        Random random = new Random(42);
        long[] picked = new long[10];
        int draws = 1_000_000;
        for (int i = 0; i < draws; i++) {
            picked[split.pick(random.nextInt(1 << Split.DRAW_BITS))]++;
        }

        double expected = draws / 10.0;
        double chiSquare = LongStream.of(picked)
                .mapToDouble(count -> (count - expected) * (count - expected) / expected)
                .sum();
        assertThat(chiSquare).isLessThan(27.88);
    }

    @Test
    void pick_leastAndLargestDraw_firstAndLastPart() {
        assertThat(Split.of(1, 1, 98).pick(0)).isZero();
        assertThat(Split.of(1, 1, 98).pick((1 << Split.DRAW_BITS) - 1)).isEqualTo(2);
    }

    @Test
    void new_asManyPartsAsThereCanBe_made() {
        Split split = new Split(Collections.nCopies(Split.MAX_PARTS, 1));

        assertThat(shares(split, 200)).hasSize(Split.MAX_PARTS).containsOnly(2L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "99", "101", "50,49", "50,51", "-1,101", "200,-100"})
    void new_notAddingUpTo100_refused(String percents) {
        List<Integer> parts = percents.isEmpty()
                ? List.of()
                : List.of(percents.split(",")).stream().map(Integer::valueOf).toList();
        assertThatThrownBy(() -> new Split(parts))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("add up to 100")
                .hasMessageContaining(parts.toString());
    }

    private static List<Long> shares(Split split, long total) {
        return IntStream.range(0, split.parts())
                .mapToObj(part -> split.share(total, part))
                .toList();
    }
}
