package dev.weir.sample.dashboard;

import dev.weir.dashboard.Dashboard;
import dev.weir.filter.RateLimits;
import dev.weir.limit.Decision;
import jakarta.servlet.ServletContext;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/**
 * Weir's dashboard with what the sample adds to it, open to every client: the sample has nothing to hide.
 *
 * @param shown Weir's dashboard
 * @param requests what the sample adds
 */
public record SampleDashboard(Dashboard shown, Requests requests) implements AutoCloseable {

    /** The context attribute that holds the dashboard of a web application. */
    public static final String ATTRIBUTE = SampleDashboard.class.getName();

    private static SampleDashboard of(RateLimits limits, Requests requests) {
        return new SampleDashboard(Dashboard.of(limits, requests), requests);
    }

    /** Shows this instance alone, and no client ids. */
    public static SampleDashboard of(RateLimits limits) {
        return of(limits, new Requests(null, List::of));
    }

    /**
     * Shows client ids as well, and other instances.
     *
     * @param others the snapshots of other instances, as JSON: asked once a second while a page is open
     */
    public static SampleDashboard ofDemo(RateLimits limits, Supplier<List<String>> others) {
        return of(limits, new Requests(new Clients(limits.rejectedClients()), others));
    }

    /** That of a web application. */
    public static SampleDashboard of(ServletContext context) {
        return Objects.requireNonNull((SampleDashboard) context.getAttribute(ATTRIBUTE), "SampleServer sets it");
    }

    /**
     * The playground has an answer.
     *
     * @param nanos how long it took; for a request that waited for its turn, with the wait
     * @param wasDelayed whether it waited for its turn
     */
    public void answered(String client, Decision decision, long nanos, boolean wasDelayed) {
        requests.answered(client, decision, nanos, wasDelayed);
    }

    /** Ends what open pages listen to, so that the server can end. */
    @Override
    public void close() {
        shown.close();
    }
}
