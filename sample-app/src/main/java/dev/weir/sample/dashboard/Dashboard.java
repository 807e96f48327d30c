package dev.weir.sample.dashboard;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.Weir;
import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import jakarta.servlet.ServletContext;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the page shows of this instance, and of others if it knows where they are. Nothing runs while no page is open.
 * Thread-safe.
 */
public final class Dashboard implements AutoCloseable {

    /** The context attribute that holds the dashboard of a web application. */
    public static final String ATTRIBUTE = Dashboard.class.getName();

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Weir weir;
    private final Activity activity;
    private final @Nullable Clients clients;
    private final Latency latency = new Latency();
    private final Supplier<List<String>> others;
    private final EventStream events = new EventStream(this::event);
    private final long startedAt = System.currentTimeMillis();

    private Dashboard(Weir weir, Activity activity, @Nullable Clients clients, Supplier<List<String>> others) {
        this.weir = weir;
        this.activity = activity;
        this.clients = clients;
        this.others = others;
    }

    /** Shows this instance alone, and no client ids. */
    public static Dashboard of(Weir weir, Activity activity) {
        return new Dashboard(weir, activity, null, List::of);
    }

    /**
     * Shows client ids as well, and other instances.
     *
     * @param others the snapshots of other instances, as JSON: asked once a second while a page is open
     */
    public static Dashboard ofDemo(Weir weir, Activity activity, Supplier<List<String>> others) {
        return new Dashboard(weir, activity, new Clients(), others);
    }

    /** That of a web application. */
    public static Dashboard of(ServletContext context) {
        return Objects.requireNonNull((Dashboard) context.getAttribute(ATTRIBUTE), "SampleServer sets it");
    }

    /**
     * The playground has an answer.
     *
     * @param nanos how long it took; for a request that waited for its turn, with the wait
     * @param wasDelayed whether it waited for its turn
     */
    public void answered(String client, Decision decision, long nanos, boolean wasDelayed) {
        if (!wasDelayed) {
            latency.record(nanos);
        } else if (decision.permitted()) {
            activity.delayed(decision.policy());
        }
        if (clients != null) {
            clients.add(client, decision, wasDelayed);
        }
    }

    EventStream events() {
        return events;
    }

    /** All instances, for browsers. */
    private String event() {
        return Stream.concat(Stream.of(snapshotJson()), others.get().stream())
                .collect(Collectors.joining(",", "{\"instances\":[", "]}"));
    }

    /** This instance, for others. */
    String snapshotJson() {
        try {
            return JSON.writeValueAsString(snapshot());
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private Snapshot snapshot() {
        return new Snapshot(
                weir.instanceId(),
                System.currentTimeMillis(),
                startedAt,
                weir.instances(),
                activity.store(weir.storeUp()),
                weir.waiting(),
                activity.policies(),
                latency.quantiles(),
                clients == null ? null : clients.rows(),
                clients == null ? null : clients.top(),
                lastRejection());
    }

    private Snapshot.@Nullable LastRejection lastRejection() {
        Clients.LastRejected ofClient = clients == null ? null : clients.last();
        if (ofClient != null) {
            return new Snapshot.LastRejection(
                    ofClient.at(), RejectionWords.of("A request of " + ofClient.client(), ofClient.decision()));
        }
        Rejected rejected = activity.lastRejected();
        return rejected == null ? null : new Snapshot.LastRejection(null, RejectionWords.of("A request", rejected));
    }

    /** Ends what open pages listen to, so that the server can end. */
    @Override
    public void close() {
        events.close();
    }
}
