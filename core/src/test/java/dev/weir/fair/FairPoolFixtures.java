package dev.weir.fair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import dev.weir.limit.TokenBucket;
import java.time.Duration;
import org.assertj.core.data.Offset;

/** What tests do with a pool of a thousand permits, of which one comes free each millisecond. */
final class FairPoolFixtures {

    static final TokenBucket LIMIT = Limit.tokenBucket(1_000, Duration.ofSeconds(1));
    static final long NOW = 1_700_000_000_000_000L;
    static final Offset<Double> CLOSELY = within(1e-6);

    private FairPoolFixtures() {}

    static FairPool pool() {
        return new FairPool(FairTuning.DEFAULT);
    }

    static FairEvaluation judge(FairPool pool, String id, long cost, long afterMicros) {
        return pool.judge(LIMIT, id, 1, cost, NOW + afterMicros);
    }

    static void charge(FairPool pool, String id, long cost, long afterMicros) {
        FairEvaluation judged = judge(pool, id, cost, afterMicros);
        assertThat(judged.permits()).isTrue();
        pool.charge(judged);
    }

    /** Client "a" takes all, which it can in two requests. */
    static void fill(FairPool pool) {
        charge(pool, "a", 500, 0);
        charge(pool, "a", 500, 0);
    }

    static void assertRefused(FairEvaluation judged, Reason reason, long retryAfterMicros) {
        assertThat(judged.reason()).isEqualTo(reason);
        assertThat(judged.permits()).isFalse();
        assertThat(judged.retryAfterMicros()).isEqualTo(retryAfterMicros);
    }
}
