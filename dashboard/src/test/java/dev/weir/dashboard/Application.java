package dev.weir.dashboard;

import dev.weir.filter.RateLimitFilter;
import dev.weir.filter.RateLimits;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.ServletRegistration;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Map;
import java.util.function.Consumer;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/** A web application of servlets alone on a real Jetty: {@code /search} behind the filter, the dashboard at {@code /weir}. */
final class Application implements AutoCloseable {

    static final String TOKEN = "sixteen-characters-or-more";

    /** Three permits, and none comes back while a test runs. */
    static final Map<String, String> CONFIG = Map.of(
            "weir.admin.token",
            TOKEN,
            "weir.client-id",
            "header:X-Client",
            "weir.policy.search.limit",
            "3",
            "weir.policy.search.period",
            "30d");

    final RateLimits limits;
    private final ServletContextHandler context = new ServletContextHandler();
    private final Server server = new Server();
    private final ServerConnector connector = new ServerConnector(server);
    private final HttpClient http = HttpClient.newHttpClient();

    Application(Map<String, String> config, Consumer<ServletRegistration.Dynamic> dashboard) throws Exception {
        this(config, dashboard, any -> {});
    }

    Application(
            Map<String, String> config,
            Consumer<ServletRegistration.Dynamic> dashboard,
            Consumer<ServletContextHandler> application)
            throws Exception {
        limits = limits(config);
        context.setAttribute(RateLimits.ATTRIBUTE, limits);
        FilterHolder filter = new FilterHolder(new RateLimitFilter());
        filter.setInitParameter("policy", "search");
        filter.setAsyncSupported(true);
        context.addFilter(filter, "/search/*", EnumSet.of(DispatcherType.REQUEST));
        context.addServlet(new ServletHolder(new Found()), "/search/*");
        context.addServletContainerInitializer((classes, started) -> {
            ServletRegistration.Dynamic weir = started.addServlet("weir", new DashboardServlet());
            weir.addMapping("/weir/*");
            weir.setLoadOnStartup(1);
            weir.setAsyncSupported(true);
            dashboard.accept(weir);
        });
        application.accept(context);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(context);
        try {
            server.start();
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    static RateLimits limits(Map<String, String> config) {
        return RateLimits.from(new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(config, "test"))
                .build());
    }

    private static final class Found extends HttpServlet {
        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.getWriter().write("found");
        }
    }

    private HttpRequest.Builder request(String path, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + connector.getLocalPort() + path))
                .timeout(Duration.ofSeconds(20));
        return headers.length == 0 ? request : request.headers(headers);
    }

    HttpResponse<String> get(String path, String... headers) throws Exception {
        return http.send(request(path, headers).build(), BodyHandlers.ofString());
    }

    HttpResponse<String> send(String method, String path, String json, String... headers) throws Exception {
        return http.send(
                request(path, headers)
                        .header("Content-Type", "application/json")
                        .method(method, HttpRequest.BodyPublishers.ofString(json))
                        .build(),
                BodyHandlers.ofString());
    }

    HttpResponse<String> getAsAdmin(String path) throws Exception {
        return get(path, "Authorization", "Bearer " + TOKEN);
    }

    HttpResponse<String> sendAsAdmin(String method, String path, String json) throws Exception {
        return send(method, path, json, "Authorization", "Bearer " + TOKEN);
    }

    /** An open stream of events. */
    HttpResponse<InputStream> events() throws Exception {
        return http.send(
                request("/weir/events", "Authorization", "Bearer " + TOKEN).build(), BodyHandlers.ofInputStream());
    }

    static BufferedReader reader(HttpResponse<InputStream> events) {
        return new BufferedReader(new InputStreamReader(events.body(), StandardCharsets.UTF_8));
    }

    /** The data of the next event; null at the end. */
    static String nextEvent(BufferedReader reader) throws IOException {
        String line = reader.readLine();
        while (line != null && !line.startsWith("data: ")) {
            line = reader.readLine();
        }
        return line;
    }

    /** Ends the web application, as an undeploy does; the server goes on. */
    void undeploy() throws Exception {
        context.stop();
    }

    @Override
    public void close() {
        try (limits) {
            server.stop();
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }
}
