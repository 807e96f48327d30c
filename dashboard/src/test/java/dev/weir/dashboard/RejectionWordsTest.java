package dev.weir.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RejectionWordsTest {

    @Test
    void rejection_inWords_namesPolicyLimitAndWait() {
        Limit limit = Limit.tokenBucket(10, Duration.ofSeconds(10));

        assertThat(RejectionWords.of(
                        "A request of alice", new Rejected("search", limit, 0, 10_000_000, Reason.LIMIT, 1_500_000)))
                .isEqualTo(
                        "A request of alice was rejected under the policy 'search': its limit of 10 per 10 s is used "
                                + "up, 0 left. The same request would pass in 1.5 s.");
    }
}
