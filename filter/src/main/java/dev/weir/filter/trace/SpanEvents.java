package dev.weir.filter.trace;

import dev.weir.filter.metrics.Outcome;
import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Decisions;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.common.AttributesBuilder;
import io.opentelemetry.api.trace.Span;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/**
 * Adds an event to the current span for each decision. A span that is not recorded costs a look at it. No client's id
 * is in an event: traces are kept for long, and seen by many.
 */
final class SpanEvents {

    private static final String EVENT = "weir.decision";
    private static final AttributeKey<String> POLICY = AttributeKey.stringKey("weir.policy");
    private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("weir.outcome");
    private static final AttributeKey<String> SOURCE = AttributeKey.stringKey("weir.source");
    private static final AttributeKey<Long> REMAINING = AttributeKey.longKey("weir.remaining");
    private static final AttributeKey<Long> RETRY_AFTER = AttributeKey.longKey("weir.retry_after_ms");
    private static final AttributeKey<Long> WAITED = AttributeKey.longKey("weir.waited_ms");

    private SpanEvents() {}

    static void add(Decisions decisions, OptionalLong sinceNanos) {
        Span span = Span.current();
        if (span.isRecording()) {
            decisions.each().forEach(decision -> span.addEvent(EVENT, attributes(decision, sinceNanos)));
        }
    }

    private static Attributes attributes(Decision decision, OptionalLong sinceNanos) {
        AttributesBuilder attributes = Attributes.builder()
                .put(POLICY, decision.policy())
                .put(OUTCOME, Outcome.of(decision).name().toLowerCase(Locale.ROOT))
                .put(SOURCE, decision.source().name().toLowerCase(Locale.ROOT))
                .put(REMAINING, decision.remaining());
        if (decision instanceof Rejected rejected) {
            rejected.retryAfter().ifPresent(wait -> attributes.put(RETRY_AFTER, wait.toMillis()));
        }
        sinceNanos.ifPresent(since -> attributes.put(WAITED, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since)));
        return attributes.build();
    }
}
