package dev.weir.sample.demo;

import dev.weir.sample.traffic.Flow;
import dev.weir.sample.traffic.TrafficSource;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Sends the requests of made-up clients over HTTP to all instances in turn. Thread-safe. */
final class Traffic implements AutoCloseable {

    private static final long TICK_MILLIS = 25;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    private final HttpClient http;
    private final List<URI> instances;
    private final List<Flow> flows =
            TrafficSource.OF_DEMO.stream().map(Flow::new).toList();
    private final ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "demo-traffic");
        thread.setDaemon(true);
        return thread;
    });
    private int turn;

    Traffic(HttpClient http, List<URI> instances) {
        this.http = http;
        this.instances = List.copyOf(instances);
    }

    void start() {
        ticker.scheduleWithFixedDelay(this::tick, 0, TICK_MILLIS, TimeUnit.MILLISECONDS);
    }

    List<Flow> flows() {
        return flows;
    }

    Optional<Flow> flow(String client) {
        return flows.stream()
                .filter(flow -> flow.source().client().equals(client))
                .findFirst();
    }

    private void tick() {
        long now = System.nanoTime();
        for (Flow flow : flows) {
            for (int due = flow.due(now); due > 0; due--) {
                send(flow);
            }
        }
    }

    private void send(Flow flow) {
        turn = (turn + 1) % instances.size();
        URI uri = instances.get(turn).resolve(flow.source().path());
        flow.left();
        http.sendAsync(HttpRequest.newBuilder(uri).timeout(TIMEOUT).build(), HttpResponse.BodyHandlers.discarding())
                .whenComplete((response, failure) -> flow.answered(retryAfter(response)));
    }

    private static long retryAfter(@Nullable HttpResponse<Void> response) {
        return response == null
                ? 0
                : response.headers().firstValueAsLong("Retry-After").orElse(0);
    }

    @Override
    public void close() {
        ticker.shutdownNow();
    }
}
