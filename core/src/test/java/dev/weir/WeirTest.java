package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.limit.Decision;
import dev.weir.limit.Decisions;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import dev.weir.store.LimiterListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WeirTest {

    private static final Policy SEARCH = Policy.of("search", Limit.tokenBucket(10, Duration.ofDays(365)));
    private static final Policy EXPORT = Policy.of("export", Limit.fixedWindow(3, Duration.ofDays(366)));

    private final List<String> notified = new ArrayList<>();
    private final LimiterListener listener = new LimiterListener() {
        @Override
        public void onDecision(Decision decision, long cost) {
            notified.add("%s %d %s".formatted(decision.policy(), cost, decision.reason()));
        }
    };
    private final Weir weir = Weir.builder()
            .instanceId("here")
            .listener(listener)
            .policies(List.of(SEARCH, EXPORT))
            .build();

    @AfterEach
    void close() {
        weir.close();
    }

    @Test
    void allow_withoutAStore_limitIsKept() {
        RateLimiter search = weir.limiter("search");

        assertThat(search.allow("alice")).isTrue();
        assertThat(search.allow("alice", 10)).isFalse();
        assertThat(search.allow("alice", 9)).isTrue();
        assertThat(search.tryAcquire("alice").permitted()).isFalse();
        assertThat(search.tryAcquire("bob", 4).remaining()).isEqualTo(6);
        assertThat(weir.storeUp()).isTrue();
        assertThat(weir.instances()).isEqualTo(1);
        assertThat(weir.instanceId()).isEqualTo("here");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, -1, Long.MIN_VALUE, Limit.EXACT + 1, Long.MAX_VALUE})
    void tryAcquire_costOutOfRange_saidWithTheBound(long cost) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> weir.limiter("search").tryAcquire("alice", cost))
                .withMessage("cost must be a whole number from 1 to 9007199254740992, but is %d", cost);
        assertThat(notified).isEmpty();
    }

    @Test
    void tryAcquire_largestCost_neverPasses() {
        assertThat(weir.limiter("search").tryAcquire("alice", Limit.EXACT).reason())
                .isEqualTo(Reason.COST_ABOVE_LIMIT);
    }

    @Test
    void tryAcquire_clientIdOfUpTo256Bytes_decided() {
        for (String id : List.of("a", "a".repeat(256), "ü".repeat(128), "漢".repeat(85), "\ud83d\ude80".repeat(64))) {
            assertThat(weir.limiter("search").allow(id)).isTrue();
        }
    }

    @Test
    void tryAcquire_clientIdTooLongOrEmpty_saidWithTheBound() {
        Map<String, Integer> bytes = Map.of(
                "", 0, "a".repeat(257), 257, "ü".repeat(129), 258, "漢".repeat(86), 258, "a".repeat(9_999), 9_999);
        bytes.forEach((id, length) -> assertThatIllegalArgumentException()
                .isThrownBy(() -> weir.limiter("search").allow(id))
                .withMessage("a client id must have 1 to 256 bytes in UTF-8, but has %d", length));
    }

    @Test
    void tryAcquire_policyNamedTwice_refusedAndNothingCharged() {
        List<PolicyCost> costs =
                List.of(new PolicyCost("search", 1), new PolicyCost("export", 1), new PolicyCost("search", 2));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> weir.tryAcquire("alice", costs))
                .withMessage("policy 'search' is named twice");
        assertThat(weir.limiter("search").tryAcquire("alice", 10).permitted()).isTrue();
    }

    @Test
    void tryAcquire_noPolicy_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> weir.tryAcquire("alice", List.of()))
                .withMessage("at least one policy is needed");
    }

    @Test
    void tryAcquire_severalPolicies_togetherAndNotifiedInOrder() {
        List<PolicyCost> costs = List.of(new PolicyCost("search", 6), new PolicyCost("export", 3));

        Decisions first = weir.tryAcquire("alice", costs);
        Decisions second = weir.tryAcquire("alice", costs);

        assertThat(first.permitted()).isTrue();
        assertThat(first.binding().policy()).isEqualTo("export");
        assertThat(second.each()).extracting(Decision::permitted).containsExactly(false, false);
        assertThat(notified).containsExactly("search 6 OK", "export 3 OK", "search 6 LIMIT", "export 3 LIMIT");
    }

    @Test
    void limiter_unknownPolicy_saidWithTheKnownOnes() {
        assertThatExceptionOfType(UnknownPolicyException.class)
                .isThrownBy(() -> weir.limiter("serach"))
                .withMessage("there is no policy 'serach'; known are [export, search]");
        assertThatThrownBy(() -> weir.tryAcquire("alice", List.of(new PolicyCost("nope", 1))))
                .isInstanceOf(UnknownPolicyException.class);
    }

    @Test
    void reconfigure_otherNumbers_usageIsKept() {
        RateLimiter search = weir.limiter("search");
        search.tryAcquire("alice", 8);

        Policy raised = Policy.of("search", Limit.tokenBucket(20, Duration.ofDays(365)));
        weir.reconfigure(List.of(raised));

        assertThat(search.policy()).isEqualTo(raised);
        assertThat(search.tryAcquire("alice", 1).remaining()).isEqualTo(11);
        assertThat(search.tryAcquire("bob", 20).permitted()).isTrue();
        assertThat(weir.policies()).containsOnlyKeys("search");
    }

    @Test
    void reconfigure_policyRemoved_itsLimiterSaysSo() {
        RateLimiter export = weir.limiter("export");

        weir.reconfigure(List.of(SEARCH));

        assertThatExceptionOfType(UnknownPolicyException.class)
                .isThrownBy(() -> export.allow("alice"))
                .withMessage("there is no policy 'export'; known are [search]");
    }

    @Test
    void policies_fromOutside_cannotBeChanged() {
        assertThatThrownBy(() -> weir.policies().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void policy_sameNameTwice_lastWins() {
        try (Weir other = Weir.builder()
                .policy(SEARCH)
                .policy(Policy.of("search", EXPORT.limit()).onStoreFailure(OnStoreFailure.PERMIT))
                .build()) {
            assertThat(other.policy("search").limit()).isEqualTo(EXPORT.limit());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " "})
    void instanceId_blank_refused(String id) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Weir.builder().instanceId(id))
                .withMessage("an instance's id must not be blank");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT0S", "PT-1S", "PT0.000999S", "PT1M0.001S"})
    void storeDeadline_outOfRange_saidWithTheBounds(String deadline) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Weir.builder().storeDeadline(Duration.parse(deadline)))
                .withMessage("the store's deadline must be from 1 ms to 1 min, but is " + Duration.parse(deadline));
    }
}
