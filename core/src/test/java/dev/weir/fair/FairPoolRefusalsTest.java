package dev.weir.fair;

import static dev.weir.fair.FairPoolFixtures.LIMIT;
import static dev.weir.fair.FairPoolFixtures.NOW;
import static dev.weir.fair.FairPoolFixtures.charge;
import static dev.weir.fair.FairPoolFixtures.fill;
import static dev.weir.fair.FairPoolFixtures.judge;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.Reason;
import org.junit.jupiter.api.Test;

/** What a pool remembers of the requests that it has refused. */
class FairPoolRefusalsTest {

    private final FairPool pool = FairPoolFixtures.pool();

    @Test
    void refuse_forCapacity_keepsItsPlaceUntilAQuarterOfASecondAfterTheWait() {
        fill(pool);

        pool.refuse(judge(pool, "b", 1, 0));

        assertThat(pool.size()).isEqualTo(2);
        FairEvaluation again = judge(pool, "b", 1, 1_000);
        assertThat(again.permits()).isTrue();
        assertThat(again.standing().claim()).isEqualTo(1);
        assertThat(again.standing().claimUntilMicros()).isEqualTo(NOW + 251_000);
        assertThat(again.standing().refused()).as("its share").isFalse();
    }

    /** A second request of the same client has none beside it. */
    @Test
    void refuse_forCapacityTwice_theFirstKeepsItsPlace() {
        fill(pool);
        pool.refuse(judge(pool, "b", 5, 0));

        pool.refuse(judge(pool, "b", 7, 0));

        assertThat(judge(pool, "b", 5, 0).standing().claim()).isEqualTo(5);
        assertThat(judge(pool, "b", 5, 0).standing().queued()).isEqualTo(5);
    }

    /** What asks under ever new ids must not fill memory. */
    @Test
    void refuse_moreThanCanClaim_takesNoRoom() {
        fill(pool);
        for (int i = 1; i < FairPool.MOST_CLAIMANTS; i++) {
            pool.refuse(judge(pool, "b" + i, 1, 0));
        }
        assertThat(pool.size()).isEqualTo(FairPool.MOST_CLAIMANTS);

        pool.refuse(judge(pool, "late", 1, 0));

        assertThat(pool.size()).isEqualTo(FairPool.MOST_CLAIMANTS);
    }

    @Test
    void refuse_forTheShare_isNoNewcomerAnyMore() {
        fill(pool);

        pool.refuse(judge(pool, "a", 1, 0));

        FairEvaluation judged = judge(pool, "a", 1, 0);
        assertThat(judged.standing().refused()).isTrue();
        assertThat(judged.standing().queued()).isEqualTo(1_000);
        assertThat(judged.standing().claim()).isZero();
        assertThat(judged.standing().largest()).isEqualTo(500);
    }

    /** In a pool with room for 10, of which it has 5 queued, at half of the pool: it may have 20 in all. */
    @Test
    void refuse_forTheShareThenForCapacity_isStillNoNewcomer() {
        pool.charge(pool.judge(LIMIT, "b", 1, 985, NOW));
        charge(pool, "a", 5, 0);
        FairEvaluation above = judge(pool, "a", 18, 0);
        assertThat(above.reason()).isEqualTo(Reason.SHARE);
        pool.refuse(above);
        FairEvaluation within = judge(pool, "a", 12, 0);
        assertThat(within.reason()).isEqualTo(Reason.CAPACITY);

        pool.refuse(within);

        assertThat(judge(pool, "a", 12, 0).standing().refused()).isTrue();
        assertThat(judge(pool, "a", 12, 0).standing().claim()).isEqualTo(12);
    }

    /** It is no matter of the pool's. */
    @Test
    void refuse_costThatCanNeverPass_leavesNoTrace() {
        pool.refuse(judge(pool, "a", 501, 0));

        assertThat(pool.size()).isZero();
        charge(pool, "a", 100, 0);
        pool.refuse(judge(pool, "a", 501, 0));
        assertThat(judge(pool, "a", 1, 0).standing().refused()).isFalse();
    }

    @Test
    void charge_whatWasClaimed_isQueuedOnce() {
        fill(pool);
        pool.refuse(judge(pool, "b", 4, 0));
        assertThat(judge(pool, "b", 4, 0).standing().queued()).isEqualTo(4);

        FairEvaluation judged = judge(pool, "b", 4, 4_000);
        double queued = judged.queued();
        pool.charge(judged);

        FairStanding after = judge(pool, "b", 1, 4_000).standing();
        assertThat(after.queued()).isEqualTo(queued);
        assertThat(after.claim()).isZero();
        assertThat(after.largest()).isEqualTo(4);
    }
}
