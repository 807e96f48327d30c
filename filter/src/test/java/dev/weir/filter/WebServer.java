package dev.weir.filter;

import dev.weir.Policy;
import dev.weir.Weir;
import dev.weir.filter.client.ClientIds;
import dev.weir.filter.config.HeaderMode;
import dev.weir.filter.config.HttpSettings;
import dev.weir.limit.Limit;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Consumer;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.http2.server.HTTP2CServerConnectionFactory;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** A real servlet container on a free port, with one web application and a client that talks HTTP to it. */
public final class WebServer implements AutoCloseable {

    /** Long enough for nothing to come back while a test runs. */
    static final Duration LONG = Duration.ofDays(30);

    private final Server server;
    private final ServerConnector connector;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private WebServer(ServletContextHandler application) throws Exception {
        this(new Server(), application);
    }

    private WebServer(Server server, ServletContextHandler application) throws Exception {
        this.server = server;
        connector = new ServerConnector(
                server,
                new HttpConnectionFactory(),
                new HTTP2CServerConnectionFactory(new HttpConfiguration())); // For who asks for it.
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(application);
        try {
            server.start();
        } catch (Exception failed) {
            server.stop();
            throw failed;
        }
    }

    public static WebServer start(ServletContextHandler application) throws Exception {
        return new WebServer(application);
    }

    public static WebServer start(Consumer<ServletContextHandler> application) throws Exception {
        ServletContextHandler handler = new ServletContextHandler();
        application.accept(handler);
        return new WebServer(handler);
    }

    /** With so many threads, of which the container needs some for itself. */
    public static WebServer start(int threads, Consumer<ServletContextHandler> application) throws Exception {
        ServletContextHandler handler = new ServletContextHandler();
        application.accept(handler);
        return new WebServer(new Server(new QueuedThreadPool(threads)), handler);
    }

    /**
     * A limiter by address with policies {@code three} (3 permits), {@code two} (2), {@code ten} (10) and {@code
     * default} (1).
     */
    static RateLimits limits() {
        return limits("address", HeaderMode.DRAFT);
    }

    static RateLimits limits(String clientId, HeaderMode headers) {
        Weir weir = Weir.builder()
                .policy(Policy.of("two", Limit.tokenBucket(2, LONG)))
                .policy(Policy.of("three", Limit.tokenBucket(3, LONG)))
                .policy(Policy.of("ten", Limit.tokenBucket(10, LONG)))
                .policy(Policy.of("default", Limit.tokenBucket(1, LONG)))
                .build();
        HttpSettings http = new HttpSettings(ClientIds.parse(clientId, "127.0.0.1", "X-Forwarded-For"), headers);
        return new RateLimits(weir, () -> http);
    }

    /** A limiter by address whose policies a configuration describes. */
    public static RateLimits configured(String text) {
        return RateLimits.from(Configs.of("weir.client-id=address\nweir.trusted-proxies=127.0.0.1\n" + text));
    }

    /** Sends a GET with headers given as name, value, name, value. */
    public HttpResponse<String> get(String path, String... headers) throws IOException, InterruptedException {
        return send("GET", path, headers);
    }

    public HttpResponse<String> send(String method, String path, String... headers)
            throws IOException, InterruptedException {
        return send(method, path, HttpRequest.BodyPublishers.noBody(), headers);
    }

    /** Sends a body of JSON. */
    public HttpResponse<String> sendJson(String method, String path, String json, String... headers)
            throws IOException, InterruptedException {
        String[] withType = Arrays.copyOf(headers, headers.length + 2);
        withType[headers.length] = "Content-Type";
        withType[headers.length + 1] = "application/json";
        return send(method, path, HttpRequest.BodyPublishers.ofString(json), withType);
    }

    private HttpResponse<String> send(String method, String path, HttpRequest.BodyPublisher body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(uri(path))
                .timeout(Duration.ofSeconds(20))
                .method(method, body);
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + connector.getLocalPort() + path);
    }

    public int status(String path, String... headers) throws IOException, InterruptedException {
        return get(path, headers).statusCode();
    }

    /** What the RateLimit field says remains under a policy. */
    long remaining(String path, String policy, String... headers) throws IOException, InterruptedException {
        return Fields.remaining(get(path, headers), policy);
    }

    /** Ends the web application; the container goes on. */
    void stopApplication() throws Exception {
        server.getHandler().stop();
    }

    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception failed) {
            throw new IllegalStateException(failed);
        }
    }
}
