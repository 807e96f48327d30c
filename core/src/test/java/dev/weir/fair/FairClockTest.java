package dev.weir.fair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Objects;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The imagined server of a pool, which drains a permit each microsecond here. */
class FairClockTest {

    private static final long NOW = 1_000_000;
    private static final double IN_USE = 1_000_000;
    private static final Offset<Double> CLOSELY = within(1e-6);

    private final FairClock clock = new FairClock(FairTuning.DEFAULT);

    FairClockTest() {
        clock.clear(NOW);
    }

    private void put(boolean isMinimal, String id, long weight, double queued) {
        FairLane lane = clock.lane(isMinimal);
        lane.put(id, new FairMember(weight, lane.virtual() + queued / weight, false, 0, 0, 0));
    }

    private double queued(boolean isMinimal, String id) {
        FairMember member = clock.lane(isMinimal).find(id);
        return member == null ? 0 : (member.finish() - clock.lane(isMinimal).virtual()) * member.weight();
    }

    private void pass(long micros, double used) {
        clock.advance(NOW + micros, 1_000, 1, used);
    }

    @Test
    void advance_oneLane_hasAllByWeight() {
        put(false, "light", 1, 400);
        put(false, "heavy", 3, 900);

        pass(400, IN_USE);

        assertThat(queued(false, "light")).isEqualTo(300, CLOSELY);
        assertThat(queued(false, "heavy")).isEqualTo(600, CLOSELY);
        assertThat(clock.size()).isEqualTo(2);
    }

    @Test
    void advance_oneFinishesOnTheWay_theRestGoesToTheOthers() {
        put(false, "light", 1, 400);
        put(false, "heavy", 3, 90);

        pass(200, IN_USE);

        assertThat(clock.lane(false).find("heavy")).isNull();
        assertThat(queued(false, "light")).isEqualTo(290, CLOSELY);
    }

    /** One of a hundred goes to those of no weight while both lanes have work; then the other lane has all. */
    @ParameterizedTest
    @CsvSource({
        "100000, 500, 10000, 90100, 400", // neither finishes
        "99, 500, 300, 0, 299", // those with a weight do, after 100
        "1000, 2, 300, 702, 0" // those without do, after 200
    })
    void advance_bothLanes_untilOneFinishes(
            double weighted, double minimal, long micros, double weightedLeft, double minimalLeft) {
        put(false, "weighted", 5, weighted);
        put(true, "minimal", 1, minimal);

        pass(micros, IN_USE);

        assertThat(queued(false, "weighted")).isEqualTo(weightedLeft, CLOSELY);
        assertThat(queued(true, "minimal")).isEqualTo(minimalLeft, CLOSELY);
        assertThat(clock.lane(false).size()).isEqualTo(weightedLeft == 0 ? 0 : 1);
        assertThat(clock.lane(true).size()).isEqualTo(minimalLeft == 0 ? 0 : 1);
    }

    /** More of them finish than one decision takes out: the rest is drained by the next. */
    @Test
    void advance_veryManyFinish_someAtATime() {
        int most = FairTuning.DEFAULT.mostLeaving();
        for (int i = 0; i < most + 2; i++) {
            put(false, "short" + i, 1, 1);
        }
        put(false, "long", 1, 1_000);

        pass(500, IN_USE);
        assertThat(clock.size()).isEqualTo(3);

        pass(501, IN_USE);
        assertThat(clock.size()).isEqualTo(1);
        assertThat(queued(false, "long")).isEqualTo(1_000 - 501 + most + 2, CLOSELY);
    }

    /** One is left in each lane, and both weigh the same. */
    @Test
    void advance_veryManyFinishInOneLane_theRestIsDrainedInBoth() {
        int most = FairTuning.DEFAULT.mostLeaving();
        for (int i = 0; i < most; i++) {
            put(false, "short" + i, 1, 1);
        }
        put(false, "long", 1, 1_000);
        put(true, "minimal", 1, 1_000);

        pass(500, IN_USE);
        pass(600, IN_USE);

        assertThat(queued(false, "long")).isEqualTo(1_000 - (594 - most), CLOSELY);
        assertThat(queued(true, "minimal")).isEqualTo(1_000 - 6, CLOSELY);
    }

    /** What no member owes any more is repaid by a fiftieth of what drains. */
    @Test
    void forgive_somePermits_allRepayThem() {
        put(false, "a", 1, 10_000);
        clock.forgive(30);

        pass(1_000, IN_USE);
        assertThat(queued(false, "a")).isEqualTo(10_000 - 980, CLOSELY);

        pass(2_000, IN_USE);
        assertThat(queued(false, "a")).as("10 were left to repay").isEqualTo(9_020 - 990, CLOSELY);

        pass(3_000, IN_USE);
        assertThat(queued(false, "a")).isEqualTo(8_030 - 1_000, CLOSELY);
    }

