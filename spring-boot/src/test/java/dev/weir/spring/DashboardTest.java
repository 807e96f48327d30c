package dev.weir.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.dashboard.DashboardServlet;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** The dashboard as docs/dashboard.md registers it, in an application on Tomcat. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // What hangs fails.
class DashboardTest {

    private static final String BEARER = "Bearer sixteen-characters-or-more";

    @SpringBootApplication(scanBasePackages = "none")
    @Import({OpenSecurity.class, SearchController.class})
    static class Application {

        @Bean
        ServletRegistrationBean<DashboardServlet> weirDashboard() {
            var dashboard = new ServletRegistrationBean<>(new DashboardServlet(), "/weir/*");
            dashboard.setLoadOnStartup(1);
            return dashboard;
        }
    }

    private static App app;

    @BeforeAll
    static void start() {
        app = App.start(
                Application.class,
                "weir.policy.search.limit=1",
                "weir.policy.search.period=1h",
                "weir.client-id=header:X-Client",
                "weir.admin.token=sixteen-characters-or-more",
                "weir.admin.role=USER");
    }

    @AfterAll
    static void stop() {
        app.close();
    }

    private static String asAdmin(String path) throws Exception {
        return app.get(path, "Authorization", BEARER).body();
    }

    @Test
    void page_andItsFiles_areServed() throws Exception {
        assertThat(app.get("/weir/").body()).contains("dashboard/app.js");
        assertThat(app.get("/weir/dashboard/app.js").statusCode()).isEqualTo(200);
        assertThat(app.get("/weir/dashboard/uplot/uPlot.esm.js").statusCode()).isEqualTo(200);
    }

    @Test
    void data_isThatOfTheLimiterOfTheApplication_forItsAdministrators() throws Exception {
        assertThat(app.get("/search", "X-Client", "alice").statusCode()).isEqualTo(200);
        assertThat(app.get("/search", "X-Client", "alice").statusCode()).isEqualTo(429);

        assertThat(app.get("/weir/overview").statusCode()).isEqualTo(401);
        assertThat(asAdmin("/weir/overview")).contains("\"name\":\"search\"", "\"admin\":\"read\"");
        assertThat(asAdmin("/weir/activity")).contains("\"search\":{\"permitted\":1,\"rejected\":1,");
        assertThat(asAdmin("/weir/admin/policies")).contains("\"sources\":[\"commandLineArgs\"]");
        assertThat(asAdmin("/weir/admin/rejected")).contains("\"client\":\"alice\"");
    }

    @Test
    void role_isThatOfSpringSecurity() throws Exception {
        String basic = "Basic " + Base64.getEncoder().encodeToString("alice:alice".getBytes(StandardCharsets.UTF_8));

        assertThat(app.get("/weir/overview", "Authorization", basic).statusCode())
                .isEqualTo(200);
    }

    @Test
    void events_come() throws Exception {
        String port = app.context().getEnvironment().getRequiredProperty("local.server.port");
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/weir/events"))
                .header("Authorization", BEARER)
                .build();
        HttpResponse<InputStream> events =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofInputStream());

        try (BufferedReader reader = new BufferedReader(new InputStreamReader(events.body(), StandardCharsets.UTF_8))) {
            assertThat(reader.readLine()).startsWith("data: {\"instances\":[");
        }
    }
}
