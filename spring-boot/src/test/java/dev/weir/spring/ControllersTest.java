package dev.weir.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.annotation.RateLimited;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code @RateLimited} on controllers, in an application on Tomcat. */
class ControllersTest {

    @SpringBootApplication(scanBasePackages = "none")
    @Import({OpenSecurity.class, ControllersTest.Search.class})
    static class Application {}

    @RestController
    static class Search {

        @GetMapping("/search")
        @RateLimited(policy = "search")
        String search() {
            return "found";
        }
    }

    @Test
    void request_aboveTheLimit_isAnswered429() throws Exception {
        try (App app = App.start(Application.class, "weir.policy.search.limit=1", "weir.policy.search.period=1h")) {
            HttpResponse<String> first = app.get("/search");
            HttpResponse<String> second = app.get("/search");

            assertThat(first.statusCode()).isEqualTo(200);
            assertThat(first.headers().firstValue("RateLimit-Policy")).hasValue("\"search\";q=1;w=3600");
            assertThat(second.statusCode()).isEqualTo(429);
            assertThat(second.headers().firstValue("Retry-After")).isPresent();
            assertThat(second.headers().firstValue("Content-Type").orElseThrow())
                    .startsWith("application/problem+json");
            assertThat(second.body()).contains("\"violated-policies\":[\"search\"]");
        }
    }
}
