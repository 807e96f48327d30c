package dev.weir.fair;

import static dev.weir.fair.FairPoolFixtures.CLOSELY;
import static dev.weir.fair.FairPoolFixtures.LIMIT;
import static dev.weir.fair.FairPoolFixtures.NOW;
import static dev.weir.fair.FairPoolFixtures.assertRefused;
import static dev.weir.fair.FairPoolFixtures.charge;
import static dev.weir.fair.FairPoolFixtures.fill;
import static dev.weir.fair.FairPoolFixtures.judge;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import dev.weir.limit.TokenBucket;
import dev.weir.store.Grant;
import dev.weir.store.LeaseAccounting;
import dev.weir.store.LeaseCall;
import dev.weir.store.Subject;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What a pool permits, and what is in it after that: decision by decision, number by number. */
class FairPoolDecisionsTest {

    private final FairPool pool = FairPoolFixtures.pool();

    @Test
    void judge_emptyPool_halfOfItAtOnceAndNotMore() {
        FairEvaluation judged = judge(pool, "a", 500, 0);

        assertThat(judged.permits()).isTrue();
        assertThat(judged.remaining()).isEqualTo(1_000);
        assertThat(judged.remainingAfter()).isEqualTo(500);
        assertRefused(judge(pool, "a", 501, 0), Reason.COST_ABOVE_LIMIT, 0);
    }

    @Test
    void judge_fullPool_whatIsQueuedIsAShareAndNewcomersWaitForAPermit() {
        fill(pool);

        assertRefused(judge(pool, "a", 1, 0), Reason.SHARE, 1_000_000);
        assertRefused(judge(pool, "b", 1, 0), Reason.CAPACITY, 1_000);
        assertThat(judge(pool, "b", 1, 1_000).permits()).isTrue();
        assertThat(judge(pool, "b", 2, 1_000).permits()).isFalse();
    }

    /** By its weight among those that have work; and without a refusal so far, a tenth of what is free at least. */
    @Test
    void judge_othersHaveWorkInIt_byItsShareOfWhatIsFree() {
        charge(pool, "heavy", 400, 0);
        assertThat(judge(pool, "b", 1, 0).remaining()).isEqualTo(600);

        assertThat(pool.judge(LIMIT, "b", 1, 1, NOW).standing().share()).isEqualTo(0.5);
        assertThat(pool.judge(LIMIT, "b", 3, 1, NOW).standing().share()).isEqualTo(0.75);
        assertThat(pool.judge(LIMIT, "b", 0, 1, NOW).standing().share()).isEqualTo(FairClock.RESERVED);
        assertThat(pool.judge(LIMIT, "b", 0, 1, NOW).remaining())
                .as("a newcomer's part")
                .isEqualTo(60);
        assertThat(pool.judge(LIMIT, "heavy", 1, 1, NOW).standing().share())
                .as("alone but for itself")
                .isEqualTo(1);
    }

    /** A client that goes over to weight 0 has the whole pool while no other has work: its own work is no other's. */
    @Test
    void judge_memberOfTheOtherLane_keepsWhatIsQueued() {
        charge(pool, "a", 400, 0);

        FairEvaluation moved = pool.judge(LIMIT, "a", 0, 1, NOW);

        assertThat(moved.standing().share()).isEqualTo(1);
        assertThat(moved.standing().queued()).isEqualTo(400);
        pool.charge(moved);
        assertThat(pool.size()).isEqualTo(1);
        assertThat(pool.judge(LIMIT, "a", 0, 1, NOW).standing().queued()).isEqualTo(401);
    }

    @Test
    void charge_nothingForgiven_drainsAsFastAsThePool() {
        charge(pool, "a", 100, 0);
        charge(pool, "a", 100, 0);

        assertThat(judge(pool, "a", 1, 50_000).standing().queued()).isCloseTo(150, CLOSELY);
    }

    /** So much is charged to a client whose requests cost 1, whatever is left. */
    private void queueOneByOne(String id, int permits) {
        for (int i = 0; i < permits; i++) {
            pool.charge(pool.judge(LIMIT, id, 1, 1, NOW));
        }
    }

    /** What was admitted elsewhere, whatever is left. */
    @Test
    void owe_moreThanIsLeft_isInUseAndInNoQueue() {
        charge(pool, "a", 100, 0);
        pool.owe(LIMIT, 1_400, NOW);

        FairEvaluation judged = judge(pool, "a", 1, 0);
        assertThat(judged.advanced().used()).isEqualTo(1_500 * LIMIT.unit());
        assertThat(judged.standing().queued()).isEqualTo(100);
        assertThat(judged.remaining()).isZero();
        assertRefused(judge(pool, "b", 1, 0), Reason.CAPACITY, 501_000);
        assertThat(judge(pool, "a", 1, 50_000).standing().queued())
                .as("a fiftieth of 50 permits repays")
                .isCloseTo(100 - 49, CLOSELY);
    }

    @Test
    void oweUpTo_lessThanIsInUse_changesNothing() {
        charge(pool, "a", 100, 0);

        pool.oweUpTo(LIMIT, 99, NOW);
        assertThat(judge(pool, "a", 1, 0).advanced().used()).isEqualTo(100 * LIMIT.unit());
        pool.oweUpTo(LIMIT, 130, NOW);
        assertThat(judge(pool, "a", 1, 0).advanced().used()).isEqualTo(130 * LIMIT.unit());
    }

    /** Beyond a burst and a quarter more is forgiven, and all repay it. */
    @Test
    void judge_owesMoreThanItsHorizon_theRestIsForgiven() {
        queueOneByOne("a", 1_500);

        FairEvaluation judged = judge(pool, "a", 1, 0);

        assertThat(judged.queued()).isEqualTo(1_250);
        pool.refuse(judged);
        assertThat(judge(pool, "a", 1, 0).standing().queued()).isEqualTo(1_250);
        assertThat(judge(pool, "a", 1, 100_000).standing().queued())
                .as("a fiftieth of 100 permits repays")
                .isCloseTo(1_250 - 98, CLOSELY);
    }

