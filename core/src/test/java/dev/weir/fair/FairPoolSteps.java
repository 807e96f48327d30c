package dev.weir.fair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import dev.weir.limit.TokenBucket;
import java.time.Duration;
import org.assertj.core.data.Offset;

/** Steps of tests with a pool of a thousand permits, of which one comes free each millisecond. */
abstract class FairPoolSteps {

    static final TokenBucket LIMIT = Limit.tokenBucket(1_000, Duration.ofSeconds(1));
    static final long NOW = 1_700_000_000_000_000L;
    static final Offset<Double> CLOSELY = within(1e-6);

    final FairPool pool = new FairPool(FairTuning.DEFAULT);

    FairEvaluation judge(String id, long cost, long afterMicros) {
        return pool.judge(LIMIT, id, 1, cost, NOW + afterMicros);
    }

    void charge(String id, long cost, long afterMicros) {
        FairEvaluation judged = judge(id, cost, afterMicros);
        assertThat(judged.permits()).isTrue();
        pool.charge(judged);
    }

    /** Client "a" takes all, which it can in two requests. */
    void fill() {
        charge("a", 500, 0);
        charge("a", 500, 0);
    }

    static void assertRefused(FairEvaluation judged, Reason reason, long retryAfterMicros) {
        assertThat(judged.reason()).isEqualTo(reason);
        assertThat(judged.permits()).isFalse();
        assertThat(judged.retryAfterMicros()).isEqualTo(retryAfterMicros);
    }
}
