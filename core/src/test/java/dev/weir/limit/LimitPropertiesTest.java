package dev.weir.limit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.store.Charge;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** The pure steps, on limits from the smallest to the largest that can be made. */
class LimitPropertiesTest {

    private static final long NOW = 1_700_000_000_000_000L;

    @Example
    void step_vectors_everyStepAsWritten() {
        LimitVectors.all().forEach(vector -> {
            State stored = null;
            for (LimitVectors.Step step : vector.steps()) {
                Charge charge = new Charge("policy", step.limit(), step.cost());
                Meter meter = step.limit().meter();
                State advanced = meter.advance(stored, step.atMicros());
                boolean permitted = step.cost() <= meter.remaining(advanced, step.atMicros());
                State after = permitted ? meter.charge(advanced, step.atMicros(), step.cost()) : advanced;

                assertThat(
                                permitted
                                        ? charge.permitted(after, step.atMicros(), step.atMicros())
                                        : charge.refused(after, step.atMicros(), step.atMicros()))
                        .as("%s: %s", vector, step)
                        .isEqualTo(step.expected("policy"));
                boolean isCorrected = stored != null
                        && !stored.isBelieved(
                                step.atMicros(), Exact.micros(step.limit().period()));
                if (permitted) {
                    stored = after;
                } else if (stored != null && isCorrected) {
                    stored = stored.at(step.atMicros());
                }
            }
        });
    }

    @Property
    void charge_inParts_asAtOnce(@ForAll("limits") Meter limit, @ForAll @IntRange(max = 1_000) int permille) {
        State whole = limit.advance(null, NOW);
        long part = part(limit.capacity(), permille);

        State inParts = limit.charge(limit.charge(whole, NOW, part), NOW, limit.capacity() - part);

        assertThat(inParts).isEqualTo(limit.charge(whole, NOW, limit.capacity()));
        assertThat(limit.remaining(inParts, NOW)).isZero();
    }

    @Property
    void charge_anyCost_stateStaysExact(@ForAll("limits") Meter limit, @ForAll @IntRange(max = 1_000) int permille) {
        long cost = part(limit.capacity(), permille);

        State charged = limit.charge(limit.advance(null, NOW), NOW, cost);

        assertThat(used(charged)).isBetween(0L, Limit.EXACT);
        assertThat(limit.remaining(charged, NOW)).isEqualTo(limit.capacity() - cost);
    }

    @Property
    void advance_inTwoSteps_asInOne(
            @ForAll("limits") Meter limit,
            @ForAll @IntRange(max = 1_000) int permille,
            @ForAll @LongRange(max = 1L << 45) long firstMicros,
            @ForAll @LongRange(max = 1L << 45) long secondMicros) {
        State stored = limit.charge(limit.advance(null, NOW), NOW, part(limit.capacity(), permille));
        long first = NOW + firstMicros;
        long second = first + secondMicros;

        State between = limit.advance(stored, first);

        assertThat(limit.advance(between, second)).isEqualTo(limit.advance(stored, second));
        assertThat(limit.remaining(between, first)).isBetween(limit.remaining(stored, NOW), limit.capacity());
    }

    /** So no client can observe whether it has been forgotten yet, even if the clock goes back. */
    @Property
    void advance_nothingInUse_asNoState(
            @ForAll("limits") Meter before,
            @ForAll("limits") Meter after,
            @ForAll @LongRange(min = -3_000_000, max = 3_000_000) long laterMicros) {
        State nothing = before.advance(null, NOW);

        assertThat(after.advance(nothing, NOW + laterMicros)).isEqualTo(after.advance(null, NOW + laterMicros));
    }

