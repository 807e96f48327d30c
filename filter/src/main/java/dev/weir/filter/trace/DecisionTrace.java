package dev.weir.filter.trace;

import dev.weir.limit.Decisions;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Notes in the trace of a request what was decided on it: in the current span of OpenTelemetry if its API is on the
 * class path, and nowhere else. No request fails with its trace, whatever that throws: what was charged is answered. A
 * failure is logged, the first as a warning and later ones at DEBUG; if a part of OpenTelemetry is missing, nothing is
 * noted from then on. Thread-safe.
 */
public final class DecisionTrace {

    private static final Logger LOG = System.getLogger(DecisionTrace.class.getName());

    private final AtomicBoolean hasFailed = new AtomicBoolean();
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
        } catch (LinkageError e) {
            isOn = false;
            LOG.log(Level.WARNING, "decisions are not noted in traces: a part of OpenTelemetry is missing", e);
        } catch (Throwable e) {
            Level level = hasFailed.compareAndSet(false, true) ? Level.WARNING : Level.DEBUG;
            LOG.log(level, "a decision could not be noted in a trace: its span has failed", e);
        }
    }
}
