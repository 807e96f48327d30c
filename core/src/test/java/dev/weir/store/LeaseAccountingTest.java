package dev.weir.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.FixedWindowState;
import dev.weir.limit.Limit;
import dev.weir.limit.OutstandingLeases;
import dev.weir.limit.SlidingWindow;
import dev.weir.limit.SlidingWindowState;
import dev.weir.limit.State;
import dev.weir.limit.TokenBucket;
import dev.weir.limit.TokenBucketState;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What of a limit is lent, number by number. */
class LeaseAccountingTest {

    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final long NOW = 1_700_000_000_000_000L;
    private static final long EPOCH_END = NOW + OutstandingLeases.EPOCH_MICROS;

    /** Of it 100 permits can be lent; a permit is a thousand units. */
    private static final TokenBucket BUCKET = Limit.tokenBucket(1_000, SECOND);

    private static final Limit WINDOW = Limit.fixedWindow(2_000, SECOND);

    private static LeaseCall call(Limit limit, long wanted, Grant lease, long left, int instances) {
        return new LeaseCall(Subject.client("alice"), 0, "search", limit, 0, wanted, lease, left).among(instances);
    }

    private static State used(Limit limit, long permits, long nowMicros) {
        return limit.meter().leaving(limit.capacity() - permits, nowMicros);
    }

    private static TokenBucketState bucket(long used, OutstandingLeases held) {
        return new TokenBucketState(1, 1, 1_000, used * 1_000, NOW, held);
    }

    private static OutstandingLeases held(long permits) {
        return new OutstandingLeases(permits, 0, EPOCH_END, 0);
    }

    @Test
    void most_buckets_aTenthAndNoMoreThanASecondGives() {
        assertThat(LeaseAccounting.most(BUCKET)).isEqualTo(100);
        assertThat(LeaseAccounting.most(Limit.tokenBucket(100, SECOND, 1_000))).isEqualTo(100);
        assertThat(LeaseAccounting.most(Limit.tokenBucket(100, SECOND, 10_000))).isEqualTo(100);
        assertThat(LeaseAccounting.most(Limit.tokenBucket(100, SECOND, 990))).isEqualTo(99);
        assertThat(LeaseAccounting.most(Limit.tokenBucket(123_456_791, Duration.ofDays(1))))
                .as("in ticks of a millisecond")
                .isEqualTo(1_428);
        assertThat(LeaseAccounting.mostOfPool(BUCKET)).isEqualTo(250);
    }

    @Test
    void most_windows_aTenthAndNoMoreThanASecondGivesOnAverage() {
        assertThat(LeaseAccounting.most(WINDOW)).isEqualTo(200);
        assertThat(LeaseAccounting.most(Limit.fixedWindow(6_000, Duration.ofMinutes(1))))
                .isEqualTo(100);
        assertThat(LeaseAccounting.most(Limit.slidingWindow(6_000, Duration.ofMillis(14_001))))
                .as("the fifteenth second has begun")
                .isEqualTo(400);
        assertThat(LeaseAccounting.most(Limit.slidingLog(1_000, SECOND))).isZero();
    }

    @Test
    void lend_bucket_allLeasesTogetherNoMoreThanCanBeLent() {
        LeaseAccounting.Lent first =
                LeaseAccounting.lend(call(BUCKET, 60, Grant.NONE, 0, 1), BUCKET.advance(null, NOW), NOW);
        assertThat(first)
                .isEqualTo(new LeaseAccounting.Lent(bucket(60, held(60)), new Grant(60, EPOCH_END, 1_000_000)));

        LeaseAccounting.Lent second = LeaseAccounting.lend(call(BUCKET, 60, Grant.NONE, 0, 1), first.state(), NOW);
        assertThat(second.grant().permits()).isEqualTo(40);
        assertThat(second.state()).isEqualTo(bucket(100, held(100)));

        assertThat(LeaseAccounting.lend(call(BUCKET, 60, Grant.NONE, 0, 1), second.state(), NOW))
                .isEqualTo(new LeaseAccounting.Lent(second.state(), Grant.NONE));
    }

    @Test
    void lend_bucketRenewal_carriesWhatIsLeft() {
        Grant lease = new Grant(60, EPOCH_END, 1_000_000);
        LeaseCall renewal = call(BUCKET, 500, lease, 20, 1);

        LeaseAccounting.Lent lent = LeaseAccounting.lend(renewal, bucket(60, held(60)), NOW);

        assertThat(lent.grant()).isEqualTo(new Grant(100, EPOCH_END, 1_000_000));
        assertThat(lent.state()).isEqualTo(bucket(140, held(100)));
        assertThat(lent.more(renewal)).isEqualTo(80);
    }

    @Test
    void lend_bucketNearlyEmpty_noMoreThanRemains() {
        assertThat(LeaseAccounting.lend(call(BUCKET, 60, Grant.NONE, 0, 1), used(BUCKET, 993, NOW), NOW)
                        .grant()
                        .permits())
                .isEqualTo(7);
    }

    @Test
    void lend_window_aPartOfWhatRemainsForEachInstance() {
        long begin = NOW;
        assertThat(lent(WINDOW, 0, begin, 1, 0)).isEqualTo(200);
        assertThat(lent(WINDOW, 0, begin, 4, 0)).isEqualTo(50);
        assertThat(lent(WINDOW, 1_500, begin, 1, 0)).isEqualTo(50);
        assertThat(lent(WINDOW, 1_500, begin, 2, 0)).isEqualTo(25);
        assertThat(lent(WINDOW, 0, begin, 1, 30)).as("30 were carried").isEqualTo(200);
        assertThat(lent(WINDOW, 1_500, begin, 1, 60))
                .as("more are carried than could be lent")
                .isZero();
    }