    @Property
    void retryAfterMicros_anyState_enoughThenAndNotBefore(
            @ForAll("limits") Meter limit,
            @ForAll @IntRange(max = 1_000) int usedPermille,
            @ForAll @IntRange(max = 1_000) int costPermille,
            @ForAll @LongRange(max = 3_000_000) long laterMicros) {
        State charged = limit.charge(limit.advance(null, NOW), NOW, part(limit.capacity(), usedPermille));
        long now = NOW + laterMicros;
        long cost = Math.max(1, part(limit.capacity(), costPermille));
        State advanced = limit.advance(charged, now);

        long retryAfterMicros = limit.retryAfterMicros(advanced, now, cost);

        assertThat(remainingAt(limit, charged, now + retryAfterMicros)).isGreaterThanOrEqualTo(cost);
        if (cost > limit.remaining(advanced, now)) {
            assertThat(retryAfterMicros).isPositive();
            assertThat(remainingAt(limit, charged, now + retryAfterMicros - 1)).isLessThan(cost);
        } else {
            assertThat(retryAfterMicros).isZero();
        }
    }

    @Property
    void resetAfterMicros_anyState_wholeThenAndNotBefore(
            @ForAll("limits") Meter limit,
            @ForAll @IntRange(max = 1_000) int usedPermille,
            @ForAll @LongRange(max = 3_000_000) long laterMicros) {
        State charged = limit.charge(limit.advance(null, NOW), NOW, Math.max(1, part(limit.capacity(), usedPermille)));
        long now = NOW + laterMicros;
        State advanced = limit.advance(charged, now);

        long resetAfterMicros = limit.resetAfterMicros(advanced, now);

        assertThat(used(limit.advance(charged, now + resetAfterMicros))).isZero();
        assertThat(resetAfterMicros == 0 || used(limit.advance(charged, now + resetAfterMicros - 1)) > 0)
                .isTrue();
    }

    /** So a store may forget it then: by its own numbers, whatever the limit is meanwhile. */
    @Property
    void emptyAtMicros_anyState_nothingInUseThenAndSomethingBefore(
            @ForAll("limits") Meter limit, @ForAll @IntRange(max = 1_000) int usedPermille) {
        State charged = limit.charge(limit.advance(null, NOW), NOW, Math.max(1, part(limit.capacity(), usedPermille)));

        assertThat(charged.permitsUsed(charged.emptyAtMicros())).isZero();
        assertThat(charged.permitsUsed(charged.emptyAtMicros() - 1)).isPositive();
    }

    /** What another limit takes over is counted exactly, and is not less than it was. */
    @Property
    void charge_stateOfAnotherLimit_usedAndCostAreInUseAfterIt(
            @ForAll("limits") Meter before,
            @ForAll("limits") Meter after,
            @ForAll @IntRange(max = 1_000) int permille,
            @ForAll @LongRange(max = 3_000_000) long laterMicros) {
        State stored = before.charge(before.advance(null, NOW), NOW, part(before.capacity(), permille));
        long now = NOW + laterMicros;
        State advanced = after.advance(stored, now);
        long remaining = after.remaining(advanced, now);
        Assume.that(remaining > 0);

        State charged = after.charge(advanced, now, remaining);

        assertThat(used(charged)).isBetween(1L, Limit.EXACT);
        assertThat(charged.permitsUsed(now)).isEqualTo(after.capacity());
        assertThat(after.advance(charged, now)).isEqualTo(charged);
    }

    @Property
    void advance_stateOfAnotherLimit_neitherNegativeNorLostNorBeyondOneBucket(
            @ForAll("limits") Meter before,
            @ForAll("limits") Meter after,
            @ForAll @IntRange(max = 1_000) int permille,
            @ForAll @LongRange(min = -3_000_000, max = 3_000_000) long laterMicros) {
        long used = part(before.capacity(), permille);
        State stored = before.charge(before.advance(null, NOW), NOW, used);
        long now = NOW + laterMicros;
        long usedNow = used == 0 ? 0 : before.advance(stored, now).permitsUsed(now);

        State advanced = after.advance(stored, now);

        assertThat(used(advanced)).isBetween(0L, Limit.EXACT);
        long byOldNumbers = Math.max(0, after.capacity() - usedNow);
        long byNewNumbers = used > after.capacity()
                ? byOldNumbers
                : remainingAt(after, after.charge(after.advance(null, NOW), NOW, used), now);
        assertThat(after.remaining(advanced, now)).isBetween(byOldNumbers, Math.max(byOldNumbers, byNewNumbers));
        assertThat(after.retryAfterMicros(advanced, now, after.capacity())).isNotNegative();
        assertThat(after.resetAfterMicros(advanced, now)).isNotNegative();
    }

