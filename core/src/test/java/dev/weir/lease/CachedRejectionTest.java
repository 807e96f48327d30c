package dev.weir.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Permitted;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Reason;
import dev.weir.limit.Source;
import dev.weir.store.Charge;
import dev.weir.store.Overrides;
import dev.weir.store.Share;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What is remembered of a refusal, and for how long; the store was asked at {@link #ASKED}. */
class CachedRejectionTest {

    private static final Limit BUCKET = Limit.tokenBucket(100, Duration.ofSeconds(1), 50);
    private static final Limit WINDOW = Limit.fixedWindow(100, Duration.ofSeconds(1));
    private static final Pool POOL = new Pool("all", Limit.tokenBucket(1_000, Duration.ofSeconds(1)));
    private static final Share SHARE = new Share(POOL, 1);
    private static final long ASKED = Long.MAX_VALUE - 1_000;
    private static final long HORIZON_MICROS = 16_000;

    private static long after(long micros) {
        return ASKED + TimeUnit.MICROSECONDS.toNanos(micros);
    }

    private static @Nullable CachedRejection cached(Limit limit, Decision decision, long cost, long againAfterMicros) {
        return CachedRejection.of(
                new LeaseBasis(limit, null, Overrides.NO_VERSION), false, decision, cost, againAfterMicros, ASKED);
    }

    private static CachedRejection rejection(Limit limit, long cost, Reason reason, long retryAfterMicros) {
        Decision decision = new Rejected("search", limit, 3, 400_000, reason, retryAfterMicros);
        return Objects.requireNonNull(cached(limit, decision, cost, 0));
    }

    private static @Nullable CachedRejection ofShare(boolean isHot, Decision decision) {
        return CachedRejection.of(
                new LeaseBasis(POOL.limit(), SHARE, Overrides.NO_VERSION), isHot, decision, 5, 0, ASKED);
    }

    private static @Nullable Rejected now(CachedRejection known, Limit limit, long cost, long here, long nowNanos) {
        return known.of(new Charge("search", limit, cost), here, nowNanos, nowNanos);
    }

    private static long retryAfterMicros(CachedRejection known, Limit limit, long cost, long here, long nowNanos) {
        return Objects.requireNonNull(now(known, limit, cost, here, nowNanos)).retryAfterMicros();
    }

    /** From here, and not from the store. */
    private static Rejected rejected(long remaining, long resetAfterMicros, Reason reason, long retryAfterMicros) {
        Rejected ofStore = new Rejected("search", BUCKET, remaining, resetAfterMicros, reason, retryAfterMicros);
        return ofStore.withRule(ofStore.rule().by(Source.LEASE));
    }

    @Test
    void of_sameCostLater_waitsAsMuchLess() {
        CachedRejection known = rejection(BUCKET, 5, Reason.LIMIT, 20_000);

        assertThat(now(known, BUCKET, 5, 0, after(12_000))).isEqualTo(rejected(3, 388_000, Reason.LIMIT, 8_000));
        assertThat(now(known, BUCKET, 5, 0, after(20_000))).isNull();
    }

    @Test
    void of_otherCosts_lessMayPass_moreWaitsLongerUnderABucketAlone() {
        CachedRejection bucket = rejection(BUCKET, 5, Reason.LIMIT, 20_000);
        CachedRejection window = rejection(WINDOW, 5, Reason.LIMIT, 20_000);

        assertThat(now(bucket, BUCKET, 4, 0, ASKED)).isNull();
        assertThat(retryAfterMicros(bucket, BUCKET, 8, 0, ASKED)).isEqualTo(50_000);
        assertThat(retryAfterMicros(window, WINDOW, 8, 0, ASKED)).isEqualTo(20_000);
    }

    /** The store could have them back. */
    @Test
    void of_somePermitsAreHere_theRestCounts() {
        CachedRejection known = rejection(BUCKET, 5, Reason.LIMIT, 20_000);

        assertThat(now(known, BUCKET, 7, 3, ASKED)).isNull();
        assertThat(retryAfterMicros(known, BUCKET, 9, 3, ASKED)).isEqualTo(30_000);
    }

    @Test
    void of_largestCostAndOneMore_whatCanNeverPassIsLeftToTheStore() {
        CachedRejection known = rejection(BUCKET, 5, Reason.LIMIT, 20_000);

        assertThat(now(known, BUCKET, 50, 0, ASKED)).isNotNull();
        assertThat(now(known, BUCKET, 51, 0, ASKED)).isNull();
    }

    @Test
    void of_neverPasses_staysNeverForAFifthOfASecond() {
        CachedRejection known = rejection(BUCKET, 51, Reason.COST_ABOVE_LIMIT, Rejected.NEVER);

        assertThat(retryAfterMicros(known, BUCKET, 60, 0, after(199_999))).isEqualTo(Rejected.NEVER);
        assertThat(now(known, BUCKET, 60, 0, after(200_000))).isNull();
    }

    /** Permits may come back before their time. */
    @Test
    void of_longWait_rememberedForAFifthOfASecond() {
        CachedRejection known = rejection(WINDOW, 1, Reason.LIMIT, 900_000);

        assertThat(now(known, WINDOW, 1, 0, after(199_999))).isNotNull();
        assertThat(now(known, WINDOW, 1, 0, after(200_000))).isNull();
    }

    /** It was true when the request came: what is stated is not less than a moment. */
    @Test
    void of_requestThatCameBeforeTheEnd_refusedAfterIt() {
        CachedRejection known = rejection(BUCKET, 5, Reason.LIMIT, 20_000);
        Charge charge = new Charge("search", BUCKET, 5);

        assertThat(known.of(charge, 0, after(19_999), after(500_000))).isEqualTo(rejected(3, 0, Reason.LIMIT, 1));
        assertThat(known.of(charge, 0, after(20_000), after(500_000))).isNull();
    }

    @Test
    void of_otherLimit_saysNothing() {
        assertThat(now(rejection(BUCKET, 5, Reason.LIMIT, 20_000), WINDOW, 5, 0, ASKED))
                .isNull();
    }

    /** A client that took the last permits need not learn from the store that they were the last. */
    @Test
    void of_permittedWithAForecast_theNextIsRefusedUntilThen() {
        Decision last = new Permitted("search", BUCKET, 0, 500_000, Reason.OK);

        CachedRejection known = Objects.requireNonNull(cached(BUCKET, last, 2, 9_000));

        assertThat(now(known, BUCKET, 2, 0, after(1_000))).isEqualTo(rejected(0, 499_000, Reason.LIMIT, 8_000));
        assertThat(now(known, BUCKET, 1, 0, after(1_000))).isNull();
        assertThat(cached(BUCKET, last, 2, 0)).isNull();
    }

    /** Of a lease that was asked for ahead: then the least that can be asked for is refused. */
    @Test
    void of_forecastWithoutACost_refusesOnePermit() {
        Decision last = new Permitted("search", BUCKET, 0, 500_000, Reason.OK);

        assertThat(Objects.requireNonNull(cached(BUCKET, last, 0, 9_000)).cost())
                .isEqualTo(1);
    }

    /** It was not the limit that refused: nothing is known of the next request. */
    @Test
    void of_storeAway_notRemembered() {
        assertThat(cached(BUCKET, new Rejected("search", BUCKET, 0, 0, Reason.STORE_UNAVAILABLE, 1_000), 1, 0))
                .isNull();
    }

    @Test
    void ofShare_hotClient_waitsForALease_othersAsStated() {
        Decision refused = new Rejected("search", POOL.limit(), 0, 0, Reason.SHARE, 3_000);

        assertThat(Objects.requireNonNull(ofShare(true, refused)).rejected().retryAfterMicros())
                .isEqualTo(HORIZON_MICROS);
        assertThat(Objects.requireNonNull(ofShare(false, refused)).rejected().retryAfterMicros())
                .isEqualTo(3_000);
    }

    /** The bucket is full for all: no client waits longer for that. */
    @Test
    void ofShare_fullPool_asStatedAndForgottenAfterAHorizon() {
        Decision refused = new Rejected("search", POOL.limit(), 0, 0, Reason.CAPACITY, 90_000);

        CachedRejection known = Objects.requireNonNull(ofShare(true, refused));

        assertThat(known.rejected().retryAfterMicros()).isEqualTo(90_000);
        assertThat(known.isOver(after(HORIZON_MICROS - 1))).isFalse();
        assertThat(known.isOver(after(HORIZON_MICROS))).isTrue();
    }

    @Test
    void ofShare_lastOfTheShareTaken_hotClientWaitsForALease() {
        Decision last = new Permitted("search", POOL.limit(), 0, 0, Reason.OK);

        CachedRejection known = Objects.requireNonNull(ofShare(true, last));

        assertThat(known.cost()).isEqualTo(1);
        assertThat(known.rejected().reason()).isEqualTo(Reason.SHARE);
        assertThat(known.rejected().retryAfterMicros()).isEqualTo(HORIZON_MICROS);
        assertThat(ofShare(false, last)).isNull();
        assertThat(ofShare(true, last.withRemaining(1))).isNull();
    }

    /** Half of the burst is the most that a pool ever permits. */
    @Test
    void ofShare_largestCostAndOneMore_whatCanNeverPassIsLeftToTheStore() {
        CachedRejection known =
                Objects.requireNonNull(ofShare(false, new Rejected("search", POOL.limit(), 0, 0, Reason.SHARE, 3_000)));

        assertThat(known.of(charge(500), 0, ASKED, ASKED)).isNotNull();
        assertThat(known.of(charge(501), 0, ASKED, ASKED)).isNull();
    }

    private static Charge charge(long cost) {
        return SHARE.charge("search", null, cost);
    }
}