    private static long lent(Limit limit, long used, long nowMicros, int instances, long carried) {
        Grant lease = carried == 0 ? Grant.NONE : new Grant(carried, 1, 1);
        return LeaseAccounting.lend(
                        call(limit, 1_000, lease, carried, instances), used(limit, used, nowMicros), nowMicros)
                .grant()
                .permits();
    }

    @Test
    void lend_windowThatEndsSoon_notWorthALease() {
        State begun = used(WINDOW, 10, NOW);
        LeaseCall call = call(WINDOW, 1_000, Grant.NONE, 0, 1);

        assertThat(LeaseAccounting.lend(call, begun, NOW + 800_000).grant()).isEqualTo(new Grant(199, NOW, 200_000));
        assertThat(LeaseAccounting.lend(call, begun, NOW + 800_001).grant()).isEqualTo(Grant.NONE);
    }

    @Test
    void lend_longWindow_noLongerThanALeaseLives() {
        Limit minute = Limit.fixedWindow(60_000, Duration.ofMinutes(1));
        long begin = NOW - Math.floorMod(NOW, 60_000_000L);

        assertThat(LeaseAccounting.lend(call(minute, 1_000, Grant.NONE, 0, 1), used(minute, 0, begin), begin)
                        .grant()
                        .lifeMicros())
                .isEqualTo(1_000_000);
    }

    @Test
    void lendOfPool_roomAndWhatIsOut_noMoreThanEither() {
        Grant lease = new Grant(60, EPOCH_END, 1_000_000);

        assertThat(ofPool(bucket(0, OutstandingLeases.NONE), Grant.NONE, 0, 1_000))
                .isEqualTo(250);
        assertThat(ofPool(bucket(0, OutstandingLeases.NONE), Grant.NONE, 0, 9)).isEqualTo(9);
        assertThat(ofPool(bucket(100, held(100)), Grant.NONE, 0, 1_000)).isEqualTo(150);
        assertThat(ofPool(bucket(100, held(100)), lease, 20, 1_000))
                .as("20 and 190 more, beside the 40 of others")
                .isEqualTo(210);
        assertThat(ofPool(bucket(250, held(250)), Grant.NONE, 0, 1_000)).isZero();
    }

    private static long ofPool(TokenBucketState state, Grant lease, long left, long room) {
        return LeaseAccounting.lendOfPool(call(BUCKET, 1_000, lease, left, 1), BUCKET, state, room, NOW)
                .grant()
                .permits();
    }

    @Test
    void returned_bucket_whatIsLeftCanBeUsedAgain() {
        Grant lease = new Grant(60, EPOCH_END, 1_000_000);

        assertThat(LeaseAccounting.returned(bucket(100, held(60)), lease, 20))
                .isEqualTo(bucket(80, OutstandingLeases.NONE));
        assertThat(LeaseAccounting.returned(bucket(100, held(90)), lease, 60)).isEqualTo(bucket(40, held(30)));
        assertThat(LeaseAccounting.returned(bucket(100, held(59)), lease, 20))
                .as("it cannot be counted there")
                .isEqualTo(bucket(100, held(59)));
    }

    @Test
    void returned_window_onlyInTheWindowOfTheLease() {
        FixedWindowState fixed = new FixedWindowState(1_000_000, 30, NOW);
        SlidingWindow limit = Limit.slidingWindow(100, SECOND);
        SlidingWindowState sliding = new SlidingWindowState(1, limit.periodTicks(), 30, 9, NOW);

        assertThat(LeaseAccounting.returned(fixed, new Grant(40, NOW, 1), 30))
                .isEqualTo(new FixedWindowState(1_000_000, 0, NOW));
        assertThat(LeaseAccounting.returned(fixed, new Grant(40, NOW, 1), 31)).isEqualTo(fixed);
        assertThat(LeaseAccounting.returned(fixed, new Grant(40, NOW - 1_000_000, 1), 3))
                .isEqualTo(fixed);
        assertThat(LeaseAccounting.returned(sliding, new Grant(40, NOW, 1), 30))
                .isEqualTo(new SlidingWindowState(1, limit.periodTicks(), 0, 9, NOW));
        assertThat(LeaseAccounting.returned(sliding, new Grant(40, NOW, 1), 31)).isEqualTo(sliding);
    }

    /** Above nine tenths: leases that are renewed would be in its way for ever. */
    @Test
    void refused_largeCost_closesLending_untilItIsServed() {
        TokenBucketState leased = bucket(50, held(50));
        TokenBucketState closed = bucket(50, new OutstandingLeases(50, 0, EPOCH_END, EPOCH_END + 1_000_000));

        assertThat(LeaseAccounting.refused(BUCKET, leased, NOW, 901)).isEqualTo(closed);
        assertThat(LeaseAccounting.refused(BUCKET, leased, NOW, 1_000)).isEqualTo(closed);
        assertThat(LeaseAccounting.refused(BUCKET, leased, NOW, 900)).isEqualTo(leased);
        assertThat(LeaseAccounting.refused(BUCKET, leased, NOW, 1_001)).isEqualTo(leased);
        assertThat(LeaseAccounting.closes(BUCKET, bucket(50, OutstandingLeases.NONE), NOW, 1_000))
                .isFalse();
        assertThat(LeaseAccounting.closes(BUCKET, closed, NOW, 1_000))
                .as("it is")
                .isFalse();
        assertThat(LeaseAccounting.lend(call(BUCKET, 9, Grant.NONE, 0, 1), closed, NOW)
                        .grant())
                .isEqualTo(Grant.NONE);
        assertThat(LeaseAccounting.served(BUCKET, closed, 900)).isEqualTo(closed);
        assertThat(LeaseAccounting.served(BUCKET, closed, 901)).isEqualTo(leased);
    }
}
