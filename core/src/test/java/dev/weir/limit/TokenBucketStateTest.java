package dev.weir.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A bucket of which some is leased: that drains only when its lease has ended. */
class TokenBucketStateTest {

    private static final long NOW = 1_700_000_000_000_000L;
    private static final long EPOCH_END = NOW + 1_000_000;

    /** A permit drains in a millisecond; of the ten in use, three are leased until the epoch ends, two for longer. */
    private static final TokenBucketState LEASED =
            new TokenBucketState(1, 1, 1_000, 10_000, NOW, new OutstandingLeases(3, 2, EPOCH_END, 0));

    @ParameterizedTest
    @CsvSource({
        "-1, 10000",
        "0, 10000",
        "2000, 8000",
        "4999, 5001",
        "5000, 5000",
        "1000000, 5000",
        "1000500, 4500",
        "1003000, 2000",
        "2000000, 2000",
        "2001999, 1",
        "2002000, 0"
    })
    void drained_leasesOfTwoEpochs_eachAfterItsEnd(long afterMicros, long used) {
        assertThat(LEASED.drained(NOW + afterMicros).used()).isEqualTo(used);
        assertThat(LEASED.permitsUsed(NOW + afterMicros)).isEqualTo(Exact.ceilDiv(used, 1_000));
    }

    @ParameterizedTest
    @CsvSource({"10, 0", "8, 2000", "5, 5000", "4, 1001000", "2, 1003000", "1, 2001000", "0, 2002000"})
    void fitsAfterMicros_leasesOfTwoEpochs_waitsForTheirEnds(long permits, long afterMicros) {
        assertThat(LEASED.fitsAfterMicros(permits, NOW)).isEqualTo(afterMicros);
        assertThat(LEASED.fitsAfterMicros(permits, NOW + 100)).isEqualTo(Math.max(0, afterMicros - 100));
    }

    @Test
    void emptyAtMicros_leased_whenTheLastLeaseHasDrained() {
        assertThat(LEASED.emptyAtMicros()).isEqualTo(NOW + 2_002_000);
        assertThat(LEASED.drained(NOW + 2_002_000).held()).isEqualTo(OutstandingLeases.NONE);
    }

    /** Of any leases, in fine and coarse ticks, of which parts drain as well. */
    @Test
    void fitsAfterMicros_anyLeases_fitsThenAndNotBefore() {
        Random random = new Random(7);
        for (int i = 0; i < 20_000; i++) {
            long tickMicros = random.nextBoolean() ? 1 : 1_000;
            long unit = 1 + random.nextInt(30);
            OutstandingLeases held =
                    new OutstandingLeases(random.nextInt(6), random.nextInt(6), NOW + 1 + random.nextInt(5_000), 0);
            long used = held.permits() * unit + random.nextInt(500);
            TokenBucketState state = new TokenBucketState(tickMicros, 1 + random.nextInt(20), unit, used, NOW, held);
            long permits = random.nextInt((int) (used / unit) + 2);

            long fitsAfter = state.fitsAfterMicros(permits, NOW);

            assertThat(state.drained(NOW + fitsAfter).used())
                    .as("%s, %d", state, permits)
                    .isLessThanOrEqualTo(permits * unit);
            assertThat(fitsAfter == 0 || state.drained(NOW + fitsAfter - 1).used() > permits * unit)
                    .as("%s, %d", state, permits)
                    .isTrue();
        }
    }

    /** More is leased than can be counted as use: what is counted stays. */
    @Test
    void drained_moreLeasedThanInUse_nothingDrains() {
        TokenBucketState state =
                new TokenBucketState(1, 1, 1_000, 2_000, NOW, new OutstandingLeases(5, 0, EPOCH_END, 0));

        assertThat(state.drained(EPOCH_END - 1).used()).isEqualTo(2_000);
        assertThat(state.drained(EPOCH_END + 500).used()).isEqualTo(1_500);
    }

    @Test
    void usingHeld_lessInUseThanLeased_whatIsLeasedIsInUse() {
        TokenBucketState state = new TokenBucketState(1, 1, 1_000, 0, NOW);
        OutstandingLeases held = new OutstandingLeases(5, 0, EPOCH_END, 0);

        assertThat(state.usingHeld(4_999, held).used()).isEqualTo(5_000);
        assertThat(state.usingHeld(5_001, held).used()).isEqualTo(5_001);
    }

    @Test
    void drained_closed_untilItsTimeIsOver() {
        OutstandingLeases closed = new OutstandingLeases(0, 0, EPOCH_END, EPOCH_END + 1_000_000);
        TokenBucketState state = new TokenBucketState(1, 1, 1_000, 2_000, NOW, closed);

        assertThat(state.drained(EPOCH_END + 999_999).held()).isEqualTo(closed);
        assertThat(state.drained(EPOCH_END + 1_000_000).held()).isEqualTo(OutstandingLeases.NONE);
        assertThat(state.emptyAtMicros()).isEqualTo(EPOCH_END + 1_000_000);
    }

    @Test
    void held_leasesOfTwoEpochs_eachCountedInItsOwn() {
        long next = EPOCH_END + OutstandingLeases.EPOCH_MICROS;
        OutstandingLeases first = OutstandingLeases.NONE.plus(3, EPOCH_END);

        assertThat(first.epochOf(NOW)).isEqualTo(EPOCH_END);
        assertThat(first.epochOf(NOW + 1)).isEqualTo(next);

        OutstandingLeases both = first.plus(2, next);
        assertThat(both).isEqualTo(new OutstandingLeases(3, 2, EPOCH_END, 0));
        assertThat(both.plus(1, next)).isEqualTo(new OutstandingLeases(3, 3, EPOCH_END, 0));
        assertThat(both.counts(3, EPOCH_END)).isTrue();
        assertThat(both.counts(4, EPOCH_END)).isFalse();
        assertThat(both.counts(2, next)).isTrue();
        assertThat(both.counts(3, next)).isFalse();
        assertThat(both.counts(1, next + 1)).isFalse();
        assertThat(both.minus(2, next)).isEqualTo(first);
        assertThat(both.closed().closedUntilMicros()).isEqualTo(next + OutstandingLeases.EPOCH_MICROS);
        assertThat(first.closed().closedUntilMicros()).isEqualTo(next);
    }
}
