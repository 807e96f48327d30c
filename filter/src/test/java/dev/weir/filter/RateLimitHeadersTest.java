package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.filter.config.HeaderMode;
import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Permitted;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Decisions;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RateLimitHeadersTest {

    private static final Limit LIMIT = Limit.tokenBucket(100, Duration.ofSeconds(60), 150);

    private static Map<String, String> describe(HeaderMode mode, Decision... decisions) {
        Map<String, String> fields = new TreeMap<>();
        RateLimitHeaders.describe(fields::put, mode, new Decisions(List.of(decisions)));
        return fields;
    }

    private static Map<String, String> reject(Decision... decisions) {
        Map<String, String> fields = new TreeMap<>();
        RateLimitHeaders.reject(fields::put, new Decisions(List.of(decisions)));
        return fields;
    }

    private static Decision permitted(String policy, Limit limit, long remaining, long resetAfterMicros) {
        return new Permitted(policy, limit, remaining, resetAfterMicros, Reason.OK);
    }

    private static Decision rejected(String policy, long resetAfterMicros, long retryAfterMicros) {
        return new Rejected(policy, LIMIT, 3, resetAfterMicros, Reason.LIMIT, retryAfterMicros);
    }

    @Test
    void draft_isExactly() {
        assertThat(describe(HeaderMode.DRAFT, permitted("search", LIMIT, 42, 1_000_001)))
                .isEqualTo(Map.of("RateLimit-Policy", "\"search\";q=100;w=60", "RateLimit", "\"search\";r=42;t=2"));
    }

    @Test
    void draft_listsAllPolicies_inOneField() {
        Map<String, String> fields = describe(
                HeaderMode.DRAFT,
                permitted("burst", LIMIT, 150, 0),
                permitted("daily", Limit.fixedWindow(1000, Duration.ofDays(1)), 7, 86_400_000_000L));
        assertThat(Fields.parse(fields.get("RateLimit-Policy")))
                .isEqualTo(Map.of("burst", Map.of("q", 100L, "w", 60L), "daily", Map.of("q", 1000L, "w", 86400L)));
        assertThat(Fields.parse(fields.get("RateLimit")))
                .isEqualTo(Map.of("burst", Map.of("r", 150L, "t", 0L), "daily", Map.of("r", 7L, "t", 86400L)));
    }

    @ParameterizedTest
    @CsvSource({"PT0.5S", "PT1.5S", "PT0.001S", "PT59.999999S"})
    void draft_windowThatIsNotWholeSeconds_isLeftOut(Duration period) {
        Decision decision = permitted("p", Limit.fixedWindow(10, period), 1, 1);
        assertThat(describe(HeaderMode.DRAFT, decision).get("RateLimit-Policy")).isEqualTo("\"p\";q=10");
    }

    @Test
    void draft_numbersAboveAStructuredField_areCapped() {
        Decision decision = permitted("p", Limit.fixedWindow(Limit.EXACT, Duration.ofDays(1)), Limit.EXACT, 1);
        Map<String, String> fields = describe(HeaderMode.DRAFT, decision);
        assertThat(Fields.parse(fields.get("RateLimit-Policy")).get("p")).containsEntry("q", 999_999_999_999_999L);
        assertThat(Fields.parse(fields.get("RateLimit")).get("p")).containsEntry("r", 999_999_999_999_999L);
    }

    @Test
    void draft_ofARejection_tellsTheWait_ofWhatRejectsAlone() {
        Map<String, String> fields = describe(
                HeaderMode.DRAFT,
                rejected("a", 60_000_000, 1_200_000),
                permitted("b", LIMIT, 1, 50_000_000),
                rejected("c", 5_000_000, Rejected.NEVER));
        assertThat(Fields.parse(fields.get("RateLimit")))
                .isEqualTo(Map.of("a", Map.of("r", 3L, "t", 2L), "b", Map.of("r", 1L), "c", Map.of("r", 3L, "t", 5L)));
    }

    @Test
    void legacy_tellsOfTheBindingPolicy() {
        Decision loose = permitted("loose", Limit.tokenBucket(1000, Duration.ofSeconds(1)), 900, 1);
        assertThat(describe(HeaderMode.LEGACY, loose, permitted("tight", LIMIT, 149, 600_001)))
                .isEqualTo(
                        Map.of("X-RateLimit-Limit", "150", "X-RateLimit-Remaining", "149", "X-RateLimit-Reset", "1"));
        assertThat(describe(HeaderMode.LEGACY, loose, rejected("tight", 90_000_000, 1)))
                .isEqualTo(Map.of("X-RateLimit-Limit", "150", "X-RateLimit-Remaining", "3", "X-RateLimit-Reset", "90"));
    }

    /** There is nothing to wait for: 0 would be an invitation. */
    @Test
    void rejectionThatNothingCanChange_tellsNoTime() {
        Decision nothing = new Rejected("p", LIMIT, 0, 0, Reason.COST_ABOVE_LIMIT, Rejected.NEVER);

        assertThat(describe(HeaderMode.DRAFT, nothing).get("RateLimit")).isEqualTo("\"p\";r=0");
        assertThat(describe(HeaderMode.LEGACY, nothing))
                .isEqualTo(Map.of("X-RateLimit-Limit", "150", "X-RateLimit-Remaining", "0"));
    }

    @Test
    void none_tellsNothing() {
        assertThat(describe(HeaderMode.NONE, rejected("a", 1, 1))).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "1, 1", "999999, 1", "1000000, 1", "1000001, 2", "59999999, 60", "60000000, 60"})
    void retryAfter_isInWholeSeconds_roundedUp_atLeastOne(long micros, String seconds) {
        assertThat(reject(rejected("a", micros, micros)))
                .isEqualTo(Map.of("Cache-Control", "no-store", "Retry-After", seconds));
    }

    @Test
    void retryAfter_isTheLongestWait_andMissingIfOneCanNeverPass() {
        assertThat(reject(rejected("a", 1, 1), rejected("b", 1, 7_000_000), permitted("c", LIMIT, 0, 9_000_000)))
                .containsEntry("Retry-After", "7");
        assertThat(reject(rejected("a", 1, 1_000_000), rejected("b", 1, Rejected.NEVER)))
                .isEqualTo(Map.of("Cache-Control", "no-store"));
    }

    @ParameterizedTest
    @EnumSource(HeaderMode.class)
    void modes_holdInTheContainer(HeaderMode mode) throws Exception {
        RateLimits limits = WebServer.limits("address", mode);
        try (WebServer server = WebServer.start(context -> {
            context.addFilter(new RateLimitFilter(limits), "/*", null);
            context.addServlet(org.eclipse.jetty.ee10.servlet.DefaultServlet.class, "/");
        })) {
            server.get("/");
            var rejected = server.get("/");
            assertThat(rejected.statusCode()).isEqualTo(429);
            var fields = rejected.headers();
            assertThat(fields.firstValue("Retry-After")).isPresent();
            assertThat(fields.firstValue("RateLimit").isPresent()).isEqualTo(mode == HeaderMode.DRAFT);
            assertThat(fields.firstValue("RateLimit-Policy").isPresent()).isEqualTo(mode == HeaderMode.DRAFT);
            assertThat(fields.firstValue("X-RateLimit-Remaining").isPresent()).isEqualTo(mode == HeaderMode.LEGACY);
        }
    }
}
