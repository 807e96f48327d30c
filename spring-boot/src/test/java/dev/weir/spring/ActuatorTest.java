package dev.weir.spring;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Import;

/** What Actuator shows, in an application on Tomcat whose store is away. */
class ActuatorTest {

    @SpringBootApplication(scanBasePackages = "none")
    @Import({OpenSecurity.class, SearchController.class})
    static class Application {}

    private static App app;

    @BeforeAll
    static void start() {
        app = App.start(
                Application.class,
                "weir.policy.search.limit=1",
                "weir.policy.search.period=1h",
                "weir.store=redisson",
                "weir.redisson.uri=redis://127.0.0.1:1",
                "management.endpoints.web.exposure.include=health,weir,metrics",
                "management.endpoint.health.show-details=always");
    }

    @AfterAll
    static void stop() {
        app.close();
    }

    @Test
    void health_isUp_withoutTheStore_becauseLimitsAreStillDecided() throws Exception {
        HttpResponse<String> health = app.get("/actuator/health");

        assertThat(app.get("/search").statusCode()).isEqualTo(200);
        assertThat(app.get("/search").statusCode()).isEqualTo(429);
        assertThat(health.statusCode()).isEqualTo(200);
        assertThat(health.body())
                .contains("\"weir\":{")
                .contains("\"store\":\"down\",\"instances\":1,\"instanceId\":")
                .doesNotContain("\"DOWN\"");
    }

    @Test
    void metrics_areInTheRegistryOfTheApplication() throws Exception {
        app.get("/search");

        assertThat(app.get("/actuator/metrics/weir.decisions?tag=policy:search").body())
                .contains("\"name\":\"weir.decisions\"", "\"COUNT\"");
        assertThat(app.get("/actuator/metrics/weir.store.up").body()).contains("\"value\":0.0");
    }

    @Test
    void endpoint_showsThePoliciesInForce_andWhereTheyComeFrom() throws Exception {
        assertThat(app.get("/actuator/weir").body())
                .contains("\"store\":\"down\"", "\"name\":\"search\"", "\"limit\":1", "\"periodMillis\":3600000")
                .contains("\"sources\":[\"commandLineArgs\"]");
    }
}