    /** By a small share it may owe little, but four times its largest cost. */
    @Test
    void judge_smallShare_owesByItsShareOrItsLargestCost() {
        pool.charge(pool.judge(LIMIT, "heavy", 99, 400, NOW));
        queueOneByOne("light", 200);
        assertThat(judge(pool, "light", 1, 0).queued()).isCloseTo(12.5, CLOSELY);

        charge(pool, "costly", 100, 0);

        assertThat(judge(pool, "costly", 1, 0).queued()).isEqualTo(100);
    }

    /** The stated wait is that of its share while that is short. */
    @Test
    void judge_littleAboveItsShare_waitsForThat() {
        charge(pool, "a", 410, 0);
        charge(pool, "b", 390, 0);

        FairEvaluation judged = judge(pool, "a", 1, 0);

        assertThat(judged.reason()).isEqualTo(Reason.SHARE);
        assertThat(judged.retryAfterMicros())
                .as("11 permits at half of the pool")
                .isBetween(22_000L, 22_001L);
    }

    @Test
    void judge_poolInCoarseTicks_waitsInMicroseconds() {
        TokenBucket slow = Limit.tokenBucket(1_000_003, Duration.ofDays(366));
        assertThat(slow.tickMicros()).isGreaterThan(1);
        pool.charge(pool.judge(slow, "a", 1, slow.capacity(), NOW));

        FairEvaluation judged = pool.judge(slow, "a", 1, 1, NOW);

        assertThat(judged.reason()).isEqualTo(Reason.SHARE);
        assertThat(judged.retryAfterMicros()).isBetween(slow.periodMicros() - 1, slow.periodMicros() + 1);
    }

    @Test
    void giveBack_chargeThatWasRefusedElsewhere_toTheMeterAndTheQueue() {
        charge(pool, "a", 300, 0);
        charge(pool, "a", 100, 0);

        pool.giveBack(LIMIT, "a", 100, NOW, NOW);

        FairEvaluation judged = judge(pool, "a", 1, 0);
        assertThat(judged.advanced().used()).isEqualTo(300 * LIMIT.unit());
        assertThat(judged.standing().queued()).isEqualTo(300);
    }

    @Test
    void giveBack_chargeOfAClientWithoutWeight_toItsQueue() {
        pool.charge(pool.judge(LIMIT, "a", 0, 300, NOW));

        pool.giveBack(LIMIT, "a", 100, NOW, NOW);

        assertThat(pool.judge(LIMIT, "a", 0, 1, NOW).standing().queued()).isEqualTo(200);
    }

    @Test
    void giveBack_underOtherNumbers_nothing() {
        pool.giveBack(LIMIT, "a", 100, NOW, NOW);
        charge(pool, "a", 300, 0);

        pool.giveBack(Limit.tokenBucket(2_000, Duration.ofSeconds(1)), "a", 100, NOW, NOW);

        assertThat(judge(pool, "a", 1, 0).advanced().used()).isEqualTo(300 * LIMIT.unit());
    }

    @Test
    void lend_isQueuedAtOnce_andWhatComesBackIsNot() {
        FairEvaluation judged = judge(pool, "a", 1, 0);
        LeaseCall call = new LeaseCall(Subject.client("a"), 0, "search", LIMIT, 1, 50, Grant.NONE, 0);

        LeaseAccounting.Lent lent = pool.lend(judged, call);

        assertThat(lent.grant().permits()).isEqualTo(50);
        FairEvaluation after = judge(pool, "a", 1, 0);
        assertThat(after.advanced().used()).isEqualTo(51 * LIMIT.unit());
        assertThat(after.advanced().held().permits()).isEqualTo(50);
        assertThat(after.standing().queued()).isEqualTo(51);

        pool.takeBack(LIMIT, "a", lent.grant(), 20, NOW);

        FairEvaluation returned = judge(pool, "a", 1, 0);
        assertThat(returned.advanced().used()).isEqualTo(31 * LIMIT.unit());
        assertThat(returned.advanced().held().permits()).isZero();
        assertThat(returned.standing().queued()).isEqualTo(31);
    }

    @Test
    void lend_nothingToLendAndNoRequest_leavesNoTrace() {
        pool.owe(LIMIT, 1_000, NOW);
        LeaseCall call = new LeaseCall(Subject.client("b"), 0, "search", LIMIT, 0, 50, Grant.NONE, 0);

        assertThat(pool.lend(judge(pool, "b", 0, 0), call).grant()).isEqualTo(Grant.NONE);

        assertThat(pool.size()).isZero();
    }

    @Test
    void sweep_nothingInUseAnyMore_forgetsAll() {
        charge(pool, "a", 100, 0);

        pool.sweep(NOW + 99_999);
        assertThat(pool.size()).isEqualTo(1);
        pool.sweep(NOW + 100_000);
        assertThat(pool.size()).isZero();
        pool.sweep(NOW + 100_001);
        assertThat(judge(pool, "a", 1, 200_000).remaining()).isEqualTo(1_000);
    }

    @Test
    void resetAfterMicros_ofTheMeter_untilItIsEmpty() {
        charge(pool, "a", 100, 0);

        FairEvaluation judged = judge(pool, "b", 0, 40_000);

        assertThat(judged.resetAfterMicros(judged.charged())).isEqualTo(60_000);
        assertThat(judge(pool, "b", 5, 40_000).charged().used()).isEqualTo(65 * LIMIT.unit());
    }
}
