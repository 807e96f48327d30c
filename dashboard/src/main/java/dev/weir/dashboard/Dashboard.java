package dev.weir.dashboard;

import dev.weir.Policy;
import dev.weir.Weir;
import dev.weir.filter.RateLimits;
import dev.weir.filter.admin.JsonWriter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The data of the page: what the limiter of this instance has done since this object was made. It guards nothing: {@link
 * DashboardServlet} does. An application that serves the data itself says who may see it. Nothing runs while no page is
 * open. Thread-safe.
 */
public final class Dashboard implements AutoCloseable {

    private final Weir weir;
    private final Activity activity = new Activity();
    private final Extension extension;
    private final Runnable endOfListening;
    private final EventStream events = new EventStream(this::event);
    private final long startedAt = System.currentTimeMillis();

    private Dashboard(RateLimits limits, Extension extension) {
        this.weir = limits.weir();
        this.extension = extension;
        this.endOfListening = limits.listen(activity);
    }

    /** What a limiter reports. */
    public static Dashboard of(RateLimits limits) {
        return of(limits, new Extension() {});
    }

    /** What a limiter reports, and what the application adds. */
    public static Dashboard of(RateLimits limits, Extension extension) {
        return new Dashboard(limits, extension);
    }

    /**
     * Sends the snapshots of all known instances, now and once a second, as server-sent events (WHATWG HTML, 9.2): each
     * is a JSON object {@code {"instances": [...]}}. The response ends when the reader is gone or does not read, or
     * when this dashboard is closed. More than {@value EventStream#MOST} readers are refused with 503.
     *
     * @param request one for which {@code async-supported} is true in the servlet and in every filter before it; if
     *     not, it is answered with 500
     * @throws IOException if the response cannot be begun
     */
    public void events(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!request.isAsyncSupported()) {
            Problems.send(response, 500, "async-supported must be true for the servlet and for every filter before it");
        } else if (!events.reserve()) {
            Problems.send(response, 503, "at most %d pages can be open at a time".formatted(EventStream.MOST));
        } else {
            events.open(request, response);
        }
    }

    /** The policies in force, and how the limiter is, as fields of JSON. */
    public Map<String, Object> overview() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("instance", weir.instanceId());
        fields.put("instances", weir.instances());
        fields.put("store", weir.storeUp() ? "UP" : "DOWN");
        fields.put(
                "policies",
                weir.policies().values().stream()
                        .sorted(Comparator.comparing(Policy::name))
                        .map(PolicyWords::fields)
                        .toList());
        return fields;
    }

    /**
     * What this instance has done, as fields of JSON. Counts only grow, as those of {@code /metrics} do: readers take
     * differences. Times are in epoch milliseconds: {@code at} of the snapshot, {@code startedAt} of the first count.
     * {@code instances} live, as the store last reported; {@code waiting} requests wait for their turn now.
     */
    public Map<String, Object> snapshot() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("instance", weir.instanceId());
        fields.put("at", System.currentTimeMillis());
        fields.put("startedAt", startedAt);
        fields.put("instances", weir.instances());
        fields.put("store", activity.store(weir.storeUp()));
        fields.put("waiting", weir.waiting());
        fields.put("policies", activity.policies(extension::delayed));
        fields.put("lastRejection", RejectionWords.fields(activity.lastRejected()));
        fields.putAll(extension.fields());
        return fields;
    }

    private String event() {
        String own = new String(JsonWriter.bytes(snapshot()), StandardCharsets.UTF_8);
        return Stream.concat(Stream.of(own), extension.others().stream())
                .collect(Collectors.joining(",", "{\"instances\":[", "]}"));
    }

    /** Counts no more, and ends what open pages listen to, so that a server can end. */
    @Override
    public void close() {
        endOfListening.run();
        events.close();
    }
}
