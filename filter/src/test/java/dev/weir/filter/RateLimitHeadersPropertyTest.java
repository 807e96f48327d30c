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
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever was decided, what is written is a list that another library reads (RFC 9651), with each policy once. */
class RateLimitHeadersPropertyTest {

    private static final long MOST = (1L << 53) - 1;

    @Property
    void draft_isAListOfEachPolicy(@ForAll("decisions") List<Decision> decisions) {
        Map<String, String> fields = fields(HeaderMode.DRAFT, decisions);
        List<String> policies =
                decisions.stream().map(Decision::policy).distinct().toList();

        assertThat(fields).containsOnlyKeys("RateLimit-Policy", "RateLimit");
        fields.values()
                .forEach(field ->
                        assertThat(Fields.parse(field).keySet()).containsExactlyInAnyOrderElementsOf(policies));
    }

    @Property
    void legacy_isWholeNumbers(@ForAll("decisions") List<Decision> decisions) {
        assertThat(fields(HeaderMode.LEGACY, decisions).values()).allMatch(value -> value.matches("\\d{1,19}"));
    }

    @Property
    void retryAfter_isNoEarlierThanWhatRejectsSays(@ForAll("decisions") List<Decision> decisions) {
        Map<String, String> fields = new TreeMap<>();
        Decisions all = new Decisions(decisions);
        RateLimitHeaders.reject(fields::put, all);
        RateLimitHeaders.describe(fields::put, HeaderMode.DRAFT, all);
        String retryAfter = fields.get("Retry-After");
        if (retryAfter != null) {
            Fields.parse(fields.get("RateLimit"))
                    .values()
                    .forEach(parameters -> assertThat((Long) parameters.getOrDefault("t", 0L))
                            .isLessThanOrEqualTo(Long.parseLong(retryAfter)));
        }
    }

    private static Map<String, String> fields(HeaderMode mode, List<Decision> decisions) {
        Map<String, String> fields = new TreeMap<>();
        RateLimitHeaders.describe(fields::put, mode, new Decisions(decisions));
        return fields;
    }

    @Provide
    Arbitrary<List<Decision>> decisions() {
        Arbitrary<String> names =
                Arbitraries.strings().withChars("abcXYZ019._-").ofMinLength(1).ofMaxLength(8);
        Arbitrary<Limit> limits = Combinators.combine(
                        Arbitraries.longs().between(1, MOST),
                        Arbitraries.longs().between(1, 366L * 86_400 * 1_000))
                .as((permits, millis) -> Limit.fixedWindow(permits, Duration.ofMillis(millis)));
        Arbitrary<Long> micros = Arbitraries.longs().between(0, MOST);
        Arbitrary<Decision> permitted = Combinators.combine(names, limits, micros, micros)
                .as((name, limit, left, reset) -> new Permitted(name, limit, left, reset, Reason.OK));
        Arbitrary<Decision> rejected = Combinators.combine(names, limits, micros, micros, micros.injectNull(0.2))
                .as((name, limit, left, reset, retry) ->
                        new Rejected(name, limit, left, reset, Reason.LIMIT, retry == null ? Rejected.NEVER : retry));
        return Arbitraries.oneOf(permitted, rejected).list().ofMinSize(1).ofMaxSize(4);
    }
}