    @Property
    void advance_coarseTick_givesBackLateByLessThanATickAndNeverEarly(
            @ForAll("coarseBuckets") TokenBucket bucket,
            @ForAll @IntRange(min = 1, max = 1_000) int permille,
            @ForAll @LongRange(max = 5_000_000_000L) long laterMicros) {
        long cost = Math.max(1, part(bucket.capacity(), permille));
        State charged = bucket.charge(bucket.advance(null, NOW), NOW, cost);

        long remaining = remainingAt(bucket, charged, NOW + laterMicros);

        assertThat(remaining).isLessThanOrEqualTo(exactlyRemaining(bucket, cost, laterMicros));
        assertThat(remaining)
                .isGreaterThanOrEqualTo(
                        exactlyRemaining(bucket, cost, Math.max(0, laterMicros - bucket.tickMicros() + 1)));
    }

    private static long exactlyRemaining(TokenBucket bucket, long cost, long afterMicros) {
        BigInteger period = BigInteger.valueOf(bucket.periodMicros());
        BigInteger missing = BigInteger.valueOf(cost)
                .multiply(period)
                .subtract(BigInteger.valueOf(afterMicros).multiply(BigInteger.valueOf(bucket.permits())))
                .max(BigInteger.ZERO);
        return BigInteger.valueOf(bucket.capacity())
                .multiply(period)
                .subtract(missing)
                .divide(period)
                .longValueExact();
    }

    @Property
    void share_manyInstances_togetherTheLimitButForRounding(
            @ForAll("limits") Meter limit, @ForAll @IntRange(min = 1, max = 1_000) int instances) {
        Meter share = limit.share(instances);

        assertThat(share.capacity() - 1).isLessThan(limit.capacity() / instances + 1);
        assertThat(share.capacity()).isGreaterThanOrEqualTo(Exact.ceilDiv(limit.capacity(), instances));
        assertThat(instances * share.capacity()).isBetween(limit.capacity(), limit.capacity() + instances - 1);
        if (limit instanceof TokenBucket bucket && share instanceof TokenBucket ofBucket) {
            assertThat(BigInteger.valueOf(ofBucket.rate())
                            .multiply(BigInteger.valueOf(bucket.unit()))
                            .multiply(BigInteger.valueOf(instances)))
                    .isEqualTo(BigInteger.valueOf(bucket.rate()).multiply(BigInteger.valueOf(ofBucket.unit())));
            assertThat(ofBucket.tickMicros()).isEqualTo(bucket.tickMicros());
        }
        State used = share.charge(share.advance(null, NOW), NOW, share.capacity());
        assertThat(used(used)).isPositive();
        assertThat(share.remaining(used, NOW)).isZero();
        assertThat(share.resetAfterMicros(used, NOW)).isPositive();
    }

    @Property
    void leaving_anyNumber_thatManyRemain(
            @ForAll("limits") Meter limit,
            @ForAll @IntRange(min = 1, max = 100) int instances,
            @ForAll @IntRange(max = 2_000) int permille) {
        Meter share = limit.share(instances);
        long remaining = part(share.capacity(), permille);

        State left = share.advance(share.leaving(remaining, NOW), NOW);

        assertThat(share.remaining(left, NOW)).isEqualTo(Math.min(remaining, share.capacity()));
    }

