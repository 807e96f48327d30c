package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TokenBucketRangeTest {

    /** A burst of 280 million at one a year fits in units of a second, but would take longer than microseconds can say. */
    @Test
    void tokenBucket_fillsLongerThanTimeCanBeCounted_refusedWithLargestBurst() {
        assertThatThrownBy(() -> Limit.tokenBucket(1, Limit.MAX_PERIOD, 280_000_000))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("may be at most 284");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 7, 1_000, 1_234_567, 123_456_791})
    void tokenBucket_largestBurst_resetAfterIsExact(long permits) {
        Duration period = Limit.MAX_PERIOD;
        long largest = largestBurst(permits, period);

        TokenBucket limit = Limit.tokenBucket(permits, period, largest);
        State full = limit.charge(limit.advance(null, 0), largest);

        assertThat(limit.resetAfterMicros(full, 0)).isBetween(1L, Limit.EXACT);
        assertThatThrownBy(() -> Limit.tokenBucket(permits, period, largest + 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static long largestBurst(long permits, Duration period) {
        try {
            Limit.tokenBucket(permits, period, Limit.EXACT);
            return Limit.EXACT;
        } catch (IllegalArgumentException e) {
            return Long.parseLong(e.getMessage().replaceAll(".*at most (\\d+)$", "$1"));
        }
    }
}
