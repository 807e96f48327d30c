package dev.weir.filter.trace;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.filter.Logged;
import dev.weir.limit.Decision.Permitted;
import dev.weir.limit.Decisions;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Spans that want nothing, and such as fail. */
class DecisionTraceTest {

    private static final Decisions DECISIONS = new Decisions(
            List.of(new Permitted("search", Limit.tokenBucket(10, Duration.ofSeconds(1)), 9, 100_000, Reason.OK)));

    private final AtomicInteger events = new AtomicInteger();
    private final DecisionTrace trace = DecisionTrace.onClassPath();
    private Throwable failure = new IllegalStateException("thrown on purpose");

    private Span span(boolean isRecording) {
        return (Span) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Span.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("isRecording")) {
                        return isRecording;
                    }
                    return answer(proxy, method, arguments);
                });
    }

    private Object answer(Object proxy, Method method, Object[] arguments) throws Throwable {
        if (method.isDefault()) {
            return InvocationHandler.invokeDefault(proxy, method, arguments);
        }
        events.incrementAndGet();
        throw failure;
    }

    private void add(Span span) {
        Scope current = span.makeCurrent();
        try {
            trace.add(DECISIONS, OptionalLong.empty());
        } finally {
            current.close();
        }
    }

    @Test
    void spanThatIsNotRecorded_isOnlyLookedAt() {
        add(span(false));

        assertThat(events).hasValue(0);
    }

    static Stream<Throwable> failures() {
        return Stream.of(new IllegalStateException("thrown on purpose"), new AssertionError("thrown on purpose"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void spanThatFails_isWarnedOfOnce_andTheNextIsTried(Throwable thrown) {
        failure = thrown;
        try (Logged log = new Logged()) {
            add(span(true));
            add(span(true));

            assertThat(log.lines())
                    .filteredOn(line -> line.startsWith("WARNING"))
                    .hasSize(1);
        }
        assertThat(events).hasValue(2);
    }

    @Test
    void partThatIsMissing_isWarnedOf_andNothingIsTriedAgain() {
        failure = new NoClassDefFoundError("io/opentelemetry/api/common/Attributes");
        try (Logged log = new Logged()) {
            add(span(true));
            add(span(true));

            assertThat(log.lines())
                    .singleElement()
                    .asString()
                    .startsWith("WARNING")
                    .contains("missing");
        }
        assertThat(events).hasValue(1);
    }
}