    private static long remainingAt(Meter limit, State stored, long nowMicros) {
        return limit.remaining(limit.advance(stored, nowMicros), nowMicros);
    }

    /** What a state counts, in its own unit. */
    private static long used(State state) {
        if (state instanceof TokenBucketState bucket) {
            return bucket.used();
        }
        if (state instanceof FixedWindowState window) {
            return window.used();
        }
        return state instanceof SlidingWindowState sliding
                ? sliding.current() + sliding.previous()
                : ((SlidingLogState) state).used();
    }

    private static long part(long whole, int permille) {
        return BigInteger.valueOf(whole)
                .multiply(BigInteger.valueOf(permille))
                .divide(BigInteger.valueOf(1_000))
                .longValueExact();
    }

    @Provide
    static Arbitrary<Meter> limits() {
        return Arbitraries.<Meter>oneOf(fineBuckets(), coarseBuckets(), windows(), slidingWindows(), slidingLogs());
    }

    private static Arbitrary<TokenBucket> fineBuckets() {
        return buckets(periodsMicros()).filter(bucket -> bucket.tickMicros() == 1);
    }

    @Provide
    static Arbitrary<TokenBucket> coarseBuckets() {
        return buckets(Arbitraries.longs().between(60, 366 * 86_400).map(seconds -> seconds * 1_000_000))
                .filter(bucket -> bucket.tickMicros() > 1);
    }

    /** Of any burst that can be counted, the very largest among them. */
    private static Arbitrary<TokenBucket> buckets(Arbitrary<Long> periodsMicros) {
        return Combinators.combine(
                        permits(), periodsMicros, Arbitraries.doubles().between(0, 1))
                .as((permits, periodMicros, fullness) -> {
                    Duration period = Exact.duration(periodMicros);
                    return Limit.tokenBucket(
                            permits, period, Math.max(1, (long) (fullness * largestBurst(permits, period))));
                });
    }

    private static long largestBurst(long permits, Duration period) {
        try {
            return Limit.tokenBucket(permits, period, Limit.EXACT).capacity();
        } catch (IllegalArgumentException e) {
            return Long.parseLong(e.getMessage().replaceAll(".* ", ""));
        }
    }

    private static Arbitrary<FixedWindow> windows() {
        return Combinators.combine(permits(), periodsMicros())
                .as((permits, periodMicros) -> Limit.fixedWindow(permits, Exact.duration(periodMicros)));
    }

    /** With as many permits as can be counted, or fewer. */
    private static Arbitrary<SlidingWindow> slidingWindows() {
        return Combinators.combine(permits(), periodsMicros()).as((permits, periodMicros) -> {
            Duration period = Exact.duration(periodMicros);
            return Limit.slidingWindow(Math.min(permits, mostPermits(period)), period);
        });
    }

    private static long mostPermits(Duration period) {
        try {
            return Limit.slidingWindow(Limit.EXACT, period).capacity();
        } catch (IllegalArgumentException e) {
            return Long.parseLong(e.getMessage().replaceAll(".* ", ""));
        }
    }

    private static Arbitrary<SlidingLog> slidingLogs() {
        return Combinators.combine(Arbitraries.longs().between(1, SlidingLog.MAX_PERMITS), periodsMicros())
                .as((permits, periodMicros) -> Limit.slidingLog(permits, Exact.duration(periodMicros)));
    }

    private static Arbitrary<Long> permits() {
        return Arbitraries.oneOf(
                Arbitraries.longs().between(1, 10_000), Arbitraries.longs().between(1, Limit.EXACT));
    }

    private static Arbitrary<Long> periodsMicros() {
        return Arbitraries.oneOf(
                Arbitraries.of(List.of(1_000L, 1_000_000L, 60_000_000L, 3_600_000_000L, 86_400_000_000L)),
                Arbitraries.longs().between(1_000, Exact.micros(Limit.MAX_PERIOD)));
    }
}
