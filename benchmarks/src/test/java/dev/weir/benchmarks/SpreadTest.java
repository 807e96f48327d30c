package dev.weir.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpreadTest {

    @Test
    void of_oddNumber_takesTheMiddle() {
        assertThat(Spread.of(List.of(9.0, 1.0, 4.0))).isEqualTo(new Spread(4, 1, 9));
    }

    @Test
    void of_evenNumber_takesTheMeanOfTheMiddleTwo() {
        assertThat(Spread.of(List.of(9.0, 1.0, 4.0, 5.0))).isEqualTo(new Spread(4.5, 1, 9));
    }

    @Test
    void of_nothing_isRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> Spread.of(List.of()));
    }

    @Test
    void text_showsTheSpreadWhereThereIsOne() {
        assertThat(new Spread(12_345.6, 12_345.6, 12_345.6).text(0)).isEqualTo("12,346");
        assertThat(new Spread(64.01, 64, 64.3).text(0)).isEqualTo("64");
        assertThat(new Spread(2, 1, 3.25).text(1)).isEqualTo("2.0 (1.0 – 3.3)");
    }

    @Test
    void ratioText_keepsSignificantDigits() {
        assertThat(new Spread(0.012345, 0.001, 1_234.5).ratioText()).isEqualTo("0.0123 (0.001 – 1230)");
    }
}
