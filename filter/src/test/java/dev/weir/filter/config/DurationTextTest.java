package dev.weir.filter.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DurationTextTest {

    @ParameterizedTest
    @CsvSource({
        "100ms, PT0.1S",
        "1s, PT1S",
        "5m, PT5M",
        "2h, PT2H",
        "1d, PT24H",
        "0s, PT0S",
        "PT1.5S, PT1.5S",
        "P1D, PT24H",
        "PT-1S, PT-1S",
        "PT0.000001S, PT0.000001S"
    })
    void parse_duration_meansThat(String text, Duration expected) {
        assertThat(DurationText.parse(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "1, without a unit",
        "1.5, without a unit",
        "-1, without a unit",
        "NaN, not a duration",
        "1 parsec, not a duration",
        "1.5s, not a duration",
        "-1s, not a duration",
        "1S, not a duration",
        "1m30s, not a duration",
        "s, not a duration",
        "٣s, not a duration",
        "999999999999999999d, too large",
        "99999999999999999999s, not a duration",
        "PT99999999999999999999S, not a duration",
        "PT0.0000001S, finer than a microsecond"
    })
    void parse_noDuration_saysWhy(String text, String why) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DurationText.parse(text))
                .withMessageContaining(why);
    }
}
