package dev.weir.filter.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.weir.filter.Configs;
import dev.weir.filter.RateLimitFilter;
import dev.weir.filter.RateLimits;
import dev.weir.filter.RateLimitsListener;
import dev.weir.filter.WebServer;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.metrics.SdkMeterProvider;
import io.opentelemetry.sdk.metrics.data.ExemplarData;
import io.opentelemetry.sdk.testing.exporter.InMemoryMetricReader;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.EventData;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests in spans of OpenTelemetry's SDK, in a real container. */
class SpanEventsTest {

    private static final AttributeKey<String> POLICY = AttributeKey.stringKey("weir.policy");
    private static final AttributeKey<String> OUTCOME = AttributeKey.stringKey("weir.outcome");
    private static final AttributeKey<String> SOURCE = AttributeKey.stringKey("weir.source");
    private static final AttributeKey<Long> REMAINING = AttributeKey.longKey("weir.remaining");
    private static final AttributeKey<Long> RETRY_AFTER = AttributeKey.longKey("weir.retry_after_ms");
    private static final AttributeKey<Long> WAITED = AttributeKey.longKey("weir.waited_ms");

    private final InMemorySpanExporter spans = InMemorySpanExporter.create();
    private final InMemoryMetricReader metrics = InMemoryMetricReader.create();
    private final OpenTelemetrySdk sdk = OpenTelemetrySdk.builder()
            .setTracerProvider(SdkTracerProvider.builder()
                    .addSpanProcessor(SimpleSpanProcessor.create(spans))
                    .build())
            .setMeterProvider(
                    SdkMeterProvider.builder().registerMetricReader(metrics).build())
            .build();

    @AfterEach
    void close() {
        sdk.close();
    }

    private WebServer server(String config, String... policies) throws Exception {
        RateLimits limits = RateLimits.from(
                Configs.of("weir.client-id=address\n" + config.strip().indent(0)), null, null, sdk);
        return WebServer.start(context -> {
            context.setAttribute(RateLimits.ATTRIBUTE, limits);
            context.addServletContainerInitializer(new RateLimitsListener());
            add(context, new FilterHolder(eachInASpan()));
            for (String policy : policies) {
                FilterHolder limit = new FilterHolder(RateLimitFilter.class);
                limit.setName("limit-" + policy);
                limit.setInitParameter("policy", policy);
                add(context, limit);
            }
            ServletHolder servlet = new ServletHolder(new HttpServlet() {
                @Override
                protected void doGet(HttpServletRequest request, HttpServletResponse response) {
                    response.setStatus(HttpServletResponse.SC_NO_CONTENT);
                }
            });
            servlet.setAsyncSupported(true);
            context.addServlet(servlet, "/*");
        });
    }

    private static void add(ServletContextHandler context, FilterHolder filter) {
        filter.setAsyncSupported(true);
        context.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC));
    }

    /** As an agent or a framework does it. */
    private Filter eachInASpan() {
        return (request, response, chain) -> {
            Span span = sdk.getTracer("application").spanBuilder("request").startSpan();
            Scope current = span.makeCurrent();
            try {
                chain.doFilter(request, response);
            } finally {
                current.close();
                span.end();
            }
        };
    }

    private List<EventData> events() {
        return spans.getFinishedSpanItems().stream()
                .flatMap(span -> span.getEvents().stream())
                .toList();
    }

    @Test
    void eachDecision_isAnEventOfTheRequestsSpan() throws Exception {
        try (WebServer server = server("""
            weir.policy.one.limit=1
            weir.policy.one.period=1h
            weir.policy.ten.limit=10
            weir.policy.ten.period=1h
            """, "ten", "one")) {
            assertThat(server.status("/")).isEqualTo(204);
            assertThat(server.status("/")).isEqualTo(429);
        }
        List<SpanData> requests = spans.getFinishedSpanItems();
        assertThat(requests).hasSize(2);
        assertThat(requests.get(0).getEvents())
                .extracting(EventData::getName, event -> event.getAttributes().asMap())
                .containsExactly(
                        tuple(
                                "weir.decision",
                                Map.of(POLICY, "ten", OUTCOME, "permitted", SOURCE, "store", REMAINING, 9L)),
                        tuple(
                                "weir.decision",
                                Map.of(POLICY, "one", OUTCOME, "permitted", SOURCE, "store", REMAINING, 0L)));
        EventData rejected = requests.get(1).getEvents().get(1);
        assertThat(rejected.getAttributes().get(POLICY)).isEqualTo("one");
        assertThat(rejected.getAttributes().get(OUTCOME)).isEqualTo("rejected");
        assertThat(rejected.getAttributes().get(RETRY_AFTER)).isBetween(3_500_000L, 3_600_000L);
    }

    @Test
    void requestThatWaited_saysForHowLong() throws Exception {
        try (WebServer server = server("""
            weir.policy.queued.limit=2
            weir.policy.queued.period=1s
            weir.policy.queued.burst=1
            weir.policy.queued.at-limit=delay
            weir.policy.queued.max-delay=10s
            """, "queued")) {
            for (int i = 0; i < 3; i++) {
                assertThat(server.status("/")).isEqualTo(204);
            }
        }
        assertThat(events()).hasSize(3);
        Attributes last = events().get(2).getAttributes();
        assertThat(last.get(OUTCOME)).isEqualTo("permitted");
        assertThat(last.get(WAITED)).isBetween(1L, 10_000L);
    }

    /** One of 64 requests is measured. */
    @Test
    void latency_hasTracesAsExemplars() throws Exception {
        Set<String> exemplars = Set.of();
        try (WebServer server = server("weir.policy.many.limit=1000000", "many")) {
            for (int i = 0; i < 2_000 && exemplars.isEmpty(); i++) {
                server.get("/");
                exemplars = newExemplars();
            }
        }
        Set<String> traces =
                spans.getFinishedSpanItems().stream().map(SpanData::getTraceId).collect(Collectors.toSet());
        assertThat(exemplars).isNotEmpty().isSubsetOf(traces);
    }

    private Set<String> newExemplars() {
        return metrics.collectAllMetrics().stream()
                .filter(metric -> metric.getName().equals("weir.decision"))
                .flatMap(metric -> metric.getHistogramData().getPoints().stream())
                .flatMap(point -> point.getExemplars().stream())
                .map(ExemplarData::getSpanContext)
                .map(context -> context.getTraceId())
                .collect(Collectors.toSet());
    }
}
