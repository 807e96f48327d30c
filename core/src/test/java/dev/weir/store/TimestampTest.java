package dev.weir.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.weir.Acquisition;
import dev.weir.Policy;
import dev.weir.RateLimiter;
import dev.weir.Weir;
import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class TimestampTest {

    private static final Limit TEN = Limit.tokenBucket(10, Duration.ofSeconds(1));

    @Test
    void of_momentsThatCannotBeCounted_areTheNearestThatCan() {
        assertThat(micros(Instant.MIN)).isZero();
        assertThat(micros(Instant.ofEpochSecond(0, -1))).isZero();
        assertThat(micros(Instant.EPOCH)).isZero();
        assertThat(micros(Instant.ofEpochSecond(1_700_000_000, 123_456_999))).isEqualTo(1_700_000_000_123_456L);
        assertThat(micros(Instant.ofEpochSecond(Limit.EXACT / 1_000_000, 999_999_999)))
                .isEqualTo(Limit.EXACT);
        assertThat(micros(Instant.MAX)).isEqualTo(Limit.EXACT);
    }

    private static long micros(Instant at) {
        return Timestamp.of(at, Duration.ZERO, Duration.ZERO).atMicros();
    }

    @Test
    void new_outOfRange_errorNamesWhatAndTheRange() {
        assertRefused(-1, 0, 0, "atMicros must be from 0 to 9007199254740992, but is -1");
        assertRefused(Limit.EXACT + 1, 0, 0, "atMicros");
        assertRefused(0, 86_400_000_001L, 0, "maxAgeMicros must be from 0 to 86400000000");
        assertRefused(0, 0, 60_000_001, "maxSkewMicros must be from 0 to 60000000");
        assertRefused(0, 0, -1, "maxSkewMicros");
    }

    private static void assertRefused(long at, long maxAge, long maxSkew, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Timestamp(at, maxAge, maxSkew))
                .withMessageContaining(message);
    }

    @Test
    void keptMicros_isAboveMaxAge_atMostTwiceThat() {
        for (long maxAge : new long[] {0, 999, 1_000, 1_001, 2_000, 60_000_000, 86_400_000_000L}) {
            long kept = new Timestamp(0, maxAge, 0).keptMicros();
            assertThat(kept).isGreaterThan(maxAge).isLessThanOrEqualTo(Math.max(1_000, 2 * maxAge));
        }
    }

    @Test
    void policy_boundsOutOfRange_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> policy(false, Duration.ofDays(1).plusMillis(1), Duration.ZERO))
                .withMessage("max-age must be from PT0S to PT24H, but is PT24H0.001S");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> policy(false, Duration.ZERO, Duration.ofMillis(-1)))
                .withMessage("max-skew must be from PT0S to PT1M, but is PT-0.001S");
    }

    private static Policy policy(boolean shadow, Duration maxAge, Duration maxSkew) {
        Policy policy = Policy.of("search", TEN).maxAge(maxAge).maxSkew(maxSkew);
        return shadow ? policy.shadow() : policy;
    }

    @Test
    void tryAcquire_boundsOfThePolicy_decide() {
        Instant now = Instant.now();
        Acquisition alice = Acquisition.of("alice").cost(10);
        try (Weir weir = Weir.builder()
                .policy(policy(false, Duration.ofHours(1), Duration.ofSeconds(30)))
                .build()) {
            RateLimiter search = weir.limiter("search");

            assertThat(search.tryAcquire(alice.at(Instant.MIN)).reason()).isEqualTo(Reason.STALE);
            assertThat(search.tryAcquire(alice.at(Instant.MAX)))
                    .isInstanceOfSatisfying(
                            Rejected.class,
                            future -> assertThat(future.retryAfter())
                                    .hasValueSatisfying(
                                            wait -> assertThat(wait).isGreaterThan(Duration.ofDays(80_000))));
            assertThat(search.tryAcquire(alice.at(now.minusSeconds(3_000))).permitted())
                    .isTrue();
            assertThat(search.tryAcquire(alice.at(now.minusSeconds(2_999))).permitted())
                    .isTrue();
            assertThat(search.tryAcquire(alice.at(now.plusSeconds(20))).permitted())
                    .isTrue();
            assertThat(search.tryAcquire(alice))
                    .isInstanceOfSatisfying(
                            Rejected.class,
                            plain -> assertThat(plain.retryAfter().orElseThrow())
                                    .isBetween(Duration.ofSeconds(15), Duration.ofSeconds(21)));
        }
    }

    @Test
    void tryAcquire_shadow_permitsAndSaysWhy() {
        try (Weir weir = Weir.builder()
                .policy(policy(true, Duration.ofHours(1), Duration.ofSeconds(30)))
                .build()) {
            Decision decision =
                    weir.limiter("search").tryAcquire(Acquisition.of("alice").at(Instant.EPOCH));

            assertThat(decision.permitted()).isTrue();
            assertThat(decision.reason()).isEqualTo(Reason.STALE);
            assertThat(decision.remaining()).isEqualTo(10);
        }
    }
}
