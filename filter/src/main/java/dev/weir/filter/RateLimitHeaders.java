package dev.weir.filter;

import dev.weir.filter.config.HeaderMode;
import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Decisions;
import dev.weir.limit.Limit;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Writes every response field that has to do with limits. The draft is not yet a standard: when its names change, this
 * is the file to change.
 *
 * <p>{@code RateLimit-Policy: "search";q=100;w=1} states the permits that come free ({@code q}) in how many seconds
 * ({@code w}); {@code RateLimit: "search";r=42;t=1} what remains ({@code r}) and in how many seconds more can be had
 * ({@code t}, rounded up). Units are permits: a request may take several. Each field is one list of all policies that
 * the request was decided on, so the fields are set, never added to.
 */
final class RateLimitHeaders {

    /** The largest integer of a structured field. */
    private static final long LARGEST = 999_999_999_999_999L;

    private static final long MICROS_PER_SECOND = 1_000_000;

    private RateLimitHeaders() {}

    /** Tells a client how it stands under some policies. */
    static void describe(BiConsumer<String, String> fields, HeaderMode mode, Decisions decisions) {
        switch (mode) {
            case DRAFT -> {
                fields.accept("RateLimit-Policy", list(decisions, RateLimitHeaders::policy));
                boolean permitted = decisions.permitted();
                fields.accept("RateLimit", list(decisions, decision -> state(decision, permitted)));
            }
            case LEGACY -> {
                Decision binding = decisions.binding();
                fields.accept("X-RateLimit-Limit", Long.toString(binding.limit().capacity()));
                fields.accept("X-RateLimit-Remaining", Long.toString(binding.remaining()));
                if (!isNeverAnything(binding)) {
                    // Seconds from now, not a date: clients' clocks are wrong.
                    fields.accept("X-RateLimit-Reset", Long.toString(ceilSeconds(binding.resetAfterMicros())));
                }
            }
            case NONE -> {}
        }
    }

    /** Tells a client whose request was rejected when to come back, if ever, and caches to forget it. */
    static void reject(BiConsumer<String, String> fields, Decisions decisions) {
        forget(fields);
        if (decisions.binding() instanceof Rejected rejected) {
            rejected.retryAfter()
                    .ifPresent(wait -> fields.accept("Retry-After", Long.toString(retryAfterSeconds(wait))));
        }
    }

    /** Tells caches to forget an answer that is this request's alone. */
    static void forget(BiConsumer<String, String> fields) {
        fields.accept("Cache-Control", "no-store");
    }

    /** A wait in whole seconds, rounded up: a client that comes back a moment early is rejected again. At least 1. */
    static long retryAfterSeconds(Duration wait) {
        return Math.max(1, wait.getSeconds() + (wait.getNano() > 0 ? 1 : 0));
    }

    private static String list(Decisions decisions, Function<Decision, String> item) {
        if (decisions.each().size() == 1) {
            return item.apply(decisions.each().get(0));
        }
        return byName(decisions).values().stream().map(item).collect(Collectors.joining(", "));
    }

    /** A name is listed once: decisions on buckets share theirs, so of several the one that binds. */
    private static Map<String, Decision> byName(Decisions decisions) {
        Map<String, Decision> byName = new LinkedHashMap<>();
        decisions
                .each()
                .forEach(decision -> byName.merge(
                        decision.policy(), decision, (one, other) -> new Decisions(List.of(one, other)).binding()));
        return byName;
    }

    private static String policy(Decision decision) {
        Limit limit = decision.limit();
        String policy = '"' + decision.policy() + "\";q=" + Math.min(limit.permits(), LARGEST);
        // The window has whole seconds only. Left out, a client goes by r and t; rounded, it would go by a wrong rate.
        Duration period = limit.period();
        return period.getNano() == 0 ? policy + ";w=" + period.getSeconds() : policy;
    }

    private static String state(Decision decision, boolean permitted) {
        String state = '"' + decision.policy() + "\";r=" + Math.min(decision.remaining(), LARGEST);
        if (decision instanceof Rejected rejected) {
            boolean never = rejected.retryAfterMicros() == Rejected.NEVER;
            long changesAfter = never ? rejected.resetAfterMicros() : rejected.retryAfterMicros();
            return isNeverAnything(decision) ? state : state + ";t=" + ceilSeconds(changesAfter);
        }
        // Retry-After must not be earlier than any t, and it states those policies alone that reject.
        return permitted ? state + ";t=" + ceilSeconds(decision.resetAfterMicros()) : state;
    }

    /** Where a request can never pass and nothing will change, there is no time to state: 0 would be an invitation. */
    private static boolean isNeverAnything(Decision decision) {
        return decision instanceof Rejected rejected
                && rejected.retryAfterMicros() == Rejected.NEVER
                && rejected.resetAfterMicros() == 0;
    }

    private static long ceilSeconds(long micros) {
        return micros / MICROS_PER_SECOND + (micros % MICROS_PER_SECOND > 0 ? 1 : 0);
    }
}
