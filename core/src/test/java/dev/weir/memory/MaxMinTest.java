package dev.weir.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.memory.MaxMin.Want;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class MaxMinTest {

    private static final double UNLIMITED = Double.POSITIVE_INFINITY;

    @Test
    void shares_whatOneLeaves_flowsToTheOthersByWeight() {
        Map<String, Double> shares = MaxMin.shares(
                100,
                Map.of(
                        "little", new Want(5, 10),
                        "some", new Want(1, 20),
                        "more", new Want(1, UNLIMITED),
                        "most", new Want(3, UNLIMITED)));

        assertThat(shares).isEqualTo(Map.of("little", 10.0, "some", 18.0, "more", 18.0, "most", 54.0));
    }

    @Test
    void shares_ofWeight0_areOneHundredthWhileOthersWantTheRest() {
        Map<String, Want> all =
                Map.of("a", new Want(0, UNLIMITED), "b", new Want(0, UNLIMITED), "c", new Want(7, UNLIMITED));
        assertThat(MaxMin.shares(100, all)).isEqualTo(Map.of("a", 0.5, "b", 0.5, "c", 99.0));

        Map<String, Want> little = Map.of("a", new Want(0, UNLIMITED), "c", new Want(7, 20));
        assertThat(MaxMin.shares(100, little)).isEqualTo(Map.of("a", 80.0, "c", 20.0));
    }

    @Test
    void shares_whereThereIsEnough_areWhatIsWanted() {
        assertThat(MaxMin.shares(100, Map.of("a", new Want(1, 60), "b", new Want(9, 30))))
                .isEqualTo(Map.of("a", 60.0, "b", 30.0));
        assertThat(MaxMin.shares(100, Map.of())).isEmpty();
    }

    @Test
    void jain_allAlike_isOne_oneHasAll_isItsPart() {
        assertThat(MaxMin.jain(List.of(0.5, 0.5, 0.5))).isCloseTo(1, within(1e-12));
        assertThat(MaxMin.jain(List.of(2.0, 0.0, 0.0, 0.0))).isCloseTo(0.25, within(1e-12));
    }
}
