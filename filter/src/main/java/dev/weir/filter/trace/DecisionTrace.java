package dev.weir.filter.trace;

import dev.weir.limit.Decisions;
import java.util.OptionalLong;

/** Notes in the trace of a request what was decided on it. Thread-safe. */
public interface DecisionTrace {

    /**
     * Of the thread that makes the decisions known to the request.
     *
     * @param sinceNanos when the request took its place in a line, by {@link System#nanoTime}; empty if it could not
     *     wait for its turn
     */
    void add(Decisions decisions, OptionalLong sinceNanos);

    /** In the current span of OpenTelemetry if its API is on the class path, and nowhere else. */
    static DecisionTrace onClassPath() {
        return isPresent("io.opentelemetry.api.trace.Span") && isPresent("io.opentelemetry.context.Context")
                ? new SpanEvents()
                : (decisions, sinceNanos) -> {};
    }

    /** It is not initialized: an application may still say how contexts are stored. */
    private static boolean isPresent(String type) {
        try {
            Class.forName(type, false, DecisionTrace.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException | LinkageError absent) {
            return false;
        }
    }
}
