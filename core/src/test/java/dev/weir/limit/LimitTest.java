package dev.weir.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.weir.Policy;
import dev.weir.limit.SlidingLogState.Entry;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class LimitTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration DAY = Duration.ofDays(1);

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE, Limit.EXACT + 1, Long.MAX_VALUE})
    void factories_permitsOutOfRange_saidWithTheBound(long permits) {
        Stream.<LongFunction<Limit>>of(
                        n -> Limit.tokenBucket(n, SECOND),
                        n -> Limit.tokenBucket(n, SECOND, 1),
                        n -> Limit.fixedWindow(n, SECOND))
                .forEach(factory -> assertThatIllegalArgumentException()
                        .isThrownBy(() -> factory.apply(permits))
                        .withMessage("permits must be a whole number from 1 to 9007199254740992, but is %d", permits));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Limit.tokenBucket(1, SECOND, permits))
                .withMessage("burst must be a whole number from 1 to 9007199254740992, but is %d", permits);
    }

    static Stream<Duration> badPeriods() {
        return Stream.of(
                Duration.ZERO,
                Duration.ofMillis(1).minusNanos(1),
                Duration.ofMillis(-1),
                Duration.ofNanos(1_000_001),
                Duration.ofDays(366).plusNanos(1_000),
                Duration.ofSeconds(Long.MAX_VALUE),
                Duration.ofSeconds(Long.MIN_VALUE));
    }

    @ParameterizedTest
    @MethodSource("badPeriods")
    void factories_periodOutOfRange_saidWithTheBounds(Duration period) {
        String message = "period must be from 1 ms to 366 days in whole microseconds, but is " + period;

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Limit.tokenBucket(1, period))
                .withMessage(message);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Limit.fixedWindow(1, period))
                .withMessage(message);
    }

    @Test
    void factories_shortestAndLongestPeriod_made() {
        for (Duration period : new Duration[] {Limit.MIN_PERIOD, Limit.MAX_PERIOD, Duration.ofNanos(1_001_000)}) {
            assertThat(Limit.tokenBucket(1, period).period()).isEqualTo(period);
            assertThat(Limit.fixedWindow(Limit.EXACT, period).period()).isEqualTo(period);
        }
    }

    @Test
    void tokenBucket_burstTooLargeForMicroseconds_countedInMilliseconds() {
        assertThat(Limit.tokenBucket(1_234_567, DAY, 104_249).tickMicros()).isEqualTo(1);
        assertThat(Limit.tokenBucket(1_234_567, DAY, 104_250).tickMicros()).isEqualTo(1_000);
    }

    /** 104,250 days are more microseconds than can be counted, in whatever ticks. */
    @Test
    void tokenBucket_burstTooLarge_saidWithTheLargest() {
        assertThat(Limit.tokenBucket(1, DAY, 104_249).capacity()).isEqualTo(104_249);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Limit.tokenBucket(1, DAY, 104_250))
                .withMessage("1 permits per PT24H with a burst of 104250 cannot be counted exactly:"
                        + " the burst may be at most 104249");
    }

    /** So many permits a tick that a part of a tick cannot be counted: coarser ticks do not help. */
    @Test
    void tokenBucket_ratePerTickTooLarge_saidWithTheLargestBurst() {
        assertThat(Limit.tokenBucket(Limit.EXACT - 1, DAY, 104_249).capacity()).isEqualTo(104_249);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Limit.tokenBucket(Limit.EXACT - 1, DAY, 104_250))
                .withMessageEndingWith("the burst may be at most 104249");
    }

    @Test
    void tokenBucket_millionPerSecond_countedInMicroseconds() {
        TokenBucket bucket = Limit.tokenBucket(1_000_000, SECOND);

        assertThat(bucket.tickMicros()).isEqualTo(1);
        assertThat(bucket.rate()).isEqualTo(1);
        assertThat(bucket.unit()).isEqualTo(1);
    }

    @Test
    void tokenBucket_commonDivisor_reduced() {
        TokenBucket bucket = Limit.tokenBucket(86_400_000, DAY);

        assertThat(bucket.rate()).isEqualTo(1);
        assertThat(bucket.unit()).isEqualTo(1_000);
    }

    @Test
    void capacity_burstAndWindow_asGiven() {
        assertThat(Limit.tokenBucket(10, SECOND).capacity()).isEqualTo(10);
        assertThat(Limit.tokenBucket(10, SECOND, 3).capacity()).isEqualTo(3);
        assertThat(Limit.tokenBucket(10, SECOND, 3).permits()).isEqualTo(10);
        assertThat(Limit.fixedWindow(10, SECOND).capacity()).isEqualTo(10);
    }

    @Test
    void equals_sameNumbers_equalAndNamedAlike() {
        assertThat(Limit.tokenBucket(10, SECOND))
                .isEqualTo(Limit.tokenBucket(10, Duration.ofMillis(1_000), 10))
                .hasSameHashCodeAs(Limit.tokenBucket(10, SECOND, 10))
                .hasToString("token-bucket 10 per PT1S, burst 10")
                .isNotEqualTo(Limit.tokenBucket(10, SECOND, 11))
                .isNotEqualTo(Limit.tokenBucket(20, Duration.ofSeconds(2), 10))
                .isNotEqualTo(Limit.fixedWindow(10, SECOND));
    }

    @ParameterizedTest
    @EnumSource(names = {"FIXED_WINDOW", "SLIDING_WINDOW", "SLIDING_LOG"})
    void equals_windowsOfTheSameNumbers_equalAndNamedAlike(Algorithm algorithm) {
        assertThat(Limit.of(algorithm, Rate.of(10, SECOND)))
                .isEqualTo(Limit.of(algorithm, Rate.of(10, SECOND)))
                .hasSameHashCodeAs(Limit.of(algorithm, Rate.of(10, SECOND)))
                .hasToString(algorithm + " 10 per PT1S")
                .isNotEqualTo(Limit.of(algorithm, Rate.of(11, SECOND)))
                .isNotEqualTo(Limit.of(algorithm, Rate.of(10, DAY)));
    }

    @ParameterizedTest
    @EnumSource
    void equals_sameNumbersByAnotherAlgorithm_notEqual(Algorithm algorithm) {
        Limit limit = Limit.of(algorithm, Rate.of(10, SECOND));

        assertThat(Algorithm.values())
                .filteredOn(other -> limit.equals(Limit.of(other, Rate.of(10, SECOND))))
                .containsExactly(algorithm);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "7", "search", "per-second_2", "A-", "x_"})
    void isName_lettersDigitsDashes_aName(String name) {
        assertThat(Policy.of(name, Limit.fixedWindow(1, SECOND)).name()).isEqualTo(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "-a", "_a", "a b", "a:b", "a.b", "ä", "a\n", "{a}", "٣"})
    void new_notAName_saidWhatIsOne(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Policy.of(name, Limit.fixedWindow(1, SECOND)))
                .withMessageContaining("1 to 64 letters, digits, '-' and '_'")
                .withMessageEndingWith("but is '%s'", name);
    }

    @Test
    void isName_length_upTo64() {
        assertThat(Names.isPolicyName("a".repeat(64))).isTrue();
        assertThat(Names.isPolicyName("a".repeat(65))).isFalse();
    }

    /** In bytes of UTF-8, of which a character takes one to three. */
    @Test
    void isId_length_upTo256Bytes() {
        assertThat(Names.isId("")).isFalse();
        assertThat(Names.isId("a".repeat(256))).isTrue();
        assertThat(Names.isId("a".repeat(257))).isFalse();
        assertThat(Names.isId("\u20ac".repeat(85))).isTrue();
        assertThat(Names.isId("\u20ac".repeat(86))).isFalse();
        assertThat(Names.requireId("a client id", "alice")).isEqualTo("alice");
        assertThat(Names.requirePartName("search.all")).isEqualTo("search.all");
    }

    @Test
    @SuppressWarnings("NullAway")
    void new_policyWithoutLimit_refused() {
        assertThatNullPointerException().isThrownBy(() -> Policy.of("p", null)).withMessage("limit");
    }

    /** An application that types a limit and a dot is shown what a limit is, and not the steps of a store. */
    @Test
    void limit_instanceMethods_areNoStoreSteps() {
        assertThat(Limit.class.getMethods())
                .filteredOn(method -> !Modifier.isStatic(method.getModifiers()))
                .extracting(Method::getName)
                .containsExactlyInAnyOrder("algorithm", "permits", "period", "capacity", "meter");
    }

    /** More than a window's permits, times its ticks, would be no exact number any more: so it is never taken over. */
    @Test
    void advance_hugeUseOfAnotherLimit_refusesUntilThatHasDrained() {
        SlidingWindow limit = Limit.slidingWindow(1_000, Duration.ofDays(1));
        long windowAt = 20_000 * limit.periodMicros();
        State huge = new FixedWindowState(limit.periodMicros(), Limit.EXACT, windowAt);

        State advanced = limit.advance(huge, windowAt + 1);

        assertThat(limit.remaining(advanced, windowAt + 1)).isZero();
        assertThat(limit.retryAfterMicros(advanced, windowAt + 1, 1)).isEqualTo(limit.periodMicros() - 1);
        assertThat(limit.remaining(limit.advance(huge, windowAt + limit.periodMicros()), windowAt))
                .isEqualTo(1_000);
    }

    /**
     * A clock that was set back takes a state along; what two windows counted is then one window's, as far as it can be
     * counted.
     */
    @Test
    void at_windowsWithTheirClockSetBack_stayAlignedAndForgetNothing() {
        FixedWindowState window = new FixedWindowState(1_000, 7, 5_000);
        SlidingWindowState sliding = new SlidingWindowState(1, 1_000, 7, 4, 5_000);

        assertThat(window.at(2_345)).isEqualTo(new FixedWindowState(1_000, 7, 2_000));
        assertThat(sliding.at(2_345)).isEqualTo(new SlidingWindowState(1, 1_000, 11, 0, 2_000));
    }

    @Test
    void at_logWithItsClockSetBack_keepsWhatIsEarlierAndMovesTheRest() {
        SlidingLogState log = new SlidingLogState(
                1_000, List.of(new Entry(5_000, 1), new Entry(5_100, 2), new Entry(5_200, 4)), 5_200);

        assertThat(log.at(5_050))
                .isEqualTo(new SlidingLogState(1_000, List.of(new Entry(5_000, 1), new Entry(5_050, 6)), 5_050));
    }

    /** Leases live as long as before, by the new time. */
    @Test
    void at_bucketWithItsClockSetBack_takesItsLeasesAlong() {
        TokenBucketState bucket =
                new TokenBucketState(1, 1, 1_000, 9_000, 7_000_000, new OutstandingLeases(3, 2, 7_400_000, 9_400_000));

        assertThat(bucket.at(6_000_000))
                .isEqualTo(new TokenBucketState(
                        1, 1, 1_000, 9_000, 6_000_000, new OutstandingLeases(3, 2, 6_400_000, 8_400_000)));
    }

    /** A permit is ten units, of which three drain a microsecond: after four it has drained, and a part of another. */
    @Test
    void givenBack_chargeThatHasJustDrained_changesNothing() {
        TokenBucket limit = Limit.tokenBucket(300, Limit.MIN_PERIOD);
        long now = 1_700_000_000_000_000L;
        State charged = limit.charge(limit.advance(null, now), now, 6);

        assertThat(limit.givenBack(charged, 1, now, now + 4)).isEqualTo(charged);
        assertThat(limit.givenBack(charged, 1, now, now + 3))
                .isEqualTo(new TokenBucketState(1, 3, 10, 60 - 9 - 1, now + 3));
    }

    /** What was taken in a window counts by a part in the next as well. */
    @Test
    void emptyAtMicros_slidingWindow_aPeriodAfterTheWindowOfTheLastUse() {
        assertThat(new SlidingWindowState(1, 1_000, 7, 4, 5_000).emptyAtMicros())
                .isEqualTo(7_000);
        assertThat(new SlidingWindowState(1, 1_000, 0, 4, 5_000).emptyAtMicros())
                .isEqualTo(6_000);
        assertThat(new SlidingWindowState(1, 1_000, 0, 0, 5_000).emptyAtMicros())
                .isEqualTo(5_000);
    }

    /** Up to what can be counted: that many permits, times the ticks of the window. */
    @Test
    void owing_moreThanCanBeCounted_asMuchAsCan() {
        long most = Limit.EXACT / 1_000;

        assertThat(new SlidingWindowState(1, 1_000, 7, 4, 5_000).owing(Limit.EXACT))
                .isEqualTo(new SlidingWindowState(1, 1_000, most, 4, 5_000));
        assertThat(new FixedWindowState(1_000, 7, 5_000).owing(Limit.EXACT))
                .isEqualTo(new FixedWindowState(1_000, Limit.EXACT, 5_000));
        assertThat(new SlidingLogState(1_000, List.of(new Entry(5_000, 7)), 5_000).owing(Limit.EXACT))
                .isEqualTo(new SlidingLogState(1_000, List.of(new Entry(5_000, 2 * SlidingLog.MAX_PERMITS)), 5_000));
    }

    @Test
    void owing_meterFullOrNot_whatFitsIsChargedAndTheRestOwed() {
        TokenBucket limit = Limit.tokenBucket(10, SECOND);
        long now = 1_700_000_000_000_000L;
        State used = limit.charge(limit.advance(null, now), now, 7);

        assertThat(limit.owing(used, now, 3).permitsUsed(now)).isEqualTo(10);
        assertThat(limit.owing(used, now, 8).permitsUsed(now)).isEqualTo(15);
        assertThat(limit.owing(limit.owing(used, now, 8), now, 5).permitsUsed(now))
                .isEqualTo(20);
    }

    @Test
    void windows_numbersOfTheirScripts_asGiven() {
        SlidingWindow inMicros = Limit.slidingWindow(10, SECOND);
        SlidingWindow inMillis = Limit.slidingWindow(1_000_000, DAY);

        assertThat(Limit.fixedWindow(10, SECOND).periodMicros()).isEqualTo(1_000_000);
        assertThat(Limit.slidingLog(10, SECOND).periodMicros()).isEqualTo(1_000_000);
        assertThat(Limit.slidingLog(10, SECOND).permits()).isEqualTo(10);
        assertThat(inMicros.permits()).isEqualTo(10);
        assertThat(inMicros.tickMicros()).isEqualTo(1);
        assertThat(inMicros.periodTicks()).isEqualTo(1_000_000);
        assertThat(inMicros.periodMicros()).isEqualTo(1_000_000);
        assertThat(inMillis.tickMicros()).isEqualTo(1_000);
        assertThat(inMillis.periodTicks()).isEqualTo(86_400_000);
        assertThat(inMillis.periodMicros()).isEqualTo(86_400_000_000L);
    }
}
