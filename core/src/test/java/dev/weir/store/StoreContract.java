package dev.weir.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.limit.Algorithm;
import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Permitted;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Exact;
import dev.weir.limit.FixedWindow;
import dev.weir.limit.Limit;
import dev.weir.limit.LimitVectors;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.limit.Reason;
import dev.weir.limit.SlidingWindow;
import dev.weir.limit.Split;
import dev.weir.limit.Terms;
import dev.weir.limit.TokenBucket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every store promises. To test a store, extend this class and say where the store is and how its clock is set.
 *
 * <p>Time stands still unless a test moves it, at any speed and in any direction. A store whose server forgets states
 * by a clock of its own must keep them long enough while the test sets the time.
 */
public abstract class StoreContract {

    private static final long SECOND = 1_000_000;

    private static final long NOW = 1_700_000_000 * SECOND;
    private static final TokenBucket TEN_PER_SECOND = bucket(10, 1);
    private static final Subject ALICE = Subject.client("alice");
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);
    private static final long LATEST_ORIGIN = Limit.EXACT - 2 * 86_400 * SECOND;

    /** The store under test: the same throughout a test, and empty when it begins. */
    protected abstract Store store();

    /** Sets the clock by which the store decides. */
    protected abstract void setNowMicros(long nowMicros);

    @BeforeEach
    void startTheClock() {
        setNowMicros(NOW);
    }

    static Stream<Limit> limits() {
        return Stream.of(
                TEN_PER_SECOND,
                Limit.tokenBucket(3, Duration.ofSeconds(1), 9),
                Limit.tokenBucket(100, Duration.ofSeconds(1), 7),
                Limit.tokenBucket(1, Duration.ofMinutes(1), 20),
                Limit.tokenBucket(7, Duration.ofMillis(1)),
                Limit.tokenBucket(1_000_000, Duration.ofSeconds(1)),
                Limit.tokenBucket(1_234_567, DAY),
                Limit.tokenBucket(123_456_791, DAY),
                Limit.tokenBucket(8, Duration.ofDays(366)),
                Limit.fixedWindow(10, Duration.ofSeconds(1)),
                Limit.fixedWindow(7, Duration.ofMillis(1)),
                Limit.fixedWindow(1_000_000, Duration.ofSeconds(1)),
                Limit.fixedWindow(1_234_567, DAY),
                Limit.fixedWindow(8, Duration.ofDays(366)),
                Limit.slidingWindow(10, Duration.ofSeconds(1)),
                Limit.slidingWindow(7, Duration.ofMillis(1)),
                Limit.slidingWindow(1_000_000, Duration.ofSeconds(1)),
                Limit.slidingWindow(1_234_567, DAY),
                Limit.slidingWindow(8, Duration.ofDays(366)),
                Limit.slidingLog(10, Duration.ofSeconds(1)),
                Limit.slidingLog(7, Duration.ofMillis(1)),
                Limit.slidingLog(10_000, DAY),
                Limit.slidingLog(8, Duration.ofDays(366)));
    }

    static Stream<LimitVectors.Case> vectors() {
        return LimitVectors.all();
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void tryAcquire_vectors_everyStepAsWritten(LimitVectors.Case vector) {
        int row = 0;
        for (LimitVectors.Step step : vector.steps()) {
            setNowMicros(step.atMicros());
            assertThat(take("alice", step.limit(), step.cost()))
                    .as("step %d of '%s'", ++row, vector)
                    .isEqualTo(step.expected("policy"));
        }
    }

    @ParameterizedTest
    @MethodSource("limits")
    void tryAcquire_wholeCapacityInParts_nothingMore(Limit limit) {
        long part = Math.max(1, limit.capacity() / 7);
        for (long left = limit.capacity(); left > 0; left -= part) {
            Decision decision = take("alice", limit, Math.min(part, left));
            assertThat(decision).isInstanceOf(Permitted.class);
            assertThat(decision.remaining()).isEqualTo(Math.max(0, left - part));
        }

        assertThat(take("alice", limit, 1)).isInstanceOf(Rejected.class);
    }

    @ParameterizedTest
    @MethodSource("limits")
    void tryAcquire_costOfSeven_asSevenTimesOne(Limit limit) {
        Decision once = take("alice", limit, 7);

        Decision last = null;
        for (int i = 0; i < 7; i++) {
            last = take("bob", limit, 1);
        }

        assertThat(last).isEqualTo(once);
        assertThat(once.permitted()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("limits")
    void tryAcquire_costAboveCapacity_neverAndNothingCharged(Limit limit) {
        Rejected refused = (Rejected) take("alice", limit, limit.capacity() + 1);

        assertThat(refused.reason()).isEqualTo(Reason.COST_ABOVE_LIMIT);
        assertThat(refused.retryAfterMicros()).isEqualTo(Rejected.NEVER);
        assertThat(refused.remaining()).isEqualTo(limit.capacity());
        assertThat(refused.resetAfterMicros()).isZero();
        assertThat(take("alice", limit, limit.capacity()).permitted()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("limits")
    void tryAcquire_refused_passesAfterRetryAfterAndNotBefore(Limit limit) {
        for (long cost : new long[] {1, 2, limit.capacity() / 2, limit.capacity()}) {
            String client = "cost " + cost;
            setNowMicros(NOW + 123);
            take(client, limit, limit.capacity());

            assertPassesOnlyAfterRetryAfter(client, limit, cost, NOW + 123);
        }
    }

    @ParameterizedTest
    @MethodSource("limits")
    void tryAcquire_lastPermits_statesWhenTheSamePassesOnceMore(Limit limit) {
        for (long cost : new long[] {1, 2, limit.capacity() / 2, limit.capacity() - 1, limit.capacity()}) {
            String client = "cost " + cost;
            StoreRequest call = StoreRequest.of(client, List.of(new Charge("policy", limit, cost)));
            setNowMicros(NOW + 123);
            if (cost < limit.capacity()) {
                take(client, limit, limit.capacity() - cost);
            }
            StoreReply.Decided last = (StoreReply.Decided) join(store().tryAcquire(call));

            assertThat(last.decisions().get(0).permitted()).as(client).isTrue();
            assertThat(last.againAfterMicros())
                    .as(client)
                    .isEqualTo(((Rejected) take(client, limit, cost)).retryAfterMicros());
            setNowMicros(NOW + 123 + last.againAfterMicros());
            StoreReply.Decided next = (StoreReply.Decided) join(store().tryAcquire(call));
            assertThat(next.decisions().get(0).permitted()).as(client).isTrue();
        }
    }

    @Test
    void tryAcquire_lastPermitsOfOneOfSeveral_statesWhenAllPassOnceMore() {
        List<Charge> charges = List.of(charge("one", 1), charge("other", 10), charge("third", 5));

        StoreReply.Decided last = (StoreReply.Decided) join(store().tryAcquire(StoreRequest.of("alice", charges)));
        StoreReply.Decided refused = (StoreReply.Decided) join(store().tryAcquire(StoreRequest.of("alice", charges)));

        assertThat(last.againAfterMicros()).isEqualTo(SECOND);
        assertThat(refused.againAfterMicros()).as("nothing was charged").isZero();
    }

    @ParameterizedTest
    @MethodSource("limits")
    void tryAcquire_afterResetAfter_wholeLimitAndNotBefore(Limit limit) {
        setNowMicros(NOW + 123);
        long resetAfterMicros = take("alice", limit, 5).resetAfterMicros();

        setNowMicros(NOW + 123 + resetAfterMicros - 1);
        assertThat(take("alice", limit, limit.capacity()))
                .isInstanceOfSatisfying(
                        Rejected.class,
                        early -> assertThat(early.resetAfterMicros()).isEqualTo(1));
        setNowMicros(NOW + 123 + resetAfterMicros);
        assertThat(take("alice", limit, limit.capacity()).permitted()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("limits")
    void tryAcquire_timestampAtBothBoundsAndBeyond_takenAndRejected(Limit limit) {
        long maxAge = 60 * SECOND;
        long maxSkew = 5 * SECOND;

        Rejected stale = (Rejected) takeAt(NOW - maxAge - 1, "alice", limit, 1, maxAge, maxSkew);
        Rejected future = (Rejected) takeAt(NOW + maxSkew + 7, "alice", limit, 1, maxAge, maxSkew);

        assertThat(stale).isEqualTo(new Rejected("policy", limit, limit.capacity(), 0, Reason.STALE, Rejected.NEVER));
        assertThat(future).isEqualTo(new Rejected("policy", limit, limit.capacity(), 0, Reason.FUTURE, 7));
        long whole = limit.capacity();
        assertThat(takeAt(NOW - maxAge, "old", limit, whole, maxAge, maxSkew).permitted())
                .isTrue();
        assertThat(takeAt(NOW + maxSkew, "new", limit, whole, maxAge, maxSkew).permitted())
                .isTrue();
        assertThat(take("alice", limit, whole).permitted())
                .as("nothing was charged")
                .isTrue();
    }

    @Test
    void tryAcquire_timestampOutside_leavesAndStatesWhatIsUsed() {
        take("alice", TEN_PER_SECOND, 4);

        assertThat(takeAt(NOW + 2 * SECOND, "alice", TEN_PER_SECOND, 1, SECOND, SECOND))
                .isEqualTo(new Rejected("policy", TEN_PER_SECOND, 6, 400_000, Reason.FUTURE, SECOND));
        assertThat(takeAt(NOW - 2 * SECOND, "alice", TEN_PER_SECOND, 11, SECOND, SECOND))
                .isEqualTo(new Rejected("policy", TEN_PER_SECOND, 6, 400_000, Reason.STALE, Rejected.NEVER));
        assertThat(take("alice", TEN_PER_SECOND, 6).remaining()).isZero();
    }

    /**
     * In the caller's time all is as by the clock: used up, a microsecond early, due; wherever within the bounds that
     * lies.
     */
    @ParameterizedTest
    @MethodSource("limits")
    void tryAcquire_timestamps_passWhenDueInTheirOwnTime(Limit limit) {
        long maxAge = 86_400 * SECOND;
        for (long from : new long[] {NOW - maxAge + 3, NOW - 3 * SECOND, NOW}) {
            String client = "from " + from;
            assertThat(takeAt(from, client, limit, limit.capacity(), maxAge, 0).permitted())
                    .isTrue();
            Rejected same = (Rejected) takeAt(from, client, limit, 1, maxAge, 0);
            Rejected back = (Rejected) takeAt(from - 3, client, limit, 1, maxAge, 0);
            long due = from + same.retryAfterMicros();

            assertThat(back.retryAfterMicros()).isEqualTo(same.retryAfterMicros() + 3);
            assertThat(back.resetAfterMicros()).isEqualTo(same.resetAfterMicros() + 3);
            setNowMicros(Math.max(NOW, due));
            assertThat(takeAt(due - 1, client, limit, 1, maxAge, 0))
                    .isInstanceOfSatisfying(
                            Rejected.class,
                            early -> assertThat(early.retryAfterMicros()).isEqualTo(1));
            assertThat(takeAt(due, client, limit, 1, maxAge, 0).permitted()).isTrue();
            setNowMicros(NOW);
        }
    }

    /** Without memory of what timestamps did, each of these rounds would get what the one before had. */
    @ParameterizedTest
    @MethodSource("limits")
    void tryAcquire_aheadAndPlainInTurn_timePassesOnce(Limit limit) {
        long maxSkew = 60 * SECOND;
        long ahead = NOW + maxSkew;
        long taken = 0;
        for (int round = 0; round < 20; round++) {
            for (long at : new long[] {NOW, ahead}) {
                taken +=
                        takeAt(at, "alice", limit, limit.capacity(), 0, maxSkew).permitted() ? limit.capacity() : 0;
            }
            taken += take("alice", limit, limit.capacity()).permitted() ? limit.capacity() : 0;
        }

        // Now, and again as far ahead as that has come back; once.
        assertThat(taken).isBetween(limit.capacity(), 2 * limit.capacity());
    }

    @Test
    void tryAcquire_plainAfterAhead_waitsForTheClientsTime() {
        takeAt(NOW + 3 * SECOND, "alice", TEN_PER_SECOND, 10, 0, 5 * SECOND);

        Rejected plain = (Rejected) take("alice", TEN_PER_SECOND, 1);
        assertThat(plain.retryAfterMicros()).isEqualTo(3_100_000);
        assertThat(plain.resetAfterMicros()).isEqualTo(4 * SECOND);
        setNowMicros(NOW + 3_100_000 - 1);
        assertThat(take("alice", TEN_PER_SECOND, 1).permitted()).isFalse();
        setNowMicros(NOW + 3_100_000);
        assertThat(take("alice", TEN_PER_SECOND, 1).permitted()).isTrue();
    }

    /**
     * Used up in the past, the limit is whole by the clock; but not for callers that still give timestamps of that
     * past.
     */
    @ParameterizedTest
    @MethodSource("limits")
    void tryAcquire_emptyByTheClockButUsedInThePast_isNotForgotten(Limit limit) {
        long maxAge = 86_400 * SECOND;
        long past = NOW - maxAge;
        takeAt(past, "alice", limit, limit.capacity(), maxAge, 0);

        assertThat(takeAt(past, "alice", limit, 1, maxAge, 0).permitted()).isFalse();
        take("alice", limit, 1);
        assertThat(takeAt(past, "alice", limit, limit.capacity(), maxAge, 0).permitted())
                .isFalse();
    }

    @ParameterizedTest
    @MethodSource("limits")
    void tryAcquire_clockPutBackUnderTimestamps_waitsAMinuteOrAPeriodAtMost(Limit limit) {
        takeAt(NOW, "alice", limit, limit.capacity(), 0, 60 * SECOND);
        setNowMicros(NOW - 800 * 86_400 * SECOND);

        Rejected plain = (Rejected) take("alice", limit, 1);

        assertThat(plain.retryAfterMicros()).isLessThanOrEqualTo(2 * Exact.micros(limit.period()));
    }

    @Test
    void tryAcquire_clockPutBackByLessThanAMinute_believedOnlyWhereATimestampCanHaveLedThere() {
        takeAt(NOW, "stamped", TEN_PER_SECOND, 10, 0, 0);
        take("plain", TEN_PER_SECOND, 10);
        setNowMicros(NOW - 60 * SECOND);

        assertThat(((Rejected) take("stamped", TEN_PER_SECOND, 1)).retryAfterMicros())
                .isEqualTo(60 * SECOND + 100_000);
        assertThat(((Rejected) take("plain", TEN_PER_SECOND, 1)).retryAfterMicros())
                .isEqualTo(100_000);
        setNowMicros(NOW - 60 * SECOND - 1);
        assertThat(((Rejected) take("stamped", TEN_PER_SECOND, 1)).retryAfterMicros())
                .isEqualTo(100_000);
    }

    @Test
    void tryAcquire_clockFarAheadAndBack_timestampsCountFromTheClock() {
        setNowMicros(NOW + 3_600 * SECOND);
        takeAt(NOW + 3_600 * SECOND, "alice", TEN_PER_SECOND, 10, SECOND, SECOND);
        setNowMicros(NOW);

        assertThat(takeAt(NOW - SECOND, "alice", TEN_PER_SECOND, 1, SECOND, SECOND))
                .isEqualTo(new Rejected("policy", TEN_PER_SECOND, 0, 2 * SECOND, Reason.LIMIT, SECOND + 100_000));
        assertThat(takeAt(NOW + SECOND, "alice", TEN_PER_SECOND, 10, SECOND, SECOND)
                        .permitted())
                .isTrue();
    }

    @Test
    void tryAcquire_limitChangesUnderTimestamps_staysAhead() {
        long ahead = NOW + 30 * SECOND;
        takeAt(ahead, "alice", TEN_PER_SECOND, 10, 0, 60 * SECOND);

        for (Limit other : List.of(
                Limit.fixedWindow(10, Duration.ofMillis(1)),
                Limit.slidingWindow(10, Duration.ofSeconds(1)),
                Limit.slidingLog(10, Duration.ofSeconds(1)),
                Limit.tokenBucket(10, Duration.ofSeconds(2)))) {
            assertThat(take("alice", other, 10))
                    .as("%s", other)
                    .isInstanceOfSatisfying(
                            Rejected.class,
                            rejected -> assertThat(rejected.retryAfterMicros()).isGreaterThan(29 * SECOND));
        }
    }

    @Test
    void tryAcquire_severalCharges_allChargedInOrder() {
        FixedWindow twenty = Limit.fixedWindow(20, DAY);

        List<Decision> decisions = decide(
                "alice", new Charge("second", TEN_PER_SECOND, 4), new Charge("day", twenty, 5), charge("other", 1));

        assertThat(decisions).extracting(Decision::policy).containsExactly("second", "day", "other");
        assertThat(decisions).extracting(Decision::remaining).containsExactly(6L, 15L, 9L);
        assertThat(decisions).allMatch(Decision::permitted);
        assertThat(decide("alice", charge("second", 7)).get(0).permitted()).isFalse();
        assertThat(decide("alice", new Charge("day", twenty, 16)).get(0).permitted())
                .isFalse();
    }

    @Test
    void tryAcquire_lastOfSeveralRefused_firstPermittedButNotCharged() {
        decide("alice", charge("b", 8));

        List<Decision> decisions = decide("alice", charge("a", 3), charge("b", 3));

        assertThat(decisions.get(0)).isEqualTo(new Permitted("a", TEN_PER_SECOND, 10, 0, Reason.OK));
        assertThat(decisions.get(1)).isEqualTo(new Rejected("b", TEN_PER_SECOND, 2, 800_000, Reason.LIMIT, 100_000));
        assertThat(decide("alice", charge("a", 10), charge("b", 2))).allMatch(Decision::permitted);
    }

    @Test
    void tryAcquire_firstOfSeveralRefused_lastPermittedButNotCharged() {
        decide("alice", charge("a", 8), charge("b", 1));

        List<Decision> decisions = decide("alice", charge("a", 3), charge("b", 3));

        assertThat(decisions).extracting(Decision::permitted).containsExactly(false, true);
        assertThat(decisions).extracting(Decision::remaining).containsExactly(2L, 9L);
        assertThat(decide("alice", charge("a", 2), charge("b", 9))).allMatch(Decision::permitted);
    }

    @Test
    void tryAcquire_oneOfSeveralAboveItsLimit_noneCharged() {
        List<Decision> decisions = decide("alice", charge("a", 10), charge("b", 11), charge("c", 1));

        assertThat(decisions)
                .extracting(Decision::reason)
                .containsExactly(Reason.OK, Reason.COST_ABOVE_LIMIT, Reason.OK);
        assertThat(decisions).extracting(Decision::remaining).containsOnly(10L);
        assertThat(decide("alice", charge("a", 10), charge("b", 10), charge("c", 10)))
                .allMatch(Decision::permitted);
    }

    @Test
    void tryAcquire_manyCharges_eachCountsOnItsOwn() {
        Charge[] charges = LongStream.rangeClosed(1, 10)
                .mapToObj(cost -> charge("policy-" + cost, cost))
                .toArray(Charge[]::new);

        assertThat(decide("alice", charges))
                .extracting(Decision::remaining)
                .containsExactly(9L, 8L, 7L, 6L, 5L, 4L, 3L, 2L, 1L, 0L);
    }

    @Test
    void tryAcquire_otherClientOrPolicy_undisturbed() {
        decide("alice", charge("search", 10));

        assertThat(decide("alice", charge("search", 1)).get(0).permitted()).isFalse();
        assertThat(decide("bob", charge("search", 10)).get(0).permitted()).isTrue();
        assertThat(decide("alice", charge("searches", 10)).get(0).permitted()).isTrue();
        assertThat(decide("search", charge("alice", 10)).get(0).permitted()).isTrue();
    }

    @Test
    void tryAcquire_oddClientIds_eachOnItsOwn() {
        List<String> ids = List.of(
                "a".repeat(256),
                "a".repeat(255) + "b",
                "ü".repeat(128),
                "a",
                "A",
                "a ",
                " a",
                " ",
                "a:b",
                "b:a",
                "{a}",
                "{a",
                "}a{",
                "{}",
                "{}a",
                "a\u0000",
                "a\u0000b",
                "\r\n\t\u0001\u007f",
                "müller",
                "mu\u0308ller",
                "\ud83d\ude80",
                "\ud83d\ude81",
                "漢字",
                "*",
                "?",
                "[a-z]",
                "a,b;c=\"d\"",
                "\\",
                "'; return 1 --",
                "%s%n",
                "-1",
                "0",
                "1e9",
                "nil");
        for (String id : ids) {
            assertThat(take(id, TEN_PER_SECOND, 10).permitted()).as(id).isTrue();
        }
        for (String id : ids) {
            assertThat(take(id, TEN_PER_SECOND, 1).permitted()).as(id).isFalse();
        }
    }

    /** Each limit to each other one, with all permits of the first in use. */
    @ParameterizedTest
    @MethodSource("limits")
    void tryAcquire_limitChangedInFlight_usageKept(Limit before) {
        limits().forEach(after -> {
            String client = "to " + after;
            setNowMicros(NOW + 123);
            take(client, before, before.capacity());

            if (after.capacity() > before.capacity()) {
                Decision difference = take(client, after, after.capacity() - before.capacity());
                assertThat(difference.permitted()).as(client).isTrue();
                assertThat(difference.remaining()).as(client).isZero();
            }
            assertPassesOnlyAfterRetryAfter(client, after, 1, NOW + 123);
        });
    }

    @Test
    void tryAcquire_limitAlternates_usageCountsUnderBoth() {
        TokenBucket twenty = bucket(20, 1);
        for (int i = 0; i < 5; i++) {
            assertThat(take("alice", TEN_PER_SECOND, 1).permitted()).isTrue();
            assertThat(take("alice", twenty, 1).permitted()).isTrue();
        }

        assertThat(take("alice", TEN_PER_SECOND, 1).permitted()).isFalse();
        assertThat(take("alice", twenty, 10).remaining()).isZero();
        assertThat(take("alice", twenty, 1).permitted()).isFalse();
    }

    @ParameterizedTest
    @MethodSource("limits")
    void tryAcquire_clockBackByLessThanAPeriod_nothingRefilledNorLost(Limit limit) {
        Rejected before = exhaust("alice", limit, NOW + 123);
        long backMicros = Exact.micros(limit.period()) / 2;

        setNowMicros(NOW + 123 - backMicros);
        Rejected after = (Rejected) take("alice", limit, 1);

        assertThat(after.remaining()).isZero();
        assertThat(after.retryAfterMicros()).isEqualTo(before.retryAfterMicros() + backMicros);
        assertPassesOnlyAfterRetryAfter("alice", limit, 1, NOW + 123 - backMicros);
    }

    @ParameterizedTest
    @MethodSource("limits")
    void tryAcquire_clockFarBack_noRequestWaitsLongerThanThePeriod(Limit limit) {
        exhaust("alice", limit, NOW + 123);
        long backMicros = 3 * Exact.micros(limit.period());

        setNowMicros(NOW + 123 - backMicros);
        Rejected after = (Rejected) take("alice", limit, 1);

        assertThat(after.retryAfterMicros()).isBetween(1L, longestWaitMicros(limit));
        assertPassesOnlyAfterRetryAfter("alice", limit, 1, NOW + 123 - backMicros);
    }

    @ParameterizedTest
    @MethodSource("limits")
    void tryAcquire_clockFarAheadForAWhile_noRequestWaitsLongerThanThePeriod(Limit limit) {
        exhaust("alice", limit, NOW + 123);
        exhaust("alice", limit, NOW + 123 + 100 * Exact.micros(limit.period()));

        setNowMicros(NOW + 123);
        Rejected after = (Rejected) take("alice", limit, 1);

        assertThat(after.retryAfterMicros()).isBetween(1L, longestWaitMicros(limit));
        assertPassesOnlyAfterRetryAfter("alice", limit, 1, NOW + 123);
    }

    static LongStream origins() {
        return LongStream.concat(
                LongStream.of(0, 1, 999_999, Limit.EXACT / 2, LATEST_ORIGIN),
                ThreadLocalRandom.current().longs(5, 0, LATEST_ORIGIN));
    }

    @ParameterizedTest
    @MethodSource("origins")
    void tryAcquire_anyOriginOfTheClock_sameDecisions(long originMicros) {
        for (Limit limit : List.of(TEN_PER_SECOND, bucket(3, 1), bucket(1, 60), Limit.fixedWindow(5, DAY))) {
            exhaust(limit.toString(), limit, originMicros);
            assertPassesOnlyAfterRetryAfter(limit.toString(), limit, 1, originMicros);
        }
    }

    @Test
    void tryAcquire_manyThreadsOneClient_exactlyTheLimit() throws Exception {
        AtomicLong admitted = new AtomicLong();

        inParallel(8, () -> {
            for (int i = 0; i < 50; i++) {
                admitted.addAndGet(take("alice", bucket(100, 1), 1).permitted() ? 1 : 0);
            }
        });

        assertThat(admitted).hasValue(100);
    }

    @Test
    void tryAcquire_manyThreadsSeveralPolicies_noneChargedWithoutTheOther() throws Exception {
        AtomicLong admitted = new AtomicLong();
        TokenBucket wide = bucket(100, 1);
        TokenBucket narrow = bucket(61, 1);

        inParallel(8, () -> {
            for (int i = 0; i < 25; i++) {
                boolean permitted =
                        decide("alice", new Charge("wide", wide, 2), new Charge("narrow", narrow, 2)).stream()
                                .allMatch(Decision::permitted);
                admitted.addAndGet(permitted ? 2 : 0);
            }
        });

        assertThat(admitted).hasValue(60);
        assertThat(decide("alice", new Charge("wide", wide, 40)).get(0).remaining())
                .isZero();
        assertThat(decide("alice", new Charge("narrow", narrow, 1)).get(0).remaining())
                .isZero();
    }

    @ParameterizedTest
    @MethodSource("limits")
    void giveBack_atOnce_asIfNeverCharged(Limit limit) {
        setNowMicros(NOW + 123);
        long kept = limit.capacity() / 3;
        if (kept > 0) {
            take("alice", limit, kept);
            take("bob", limit, kept);
        }

        long cost = limit.capacity() - kept;
        giveBack("alice", limit, cost, charged("alice", limit, cost));

        assertThat(take("alice", limit, cost))
                .isEqualTo(take("bob", limit, cost))
                .matches(Decision::permitted);
    }

    @ParameterizedTest
    @MethodSource("limits")
    void giveBack_chargedMoreSince_onlyWhatWasTaken(Limit limit) {
        long first = limit.capacity() - limit.capacity() / 2;
        long at = charged("alice", limit, first);
        if (first < limit.capacity()) {
            take("alice", limit, limit.capacity() - first);
        }

        giveBack("alice", limit, first, at);

        assertThat(take("alice", limit, limit.capacity() + 1).remaining()).isEqualTo(first);
    }

    @Test
    void giveBack_bucketDrainedInPart_whatIsSurelyStillIn() {
        long at = charged("alice", TEN_PER_SECOND, 8);
        setNowMicros(NOW + 300_001); // Three permits have come back, and a little.

        giveBack("alice", TEN_PER_SECOND, 8, at);

        assertThat(take("alice", TEN_PER_SECOND, 11).remaining()).isEqualTo(10);
        take("alice", TEN_PER_SECOND, 10);
        assertThat(take("alice", TEN_PER_SECOND, 1).permitted()).isFalse();
    }

    /**
     * Here the charge has drained with what others took: to give it back whole would permit more than ever came back.
     */
    @Test
    void giveBack_bucketDrainedAndFilledByOthers_neverMoreThanTheBurst() {
        long at = charged("alice", TEN_PER_SECOND, 5);
        setNowMicros(NOW + SECOND / 2);
        take("alice", TEN_PER_SECOND, 10);

        giveBack("alice", TEN_PER_SECOND, 5, at);

        assertThat(take("alice", TEN_PER_SECOND, 1))
                .isInstanceOfSatisfying(
                        Rejected.class,
                        rejected -> assertThat(rejected.remaining()).isZero());
        setNowMicros(NOW + SECOND / 2 - 1);
        long later = charged("bob", TEN_PER_SECOND, 5);
        setNowMicros(NOW + SECOND / 2 + 299_999);
        take("bob", TEN_PER_SECOND, 8);
        giveBack("bob", TEN_PER_SECOND, 5, later);
        assertThat(take("bob", TEN_PER_SECOND, 11).remaining()).isEqualTo(2);
    }

    /**
     * A tick that has begun may end a moment after the charge is given back, and drains then what is left: it counts as
     * drained.
     */
    @Test
    void giveBack_bucketWithinACoarseTick_theTickCountsAsDrained() {
        Limit limit = Limit.tokenBucket(
                1_000 * 86_400 + 1, DAY, 200_000_000); // A tick of a second drains 1,000 permits, and a little.
        long at = charged("alice", limit, 5_000);
        setNowMicros(NOW + SECOND / 2);
        take("alice", limit, 5_000);

        giveBack("alice", limit, 5_000, at);

        setNowMicros(NOW + SECOND);
        assertThat(take("alice", limit, 200_000_001).remaining()).isEqualTo(200_000_000 - 5_000);
    }

    /**
     * A limit for which all is over may judge so, but a refusal must not make others forget what still counts for them.
     */
    @Test
    void tryAcquire_refusedUnderAShorterPeriod_nothingForgotten() {
        take("alice", Limit.slidingLog(1, Duration.ofSeconds(1)), 1);
        setNowMicros(NOW + 3_000);
        take("alice", Limit.slidingLog(1, Duration.ofMillis(1)), 2);

        assertThat(take("alice", TEN_PER_SECOND, 11).remaining()).isEqualTo(9);
    }

    /** Each limit to each other one: lowered, asked and raised again, at one moment. */
    @ParameterizedTest
    @MethodSource("limits")
    void tryAcquire_refusedUnderAnyOtherLimit_nothingFreed(Limit limit) {
        limits().forEach(other -> {
            String client = "by " + other;
            setNowMicros(NOW + 123);
            take(client, limit, limit.capacity());
            Decision before = take(client, limit, 1);

            assertThat(take(client, other, other.capacity() + 1).permitted()).isFalse();
            assertThat(take(client, other, Math.max(1, other.capacity() - limit.capacity() + 1))
                            .permitted())
                    .as(client)
                    .isFalse();

            assertThat(take(client, limit, 1)).as(client).isEqualTo(before);
        });
    }

    /** 100 a day beside ten times as much, in turn: never more than the larger one at once. */
    @ParameterizedTest
    @MethodSource("algorithms")
    void tryAcquire_smallerAndLargerLimitInTurn_neverMoreThanTheLarger(Algorithm algorithm) {
        Limit small = Limit.of(algorithm, Rate.of(100, DAY));
        Limit large = Limit.of(algorithm, Rate.of(1_000, DAY));
        long permitted = 0;
        for (int i = 0; i < 5; i++) {
            permitted += takeAll("alice", large, 100);
            permitted += takeAll("alice", small, 10);
        }

        assertThat(permitted).isEqualTo(1_000);
    }

    static Stream<Algorithm> algorithms() {
        return Stream.of(Algorithm.values());
    }

    private long takeAll(String client, Limit limit, long cost) {
        long taken = 0;
        while (take(client, limit, cost).permitted()) {
            taken += cost;
        }
        return taken;
    }

    @Test
    void replace_bucketIsDeletedAndMadeAgain_nothingOfItIsUsed() {
        Overrides numbers =
                new Overrides(Overrides.NO_VERSION, null, Map.of(Overrides.BUCKET, Terms.rate(Rate.of(100, DAY))));
        Subject bucket = Subject.bucket("t1");
        join(store().replace(bucket, Overrides.NO_VERSION, numbers));
        assertThat(takeOf(bucket, 100).permitted()).isTrue();
        assertThat(takeOf(bucket, 1).permitted()).isFalse();

        join(store().replace(bucket, join(store().overrides(bucket)).version(), Overrides.NONE));
        join(store().replace(bucket, Overrides.NO_VERSION, numbers));

        assertThat(takeOf(bucket, 1).remaining()).isEqualTo(99);
    }

    private Decision takeOf(Subject bucket, long cost) {
        Limit limit = Limit.tokenBucket(100, DAY);
        long version = join(store().overrides(bucket)).version();
        StoreReply answer = ask(new StoreRequest(bucket, version, List.of(new Charge(Overrides.BUCKET, limit, cost))));
        return ((StoreReply.Decided) answer).decisions().get(0);
    }

    /**
     * What is lent comes back within three seconds if the instance that holds it sends no heartbeat any more: its
     * leases end, and it refills.
     */
    @Test
    void lease_ofASlowBucket_noMoreThanComesBackInASecond() {
        Limit slow = Limit.tokenBucket(6_000, Duration.ofMinutes(1));
        assertThat(lent(slow, 1_000, 1)).isEqualTo(100);
        assertThat(lent(slow, 1_000, 1)).as("all together").isZero();
        assertThat(lent(Limit.tokenBucket(100_000, DAY), 1_000, 1)).isLessThanOrEqualTo(1);
        // Counted in seconds, of which each drains so much that a product would not fit.
        assertThat(lent(Limit.tokenBucket(100_000_000_000L, Duration.ofDays(366), 1_000), 1_000, 1))
                .isLessThanOrEqualTo(100);

        setNowMicros(NOW + 3 * SECOND);

        assertThat(take("slow", slow, 6_000).permitted()).isTrue();
    }

    @ParameterizedTest
    @EnumSource(names = {"FIXED_WINDOW", "SLIDING_WINDOW"})
    void lease_ofAWindow_manyInstancesTogetherHaveATenthOfWhatIsLeft(Algorithm algorithm) {
        Limit limit = Limit.of(algorithm, Rate.of(100_000, Duration.ofSeconds(10)));
        take("window", limit, 80_000);
        long lent = 0;
        for (int i = 0; i < 16; i++) {
            lent += lent("window", limit, 10_000, 16);
        }
        assertThat(lent).isBetween(1_000L, 2_000L);

        Limit slow = Limit.of(algorithm, Rate.of(100_000, DAY));
        assertThat(lent("slow", slow, 10_000, 1)).isEqualTo(1);
    }

    private long lent(Limit limit, long wanted, int instances) {
        return lent("slow", limit, wanted, instances);
    }

    private long lent(String client, Limit limit, long wanted, int instances) {
        LeaseCall ask =
                new LeaseCall(Subject.client(client), Overrides.NO_VERSION, "policy", limit, 0, wanted, Grant.NONE, 0);
        return ((StoreReply.Leased) join(store().lease(ask.among(instances))))
                .grant()
                .permits();
    }

    @Test
    void listen_eachChangeIsAnnounced_andNothingElse() {
        Queue<Subject> changes = new ConcurrentLinkedQueue<>();
        AtomicBoolean hadGap = new AtomicBoolean();
        store().listen(new ChangeListener() {
            @Override
            public void onChange(Subject subject) {
                changes.add(subject);
            }

            @Override
            public void onGap() {
                hadGap.set(true);
            }
        });
        await().untilTrue(hadGap);
        Subject bucket = Subject.bucket("tenant 7");
        for (Subject subject : List.of(ALICE, bucket)) {
            for (Overrides next : List.of(Overrides.NONE.withPlan("gold"), Overrides.NONE)) {
                changes.clear();
                long version = join(store().overrides(subject)).version();
                assertThat(join(store().replace(subject, version + 1, next))).isFalse();
                assertThat(join(store().replace(subject, version, next))).isTrue();
                await().untilAsserted(() -> assertThat(changes).containsExactly(subject));
            }
        }
    }

    @Test
    void giveBack_someIsLeased_thatStaysInUse() {
        Limit hundred = Limit.tokenBucket(100, TEN_SECONDS);
        long at = charged("alice", hundred, 80);
        LeaseCall ask = new LeaseCall(ALICE, Overrides.NO_VERSION, "policy", hundred, 0, 10, Grant.NONE, 0);
        Grant grant = ((StoreReply.Leased) join(store().lease(ask))).grant();
        assertThat(grant.permits()).isEqualTo(10);

        giveBack("alice", hundred, 80, at);

        assertThat(take("alice", hundred, 101).remaining()).isEqualTo(90);
        join(store().lease(new LeaseCall(ALICE, Overrides.NO_VERSION, "policy", hundred, 0, 0, grant, 4)));
        assertThat(take("alice", hundred, 101).remaining()).isEqualTo(94);
    }

    /**
     * Of a burst that was smaller for a while not all is in use that has been charged: what is leased is not to be
     * returned for it.
     */
    @Test
    void giveBack_burstWasSmallerMeanwhile_whatIsLeasedStaysInUse() {
        Limit hundred = Limit.tokenBucket(100, TEN_SECONDS);
        long at = charged("alice", hundred, 80);
        join(store().lease(new LeaseCall(ALICE, Overrides.NO_VERSION, "policy", hundred, 0, 10, Grant.NONE, 0)));
        take("alice", Limit.tokenBucket(100, DAY, 15), 1);

        giveBack("alice", hundred, 80, at);

        setNowMicros(NOW + SECOND); // The lease is over, and may have been spent.
        assertThat(take("alice", hundred, 101).remaining()).isEqualTo(90);
    }

    @ParameterizedTest
    @MethodSource("limits")
    void giveBack_aTimestampHasMovedTheState_nothing(Limit limit) {
        long at = charged("alice", limit, limit.capacity());
        List<Charge> charges = List.of(new Charge("policy", limit, limit.capacity()));
        StoreRequest stamped = new StoreRequest(
                Subject.client("bob"), Overrides.NO_VERSION, charges, new Timestamp(NOW, SECOND, SECOND));
        long stampedAt = ((StoreReply.Decided) ask(stamped)).atMicros();

        join(store().giveBack(stamped, stampedAt));
        giveBack("bob", limit, limit.capacity(), stampedAt);
        giveBack("alice", limit, limit.capacity(), at);

        assertThat(take("bob", limit, limit.capacity() + 1).remaining()).isZero();
        assertThat(take("alice", limit, limit.capacity() + 1).remaining()).isEqualTo(limit.capacity());
    }

    /** What was decided from a lease was never charged by that call. */
    @Test
    void giveBack_whatTheStoreDidNotDecide_nothing() {
        charged("alice", TEN_PER_SECOND, 10);

        giveBack("alice", TEN_PER_SECOND, 10, StoreReply.Decided.NOT_GIVEN_BACK);

        assertThat(take("alice", TEN_PER_SECOND, 11).remaining()).isZero();
    }

    static Stream<Limit> windows() {
        return Stream.of(Limit.fixedWindow(10, DAY), Limit.slidingWindow(10, DAY));
    }

    @ParameterizedTest
    @MethodSource("windows")
    void giveBack_inALaterWindow_nothing(Limit limit) {
        long at = charged("alice", limit, 10);
        setNowMicros(NOW + 86_400 * SECOND);
        long leftWithout = take("alice", limit, 11).remaining();
        if (leftWithout > 0) {
            take("alice", limit, leftWithout);
        }

        giveBack("alice", limit, 10, at);

        assertThat(take("alice", limit, 1).permitted()).isFalse();
    }

    @Test
    void giveBack_entryInTheMiddleOfALog_thatOneAndNoOther() {
        Limit limit = Limit.slidingLog(10, Duration.ofSeconds(1));
        take("alice", limit, 2);
        setNowMicros(NOW + 100);
        long at = charged("alice", limit, 3);
        take("alice", limit, 1);
        setNowMicros(NOW + 200);
        take("alice", limit, 4);

        giveBack("alice", limit, 3, at);

        assertThat(take("alice", limit, 11).remaining()).isEqualTo(3);
        setNowMicros(NOW + SECOND);
        assertThat(take("alice", limit, 11).remaining()).isEqualTo(5);
        setNowMicros(NOW + SECOND + 100);
        assertThat(take("alice", limit, 11).remaining()).isEqualTo(6);
        setNowMicros(NOW + SECOND + 200);
        assertThat(take("alice", limit, 11).remaining()).isEqualTo(10);
    }

    @ParameterizedTest
    @MethodSource("limits")
    void giveBack_underOtherNumbersByThen_nothing(Limit limit) {
        long oneMore = limit.capacity() + 1;
        Limit other = limit instanceof FixedWindow
                ? Limit.slidingWindow(oneMore, limit.period())
                : Limit.fixedWindow(oneMore, limit.period());
        long at = charged("alice", limit, limit.capacity());
        assertThat(take("alice", other, 1).permitted()).isTrue();

        giveBack("alice", limit, limit.capacity(), at);

        assertThat(take("alice", other, 1).permitted()).isFalse();
    }

    @Test
    void giveBack_otherOverridesByThen_nothing() {
        long at = charged("alice", TEN_PER_SECOND, 10);
        join(store().replace(ALICE, Overrides.NO_VERSION, weight(2)));

        giveBack("alice", TEN_PER_SECOND, 10, at);

        long version = join(store().overrides(ALICE)).version();
        StoreRequest one = new StoreRequest(ALICE, version, List.of(new Charge("policy", TEN_PER_SECOND, 1)));
        assertThat(ask(one))
                .isInstanceOfSatisfying(
                        StoreReply.Decided.class,
                        decided -> assertThat(decided.decisions().get(0).permitted())
                                .isFalse());
    }

    @ParameterizedTest
    @MethodSource("limits")
    void giveBack_clockWentBack_nothing(Limit limit) {
        setNowMicros(NOW + 123);
        long at = charged("alice", limit, limit.capacity());
        setNowMicros(NOW + 122);

        giveBack("alice", limit, limit.capacity(), at);

        assertThat(take("alice", limit, 1).permitted()).isFalse();
        setNowMicros(NOW + 123);
        assertThat(take("alice", limit, 1).permitted()).isFalse();
    }

    @Test
    void giveBack_nothingThere_stays() {
        giveBack("alice", TEN_PER_SECOND, 10, NOW);

        assertThat(take("alice", TEN_PER_SECOND, 10).remaining()).isZero();
    }

    @Test
    void giveBack_severalChargesOfABucket_each() {
        Subject bucket = Subject.bucket("bucket");
        join(store().replace(bucket, Overrides.NO_VERSION, weight(2)));
        long version = join(store().overrides(bucket)).version();
        StoreRequest call = new StoreRequest(bucket, version, List.of(charge("first", 10), charge("second", 4)));
        StoreReply.Decided decided = (StoreReply.Decided) ask(call);

        join(store().giveBack(call, decided.atMicros()));

        assertThat(decided.atMicros()).isEqualTo(NOW);
        assertThat(ask(new StoreRequest(bucket, version, List.of(charge("first", 10), charge("second", 10)))))
                .matches(StoreContract::isPermitted);
    }

    @Test
    void giveBack_manyThreads_whatIsKeptIsUsedAndNothingElse() throws Exception {
        AtomicLong kept = new AtomicLong();
        TokenBucket thousand = bucket(1_000, 1);

        inParallel(8, () -> {
            for (int i = 0; i < 40; i++) {
                long at = charged("alice", thousand, 3);
                if (i % 2 == 0) {
                    giveBack("alice", thousand, 3, at);
                } else {
                    kept.addAndGet(3);
                }
            }
        });

        assertThat(take("alice", thousand, 1_001).remaining()).isEqualTo(1_000 - kept.get());
    }

    /** When the store permitted it. */
    private long charged(String client, Limit limit, long cost) {
        StoreReply.Decided decided =
                (StoreReply.Decided) ask(StoreRequest.of(client, List.of(new Charge("policy", limit, cost))));
        assertThat(decided.decisions().get(0).permitted()).isTrue();
        return decided.atMicros();
    }

    private void giveBack(String client, Limit limit, long cost, long atMicros) {
        join(store().giveBack(StoreRequest.of(client, List.of(new Charge("policy", limit, cost))), atMicros));
    }

    @ParameterizedTest
    @MethodSource("limits")
    void owe_whatFits_asIfCharged(Limit limit) {
        setNowMicros(NOW + 123);
        long kept = limit.capacity() / 3;
        long owed = limit.capacity() / 2;
        if (kept > 0) {
            take("alice", limit, kept);
            take("bob", limit, kept);
        }
        if (owed > 0) {
            take("alice", limit, owed);
            owe("bob", limit, owed);
        }

        assertThat(take("bob", limit, limit.capacity() + 1)).isEqualTo(take("alice", limit, limit.capacity() + 1));
        assertThat(take("bob", limit, limit.capacity() - kept - owed).permitted())
                .isTrue();
    }

    /** What is admitted stays admitted: it is paid back by waiting. */
    @ParameterizedTest
    @MethodSource("limits")
    void owe_beyondTheLimit_refusedUntilItHasDrained(Limit limit) {
        take("alice", limit, limit.capacity());
        Rejected whole = (Rejected) take("alice", limit, 1);
        owe("alice", limit, limit.capacity());

        Rejected beyond = (Rejected) take("alice", limit, 1);

        assertThat(beyond.remaining()).isZero();
        assertThat(beyond.retryAfterMicros()).isGreaterThanOrEqualTo(whole.retryAfterMicros());
        setNowMicros(NOW + beyond.retryAfterMicros() - 1);
        assertThat(take("alice", limit, 1).permitted()).isFalse();
        setNowMicros(NOW + beyond.retryAfterMicros());
        assertThat(take("alice", limit, 1).permitted()).isTrue();
    }

    @Test
    void owe_beyondABucketsBurst_drainsAtItsRate() {
        take("alice", TEN_PER_SECOND, 10);
        owe("alice", TEN_PER_SECOND, 5);

        assertThat(((Rejected) take("alice", TEN_PER_SECOND, 1)).retryAfterMicros())
                .isEqualTo(600_000);
        setNowMicros(NOW + SECOND);
        assertThat(take("alice", TEN_PER_SECOND, 11).remaining()).isEqualTo(5);
    }

    @ParameterizedTest
    @MethodSource("limits")
    void owe_anyAmount_countedExactlyAndNoFurther(Limit limit) {
        for (int i = 0; i < 3; i++) {
            owe("alice", limit, Limit.EXACT);
        }

        Rejected refused = (Rejected) take("alice", limit, 1);

        assertThat(refused.remaining()).isZero();
        assertThat(refused.retryAfterMicros()).isBetween(1L, Limit.EXACT);
        assertThat(refused.resetAfterMicros()).isBetween(refused.retryAfterMicros(), Limit.EXACT);
    }

    /** A store is made ready so before it is in force. */
    @ParameterizedTest
    @MethodSource("limits")
    void owe_nothing_leavesNothing(Limit limit) {
        owe("alice", limit, 0);

        assertThat(take("alice", limit, limit.capacity()).permitted()).isTrue();
    }

    @Test
    void owe_severalCharges_each() {
        TokenBucket wide = bucket(100, 1);
        FixedWindow narrow = Limit.fixedWindow(10, DAY);

        join(store().owe(StoreRequest.of(
                "alice", List.of(new Charge("wide", wide, 30), new Charge("narrow", narrow, 12)))));

        assertThat(decide("alice", new Charge("wide", wide, 101)).get(0).remaining())
                .isEqualTo(70);
        assertThat(decide("alice", new Charge("narrow", narrow, 1)).get(0).permitted())
                .isFalse();
    }

    @Test
    void owe_otherOverridesByThen_charged() {
        join(store().replace(ALICE, Overrides.NO_VERSION, new Overrides(1, "gold", Map.of())));
        owe("alice", TEN_PER_SECOND, 4);
        long version = join(store().overrides(ALICE)).version();

        StoreReply answer = join(
                store().tryAcquire(new StoreRequest(ALICE, version, List.of(new Charge("policy", TEN_PER_SECOND, 7)))));

        assertThat(((StoreReply.Decided) answer).decisions().get(0).remaining()).isEqualTo(6);
    }

    /** In use under a larger limit, more than this one's burst: it is not forgotten when more is charged. */
    @Test
    void owe_inUseUnderALargerLimit_bothAreInUse() {
        TokenBucket large = bucket(100, 1);
        TokenBucket small = bucket(10, 1);
        take("alice", large, 50);
        owe("alice", small, 5);

        assertThat(take("alice", large, 101).remaining()).isEqualTo(45);
    }

    @Test
    void owe_manyThreads_allOfIt() throws Exception {
        TokenBucket limit = bucket(1_000, 1);
        inParallel(8, () -> {
            for (int i = 0; i < 25; i++) {
                owe("alice", limit, 2);
            }
        });

        assertThat(take("alice", limit, 1_001).remaining()).isEqualTo(600);
    }

    private void owe(String client, Limit limit, long cost) {
        join(store().owe(StoreRequest.of(client, List.of(new Charge("policy", limit, cost)))));
    }

    @Test
    void replace_everythingThatCanBeSet_isReadAsWritten() {
        Overrides all = new Overrides(
                7,
                "gold",
                Map.of(
                        "search", new Terms(new Rate(5, Duration.ofMillis(7), 9), 3L, Split.of(50, 30, 20)),
                        "export", Terms.weight(0),
                        "largest", new Terms(new Rate(Limit.EXACT, Limit.MAX_PERIOD, Limit.EXACT), Limit.EXACT, null)));

        assertThat(join(store().replace(ALICE, Overrides.NO_VERSION, all))).isTrue();

        Overrides read = join(store().overrides(ALICE));
        assertThat(read.plan()).isEqualTo("gold");
        assertThat(read.terms()).isEqualTo(all.terms());
        assertThat(read.version()).isNotEqualTo(Overrides.NO_VERSION);
        assertThat(join(store().overrides(Subject.client("bob")))).isEqualTo(Overrides.NONE);
        assertThat(join(store().overrides(Subject.bucket("alice")))).isEqualTo(Overrides.NONE);
    }

    @Test
    void replace_unexpectedVersion_changesNothing() {
        join(store().replace(ALICE, Overrides.NO_VERSION, weight(2)));
        long version = join(store().overrides(ALICE)).version();

        assertThat(join(store().replace(ALICE, Overrides.NO_VERSION, weight(3))))
                .isFalse();
        assertThat(join(store().replace(ALICE, version + 1, weight(3)))).isFalse();
        assertThat(join(store().overrides(ALICE)).of("policy").weight()).isEqualTo(2);
        assertThat(join(store().replace(ALICE, version, weight(4)))).isTrue();
        assertThat(join(store().overrides(ALICE)).version()).isNotEqualTo(version);
    }

    @Test
    void replace_byNothing_isAsIfNeverSetAndTheOldVersionStaysUnknown() {
        join(store().replace(ALICE, Overrides.NO_VERSION, weight(2)));
        long before = join(store().overrides(ALICE)).version();
        join(store().replace(ALICE, before, Overrides.NONE));

        assertThat(join(store().overrides(ALICE))).isEqualTo(Overrides.NONE);
        join(store().replace(ALICE, Overrides.NO_VERSION, weight(3)));
        assertThat(join(store().overrides(ALICE)).version()).isNotEqualTo(before);
    }

    @Test
    void tryAcquire_otherVersionThanTheStores_outdatedAndNothingCharged() {
        List<Charge> ten = List.of(new Charge("policy", TEN_PER_SECOND, 10));
        join(store().replace(ALICE, Overrides.NO_VERSION, weight(2)));
        Overrides inForce = join(store().overrides(ALICE));

        assertThat(ask(StoreRequest.of("alice", ten))).isEqualTo(new StoreReply.Outdated(inForce));
        assertThat(ask(new StoreRequest(ALICE, inForce.version() + 1, ten)))
                .isEqualTo(new StoreReply.Outdated(inForce));
        assertThat(ask(new StoreRequest(ALICE, inForce.version(), ten)))
                .isInstanceOfSatisfying(
                        StoreReply.Decided.class,
                        decided -> assertThat(decided.decisions().get(0).permitted())
                                .isTrue());
        assertThat(ask(new StoreRequest(Subject.client("bob"), inForce.version(), ten)))
                .isEqualTo(new StoreReply.Outdated(Overrides.NONE));
    }

    @Test
    void tryAcquire_bucketAndClientOfOneId_countApart() {
        List<Charge> six = List.of(new Charge("policy", TEN_PER_SECOND, 6));
        List<Charge> ofBucket = List.of(new Charge(Overrides.BUCKET, TEN_PER_SECOND, 6));
        join(store().replace(Subject.bucket("alice"), Overrides.NO_VERSION, weight(2)));
        long version = join(store().overrides(Subject.bucket("alice"))).version();

        assertThat(ask(new StoreRequest(ALICE, Overrides.NO_VERSION, six))).matches(StoreContract::isPermitted);
        assertThat(ask(new StoreRequest(Subject.bucket("alice"), version, ofBucket)))
                .matches(StoreContract::isPermitted);
    }

    @Test
    void replace_manyThreads_noUpdateLost() throws Exception {
        inParallel(4, () -> {
            for (int i = 0; i < 25; i++) {
                addOne();
            }
        });

        assertThat(join(store().overrides(ALICE)).of("policy").weight()).isEqualTo(100);
    }

    private void addOne() {
        while (true) {
            Overrides before = join(store().overrides(ALICE));
            Long weight = before.of("policy").weight();
            if (join(store().replace(ALICE, before.version(), weight(weight == null ? 1 : weight + 1)))) {
                return;
            }
        }
    }

    @Test
    void list_manySubjects_everyOneOnSomePage() {
        Set<String> ids = new TreeSet<>();
        for (int i = 0; i < 250; i++) {
            String id = "client {" + i + "}: ü";
            ids.add(id);
            join(store().replace(Subject.client(id), Overrides.NO_VERSION, weight(i)));
        }
        join(store().replace(Subject.bucket("bucket"), Overrides.NO_VERSION, weight(1)));

        Set<String> listed = new TreeSet<>();
        Optional<String> next = Optional.of("");
        for (int pages = 0; next.isPresent() && pages < 1_000; pages++) {
            Page page = join(store().list(Subject.Kind.CLIENT, next.get(), 20));
            page.entries().forEach(entry -> {
                listed.add(entry.getKey());
                assertThat(entry.getValue().of("policy").weight()).isNotNull();
            });
            next = page.next();
        }

        assertThat(next).isEmpty();
        assertThat(listed).isEqualTo(ids);
        assertThat(join(store().list(Subject.Kind.BUCKET, "", 1_000)).entries())
                .extracting(Map.Entry::getKey)
                .containsExactly("bucket");
    }

    private static boolean isPermitted(StoreReply answer) {
        return answer instanceof StoreReply.Decided decided
                && decided.decisions().stream().allMatch(Decision::permitted);
    }

    private static Overrides weight(long weight) {
        return new Overrides(Overrides.NO_VERSION, null, Map.of("policy", new Terms(null, weight, null)));
    }

    @Test
    void heartbeat_oneInstance_countsItself() {
        assertThat(store().heartbeat("instance-1")
                        .orTimeout(10, TimeUnit.SECONDS)
                        .join())
                .isEqualTo(1);
    }

    /** Asks under the policy's name "policy". */
    protected final Decision take(String client, Limit limit, long cost) {
        return decide(client, new Charge("policy", limit, cost)).get(0);
    }

    protected final List<Decision> decide(String client, Charge... charges) {
        return ((StoreReply.Decided) ask(StoreRequest.of(client, List.of(charges)))).decisions();
    }

    /**
     * What a client waits for a permit that has just taken all: a sliding window's next window still counts this one.
     */
    private static long longestWaitMicros(Limit limit) {
        return (limit instanceof SlidingWindow ? 2 : 1) * Exact.micros(limit.period());
    }

    @Test
    void instances_afterAHeartbeat_nameIt() {
        join(store().heartbeat("instance-1"));

        assertThat(join(store().instances())).containsExactly("instance-1");
    }

    private StoreReply ask(StoreRequest call) {
        return join(store().tryAcquire(call));
    }

    private static <T> T join(CompletableFuture<T> answer) {
        return answer.orTimeout(10, TimeUnit.SECONDS).join();
    }

    private Decision takeAt(long at, String client, Limit limit, long cost, long maxAge, long maxSkew) {
        StoreRequest call = new StoreRequest(
                Subject.client(client),
                Overrides.NO_VERSION,
                List.of(new Charge("policy", limit, cost)),
                new Timestamp(at, maxAge, maxSkew));
        return ((StoreReply.Decided) ask(call)).decisions().get(0);
    }

    /** Takes the client's whole limit, so that not one permit is left. */
    private Rejected exhaust(String client, Limit limit, long nowMicros) {
        setNowMicros(nowMicros);
        assertThat(take(client, limit, limit.capacity()).permitted()).as(client).isTrue();
        return (Rejected) take(client, limit, 1);
    }

    private void assertPassesOnlyAfterRetryAfter(String client, Limit limit, long cost, long nowMicros) {
        Rejected refused = (Rejected) take(client, limit, cost);
        long dueMicros = nowMicros + refused.retryAfterMicros();

        setNowMicros(dueMicros - 1);
        assertThat(take(client, limit, cost))
                .as("%s, a microsecond early", client)
                .isInstanceOfSatisfying(
                        Rejected.class,
                        early -> assertThat(early.retryAfterMicros()).isEqualTo(1));
        setNowMicros(dueMicros);
        assertThat(take(client, limit, cost).permitted())
                .as("%s, when due", client)
                .isTrue();
    }

    private static void inParallel(int threads, Runnable task) throws Exception {
        ExecutorService executor = Executors.newFixedThreadPool(threads);
        try {
            CountDownLatch start = new CountDownLatch(1);
            List<Future<?>> running = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                running.add(executor.submit(() -> {
                    start.await();
                    task.run();
                    return null;
                }));
            }
            start.countDown();
            for (Future<?> thread : running) {
                thread.get(30, TimeUnit.SECONDS);
            }
        } finally {
            executor.shutdownNow();
        }
    }

    private static Charge charge(String policy, long cost) {
        return new Charge(policy, TEN_PER_SECOND, cost);
    }

    private static TokenBucket bucket(long permits, long periodSeconds) {
        return Limit.tokenBucket(permits, Duration.ofSeconds(periodSeconds));
    }

    private static final Pool POOL = new Pool("backend", new Rate(1_000, Duration.ofSeconds(1), 100));

    private Decision ask(String client, long weight, @Nullable Limit own, long cost) {
        return decided(shared(client, new Share(POOL, weight).charge("search", own, cost)));
    }

    private static StoreRequest shared(String client, Charge charge) {
        return StoreRequest.of(client, List.of(charge));
    }

    private Decision decided(StoreRequest call) {
        return ((StoreReply.Decided) store().tryAcquire(call).join())
                .decisions()
                .get(0);
    }

    private long takenOfPool(String client, long weight) {
        long taken = 0;
        while (ask(client, weight, null, 1).permitted()) {
            taken++;
        }
        return taken;
    }

    @Test
    void pool_oneClientAfterTheOther_leaveRoomForTheNext() {
        assertThat(takenOfPool("alice", 1)).isEqualTo(80);
        assertThat(ask("alice", 1, null, 1))
                .isEqualTo(new Rejected("search", POOL.limit(), 0, 80_000, Reason.SHARE, 1_000));
        assertThat(takenOfPool("bob", 1)).isEqualTo(14);
        assertThat(ask("carol", 1, null, 7))
                .isEqualTo(new Rejected("search", POOL.limit(), 6, 94_000, Reason.CAPACITY, 1_000));
        assertThat(ask("carol", 1, null, 51).reason()).isEqualTo(Reason.COST_ABOVE_LIMIT);
        assertThat(ask("carol", 1, null, 1).permitted()).isTrue();
    }

    @Test
    void pool_timePasses_drainsByWeightAndNeverGivesMoreThanItsBurst() {
        ask("light", 1, null, 20);
        ask("heavy", 3, null, 20);
        setNowMicros(NOW + 20_000);
        Decision light = ask("light", 1, null, 50);
        Decision heavy = ask("heavy", 3, null, 50);
        assertThat(light.permitted() && heavy.permitted()).isFalse();

        setNowMicros(NOW + 10 * SECOND);
        assertThat(takenOfPool("light", 1)).isEqualTo(80);
        setNowMicros(NOW);
        assertThat(ask("light", 1, null, 1).permitted())
                .as("time does not go back")
                .isFalse();
    }

    @Test
    void pool_besideALimit_chargesBothOrNone() {
        Limit ten = bucket(10, 1);
        assertThat(ask("alice", 1, ten, 8)).isEqualTo(new Permitted("search", ten, 2, 800_000, Reason.OK));
        assertThat(ask("alice", 1, ten, 3)).isEqualTo(new Rejected("search", ten, 2, 800_000, Reason.LIMIT, 100_000));
        assertThat(ask("bob", 1, null, 50).permitted()).isTrue();
        assertThat(ask("carol", 1, null, 40).permitted()).isTrue();
        assertThat(ask("dave", 1, Limit.tokenBucket(30, Duration.ofSeconds(1)), 20)
                        .reason())
                .isEqualTo(Reason.CAPACITY);
        setNowMicros(NOW + SECOND);
        assertThat(ask("dave", 1, Limit.tokenBucket(30, Duration.ofSeconds(1)), 30)
                        .permitted())
                .as("the refusal charged nothing")
                .isTrue();
    }

    @Test
    void pool_givenBack_asIfItHadNotBeenCharged() {
        Limit own = bucket(60, 1);
        Charge charge = new Share(POOL, 1).charge("search", own, 50);
        StoreReply.Decided charged =
                (StoreReply.Decided) store().tryAcquire(shared("alice", charge)).join();
        assertThat(charged.decisions().get(0).permitted()).isTrue();
        assertThat(ask("alice", 1, own, 50).reason()).isEqualTo(Reason.LIMIT);

        store().giveBack(shared("alice", charge), charged.atMicros()).join();

        assertThat(ask("alice", 1, own, 50)).isEqualTo(charged.decisions().get(0));
    }

    @Test
    void pool_owedBesideIt_takenFromTheClientsOwnLimitAlone() {
        Limit own = bucket(60, 1);
        join(store().owe(shared("alice", new Share(POOL, 1).charge("search", own, 50))));

        assertThat(ask("alice", 1, own, 11).reason()).isEqualTo(Reason.LIMIT);
        assertThat(ask("bob", 1, null, 1).remaining()).isEqualTo(99);
    }

    @Test
    void pool_owed_takenFromThePool() {
        join(store().owe(shared("alice", new Share(POOL, 1).charge("search", null, 50))));

        assertThat(ask("bob", 1, null, 1).remaining()).isEqualTo(49);
    }

    @Test
    void pool_owedMoreThanItHas_refusedUntilItHasDrained() {
        join(store().owe(shared("alice", new Share(POOL, 1).charge("search", null, 150))));

        Decision refused = ask("bob", 1, null, 1);
        assertThat(refused.reason()).isEqualTo(Reason.CAPACITY);
        setNowMicros(NOW + ((Rejected) refused).retryAfterMicros());
        assertThat(ask("bob", 1, null, 1).permitted()).isTrue();
    }

    /** It has drained, in part: that part is not given back, or a burst could be had twice. */
    @Test
    void pool_givenBackLater_onlyWhatHasNotDrained() {
        Charge charge = new Share(POOL, 1).charge("search", null, 50);
        long atMicros = ((StoreReply.Decided)
                        store().tryAcquire(shared("alice", charge)).join())
                .atMicros();
        ask("alice", 1, null, 20);
        setNowMicros(NOW + 30_000); // 30 have drained: 40 are in use.

        store().giveBack(shared("alice", charge), atMicros).join();

        assertThat(ask("bob", 1, null, 1)).isEqualTo(new Permitted("search", POOL.limit(), 79, 21_000, Reason.OK));
    }

    private Grant leaseOfPool(String client, long wanted, Grant held, long left) {
        LeaseCall call = new LeaseCall(
                Subject.client(client),
                Overrides.NO_VERSION,
                "search",
                POOL.limit(),
                0,
                wanted,
                held,
                left,
                new Share(POOL, 1),
                1);
        return ((StoreReply.Leased) store().lease(call).join()).grant();
    }

    private long takenOfPoolByMany() {
        return LongStream.range(0, 50)
                .map(number -> takenOfPool("client-" + number, 1))
                .sum();
    }

    /** Or the pool would drain behind the lease, and the burst and the lease be there at once. */
    @Test
    void pool_leased_isHeldBackUntilTheLeaseIsOver() {
        Grant grant = leaseOfPool("alice", 50, Grant.NONE, 0);
        assertThat(grant.permits()).as("a quarter of the burst").isEqualTo(25);

        setNowMicros(NOW + 900_000);
        assertThat(takenOfPoolByMany()).isEqualTo(75);

        setNowMicros(NOW + 900_000 + 3 * SECOND);
        assertThat(takenOfPoolByMany()).isEqualTo(100);
    }

    @Test
    void pool_leaseGivenBack_isThereForOthers_once() {
        Grant grant = leaseOfPool("alice", 20, Grant.NONE, 0);
        setNowMicros(NOW + 200_000);
        assertThat(leaseOfPool("alice", 0, grant, 15)).isEqualTo(Grant.NONE);
        assertThat(leaseOfPool("alice", 0, grant, 15)).isEqualTo(Grant.NONE);

        assertThat(takenOfPoolByMany())
                .as("5 were spent, for all that the store knows just now")
                .isEqualTo(95);
    }

    /** What is lent counts for the client: it cannot have its share in leases, and take it again beside them. */
    @Test
    void pool_leased_countsForTheClientsShare() {
        assertThat(leaseOfPool("alice", 25, Grant.NONE, 0).permits()).isEqualTo(25);
        assertThat(takenOfPool("alice", 1)).isEqualTo(80 - 25);
    }

    /** Two instances may have other numbers for a while. */
    @Test
    void pool_smallerBurstForAMoment_freesNothing() {
        assertThat(takenOfPoolByMany()).isEqualTo(100);
        for (long burst : new long[] {50, 2, 99}) {
            Pool smaller = new Pool(POOL.name(), new Rate(1_000, Duration.ofSeconds(1), burst));
            Pool slower = new Pool(POOL.name(), new Rate(7, Duration.ofSeconds(1), burst));
            for (Pool other : List.of(smaller, slower)) {
                StoreRequest call = shared("eve", new Share(other, 1).charge("search", null, 1));
                assertThat(decided(call).permitted()).as("%s", other).isFalse();
            }
        }

        assertThat(takenOfPoolByMany()).isZero();
    }

    @Test
    void pool_givenBackUnderOtherNumbers_nothingComesBack() {
        Charge charge = new Share(POOL, 1).charge("search", null, 50);
        long atMicros = ((StoreReply.Decided)
                        store().tryAcquire(shared("alice", charge)).join())
                .atMicros();
        Pool larger = new Pool(POOL.name(), new Rate(2_000, Duration.ofSeconds(1), 200));
        Charge other = new Share(larger, 1).charge("search", null, 100);
        assertThat(decided(shared("bob", other)).permitted()).isTrue();

        store().giveBack(shared("alice", charge), atMicros).join();

        assertThat(decided(shared("carol", new Share(larger, 1).charge("search", null, 1)))
                        .resetAfterMicros())
                .isEqualTo(151_000 / 2 + 0L);
    }

    @Test
    void pool_ofTheSameClientsUnderAnotherName_isAnother() {
        assertThat(takenOfPool("alice", 1)).isEqualTo(80);
        Pool other = new Pool("other", POOL.limit());

        assertThat(decided(shared("alice", new Share(other, 1).charge("search", null, 50)))
                        .permitted())
                .isTrue();
    }
}
