package dev.weir.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.weir.limit.Decision.Permitted;
import dev.weir.limit.Decision.Rejected;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DecisionsTest {

    private static final Limit LIMIT = Limit.tokenBucket(100, Duration.ofSeconds(1));

    @Test
    void binding_allPermitted_fewestLeft() {
        Decisions decisions = new Decisions(List.of(permitted("a", 5), permitted("b", 3), permitted("c", 4)));

        assertThat(decisions.permitted()).isTrue();
        assertThat(decisions.binding().policy()).isEqualTo("b");
    }

    @Test
    void binding_someRejected_longestWait() {
        Decisions decisions = new Decisions(
                List.of(permitted("a", 0), rejected("b", 1_000), rejected("c", 2_000), rejected("d", 1_500)));

        assertThat(decisions.permitted()).isFalse();
        assertThat(decisions.binding().policy()).isEqualTo("c");
    }

    @Test
    void binding_oneNeverPasses_thatOne() {
        assertThat(new Decisions(List.of(rejected("a", Rejected.NEVER), rejected("b", Long.MAX_VALUE - 1))).binding())
                .isEqualTo(rejected("a", Rejected.NEVER));
    }

    @Test
    void binding_rejectedWithoutWait_beforeAnyPermitted() {
        assertThat(new Decisions(List.of(permitted("a", 0), rejected("b", 0))).binding())
                .isEqualTo(rejected("b", 0));
    }

    @Test
    void new_none_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Decisions(List.of()))
                .withMessage("at least one decision is needed");
    }

    @Test
    void new_listChangedLater_unchanged() {
        List<Decision> list = new ArrayList<>(List.of(permitted("a", 1)));
        Decisions decisions = new Decisions(list);

        list.clear();

        assertThat(decisions.each()).containsExactly(permitted("a", 1));
    }

    @Test
    void retryAfter_never_empty() {
        assertThat(rejected("a", Rejected.NEVER).retryAfter()).isEmpty();
        assertThat(rejected("a", 1_500_001).retryAfter()).contains(Duration.ofNanos(1_500_001_000));
    }

    @Test
    void resetAfter_micros_asDuration() {
        assertThat(permitted("a", 1).resetAfter()).isEqualTo(Duration.ofMillis(7));
    }

    private static Decision permitted(String policy, long remaining) {
        return new Permitted(policy, LIMIT, remaining, 7_000, Reason.OK);
    }

    private static Rejected rejected(String policy, long retryAfterMicros) {
        return new Rejected(policy, LIMIT, 0, 7_000, Reason.LIMIT, retryAfterMicros);
    }
}
