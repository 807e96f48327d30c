package dev.weir.filter.metrics;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.filter.Configs;
import dev.weir.filter.RateLimits;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Two web applications count in one registry of Micrometer; each may end without the other. */
@Timeout(60)
class SharedRegistryTest {

    private final MeterRegistry registry = new ClientFormat().create();
    private final PrometheusText text = PrometheusText.of(registry);

    private RateLimits start(String policy) {
        return RateLimits.from(
                Configs.of("weir.policy.%s.limit=5\nweir.config.reload-interval=100ms".formatted(policy)),
                null,
                null,
                registry);
    }

    @Test
    void close_oneOfTwo_theOthersGaugesAreShown_andCountersGoOn() {
        RateLimits first = start("first");
        try (RateLimits other = start("other")) {
            first.weir().limiter("first").allow("alice");
            first.close();

            await().atMost(10, SECONDS)
                    .untilAsserted(() -> assertThat(text.render())
                            .contains("weir_store_up 1.0", "weir_instances 1.0", "weir_delayed_requests 0.0"));
            other.weir().limiter("other").allow("alice");
            assertThat(text.render())
                    .contains("weir_decisions_total{outcome=\"permitted\",policy=\"first\"} 1.0")
                    .contains("weir_decisions_total{outcome=\"permitted\",policy=\"other\"} 1.0");
        }
        assertThat(text.render()).doesNotContain("weir_store_up", "weir_instances");
    }

    @Test
    void close_theOneThatCameSecond_leavesTheGaugesOfTheFirst() {
        try (RateLimits first = start("first")) {
            start("second").close();

            assertThat(first.weir().storeUp()).isTrue();
            assertThat(text.render()).contains("weir_store_up 1.0");
        }
    }
}