    /** No more can be owed for than is in use. */
    @Test
    void forgive_moreThanIsInUse_theRestNeedsNoRepaying() {
        put(false, "a", 1, 10_000);
        clock.forgive(100);

        pass(1_000, 5);
        pass(2_000, IN_USE);

        assertThat(queued(false, "a")).isEqualTo(10_000 - 980 - 995, CLOSELY);
    }

    @Test
    void advance_nothingInUse_forgetsEverything() {
        put(false, "a", 1, 10_000);
        put(true, "b", 1, 10_000);
        clock.forgive(100);

        pass(1, 0);

        assertThat(clock.size()).isZero();
        put(false, "a", 1, 10_000);
        pass(1_001, IN_USE);
        assertThat(queued(false, "a")).as("from then on, and nothing to repay").isEqualTo(9_000, CLOSELY);
    }

    @Test
    void advance_clockSetBack_waitsForAPeriodAndNotLonger() {
        put(false, "a", 1, 10_000);

        pass(-1_000, IN_USE);
        pass(-500, IN_USE);
        assertThat(queued(false, "a")).isEqualTo(10_000, CLOSELY);

        pass(-1_001, IN_USE);
        pass(-501, IN_USE);
        assertThat(queued(false, "a")).isEqualTo(9_500, CLOSELY);
    }

    @Test
    void share_aloneOrWithTheOtherLane_byWeight() {
        assertThat(clock.share(false, 3, 4, false)).isEqualTo(0.75);
        assertThat(clock.share(false, 3, 4, true)).isEqualTo(0.7425, CLOSELY);
        assertThat(clock.share(true, 1, 2, true)).isEqualTo(0.005, CLOSELY);
        assertThat(clock.share(true, 1, 2, false)).isEqualTo(0.5);
    }

    /** Others come and go with each request: what a client had of late is its share as well. */
    @Test
    void share_moreOfLate_asOfLate() {
        put(false, "a", 1, 10_000);
        pass(1_000, IN_USE);

        assertThat(clock.lane(false).pace()).isEqualTo(1, CLOSELY);
        assertThat(clock.lane(true).pace()).as("it had no member").isZero();
        assertThat(clock.share(false, 1, 4, false)).isEqualTo(1, CLOSELY);
        assertThat(clock.share(false, 2, 4, false)).as("at most all").isEqualTo(1);
        assertThat(clock.share(true, 1, 4, false)).isEqualTo(0.25);
    }

    /** While the other lane has work, a weight of 1 gets ninety-nine of a hundred. */
    @Test
    void pace_withTheOtherLane_ofTheWholeCapacity() {
        put(false, "weighted", 1, 100_000);
        put(true, "minimal", 1, 100_000);

        pass(1_000, IN_USE);

        assertThat(clock.lane(false).pace()).isEqualTo(0.99, CLOSELY);
        assertThat(clock.lane(true).pace()).isEqualTo(0.01, CLOSELY);
        assertThat(Objects.requireNonNull(clock.lane(true).find("minimal")).weight())
                .isEqualTo(1);
    }

    /** A two hundredth of the way in a millisecond, however much the pool drains in it. */
    @Test
    void pace_changedShares_followsSlowly() {
        put(false, "a", 1, 10_000);
        pass(1_000, IN_USE);
        put(false, "b", 1, 10_000);

        clock.advance(NOW + 2_000, 1_000, 0.5, IN_USE);

        assertThat(clock.lane(false).pace()).isEqualTo(1 - 0.5 / 201, CLOSELY);
    }

    @Test
    void advance_virtualTimeFarAhead_beginsAnewInBothLanes() {
        FairTuning usual = FairTuning.DEFAULT;
        FairClock small = new FairClock(new FairTuning(
                usual.greed(),
                usual.newcomer(),
                usual.smoothingMicros(),
                usual.horizonMicros(),
                usual.burstsOwed(),
                usual.costsOwed(),
                usual.repaid(),
                usual.claimMicros(),
                usual.retryMicros(),
                usual.mostLeaving(),
                5));
        small.clear(NOW);
        small.lane(false).put("a", new FairMember(1, 10_000, false, 0, 0, 0));
        small.lane(true).put("b", new FairMember(1, 10_000, false, 0, 0, 0));

        small.advance(NOW + 1_000, 1_000, 1, IN_USE);

        assertThat(small.lane(false).virtual()).isZero();
        assertThat(small.lane(false).needed()).isEqualTo(10_000 - 990, CLOSELY);
        assertThat(small.lane(true).virtual()).isZero();
        assertThat(small.lane(true).needed()).isEqualTo(10_000 - 10, CLOSELY);
    }
}
