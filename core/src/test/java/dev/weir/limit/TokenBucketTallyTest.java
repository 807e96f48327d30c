package dev.weir.limit;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class TokenBucketTallyTest {

    private static final long NOW = 1_700_000_000_000_000L;
    private static final Duration SECOND = Duration.ofSeconds(1);

    /** Of fine and coarse ticks, small and as large as can be counted. */
    static final List<TokenBucket> LIMITS = List.of(
            Limit.tokenBucket(10, SECOND),
            Limit.tokenBucket(3, SECOND, 9),
            Limit.tokenBucket(7, Duration.ofMillis(1), 2),
            Limit.tokenBucket(1_000_000_000, SECOND),
            Limit.tokenBucket(1, SECOND, 1),
            Limit.tokenBucket(100_000, Duration.ofDays(1), 200_000),
            Limit.tokenBucket(999_983, Duration.ofDays(30)),
            Limit.tokenBucket(1_000_003, Duration.ofDays(366)),
            Limit.tokenBucket(Limit.EXACT, Duration.ofMillis(1), 72_057_594_037_927L));

    /** Each step on a tally and on the state that it stands for, by a clock that also goes back. */
    @ParameterizedTest
    @FieldSource("LIMITS")
    void take_randomHistories_asTheStepsOfTheState(TokenBucket limit) {
        Random random = new Random(5);
        long periodMicros = limit.periodMicros();
        long permitMicros = Math.max(1, periodMicros / limit.permits());
        TokenBucketState expected = (TokenBucketState) limit.leaving(limit.capacity(), NOW);
        TokenBucketTally tally = Objects.requireNonNull(limit.tally(expected, NOW));
        int permitted = 0;
        int refused = 0;
        long nowMicros = NOW;
        for (int i = 0; i < 20_000; i++) {
            nowMicros += move(random, permitMicros, periodMicros, expected.emptyAtMicros() - nowMicros);
            long cost = 1 + (long) (limit.capacity() * Math.pow(random.nextDouble(), 3));
            if (limit.tally(tally, nowMicros) == null) {
                assertThat(expected.isBelieved(nowMicros, periodMicros)).isFalse();
                expected = expected.at(nowMicros);
                tally = Objects.requireNonNull(limit.tally(expected, nowMicros));
            }
            State advanced = limit.advance(expected, nowMicros);
            boolean permits = cost <= limit.remaining(advanced, nowMicros);

            assertThat(tally.take(cost, nowMicros)).isEqualTo(permits);

            if (permits) {
                expected = (TokenBucketState) limit.charge(advanced, nowMicros, cost);
            }
            permitted += permits ? 1 : 0;
            refused += permits ? 0 : 1;
            assertThat(tally.asState()).isEqualTo(expected);
            assertThat(tally.permitsUsed(nowMicros)).isEqualTo(expected.permitsUsed(nowMicros));
            assertThat(tally.emptyAtMicros()).isEqualTo(expected.emptyAtMicros());
        }
        assertThat(permitted).isGreaterThan(1_000);
        assertThat(refused).isGreaterThan(1_000);
    }

    /** By parts of a permit, to the very moment in which nothing is in use and around it, and back. */
    private static long move(Random random, long permitMicros, long periodMicros, long emptyAfterMicros) {
        return switch (random.nextInt(8)) {
            case 0, 1, 2 -> 0;
            case 3 -> random.nextInt(3);
            case 4 -> (long) (2 * permitMicros * random.nextDouble());
            case 5 -> Math.max(0, emptyAfterMicros + random.nextInt(3) - 1);
            case 6 -> -(long) (periodMicros * random.nextDouble());
            default -> random.nextInt(10) > 0 ? permitMicros : -2 * periodMicros;
        };
    }

    @Test
    void tally_ofItsOwn_itself() {
        TokenBucket limit = Limit.tokenBucket(10, SECOND);
        TokenBucketTally tally = Objects.requireNonNull(limit.tally(limit.leaving(3, NOW), NOW));

        assertThat(limit.tally(tally, NOW)).isSameAs(tally);
        assertThat(limit.tally(tally, NOW - 1_000_000)).isSameAs(tally);
        assertThat(limit.tally(tally, NOW - 1_000_001)).isNull();
    }

    /** The numbers of the bucket are the same, but not how much fits. */
    @Test
    void tally_ofAnotherBurst_countsOnByIt() {
        TokenBucket small = Limit.tokenBucket(10, SECOND, 10);
        TokenBucket large = Limit.tokenBucket(10, SECOND, 20);
        TokenBucketTally tally = Objects.requireNonNull(small.tally(small.leaving(0, NOW), NOW));

        TokenBucketTally other = Objects.requireNonNull(large.tally(tally, NOW));

        assertThat(tally.take(1, NOW)).isFalse();
        assertThat(other.take(10, NOW)).isTrue();
        assertThat(other.take(1, NOW)).isFalse();
    }

    @Test
    void tally_whereMoreCounts_none() {
        TokenBucket limit = Limit.tokenBucket(10, SECOND);
        TokenBucketState state = (TokenBucketState) limit.leaving(3, NOW);
        OutstandingLeases held = OutstandingLeases.NONE.plus(2, NOW + OutstandingLeases.EPOCH_MICROS);

        assertThat(limit.tally(state.usingHeld(state.used(), held), NOW)).isNull();
        assertThat(limit.tally(new StampedState(state, 1_000), NOW)).isNull();
        assertThat(Limit.tokenBucket(11, SECOND).tally(state, NOW)).isNull();
        assertThat(limit.tally(Limit.fixedWindow(10, SECOND).leaving(3, NOW), NOW))
                .isNull();
    }
}
