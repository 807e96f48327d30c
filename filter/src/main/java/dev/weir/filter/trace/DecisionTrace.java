package dev.weir.filter.trace;

import dev.weir.limit.Decisions;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.OptionalLong;

/**
 * Notes in the trace of a request what was decided on it: in the current span of OpenTelemetry if its API is on the
 * class path, and nowhere else. A trace that fails is given up, and no request fails with it. Thread-safe.
 */
public final class DecisionTrace {

    private static final Logger LOG = System.getLogger(DecisionTrace.class.getName());

    private volatile boolean isOn;

    private DecisionTrace(boolean isOn) {
        this.isOn = isOn;
    }

    /** Where the class path says. */
    public static DecisionTrace onClassPath() {
        return new DecisionTrace(
                isPresent("io.opentelemetry.api.trace.Span") && isPresent("io.opentelemetry.context.Context"));
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

    /**
     * On the thread that makes the decisions known to the request.
     *
     * @param sinceNanos when the request took its place in a line, by {@link System#nanoTime}; empty if it could not
     *     wait for its turn
     */
    public void add(Decisions decisions, OptionalLong sinceNanos) {
        if (!isOn) {
            return;
        }
        try {
            SpanEvents.add(decisions, sinceNanos);
        } catch (RuntimeException | LinkageError e) {
            isOn = false;
            LOG.log(Level.WARNING, "decisions are no longer noted in traces: OpenTelemetry has failed", e);
        }
    }
}
