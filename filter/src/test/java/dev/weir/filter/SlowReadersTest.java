package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.Policy;
import dev.weir.Weir;
import dev.weir.filter.client.ClientIds;
import dev.weir.filter.config.HeaderMode;
import dev.weir.filter.config.HttpSettings;
import dev.weir.limit.Limit;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Clients whose requests wait for their turn, and which read no answer, or have gone by then. */
class SlowReadersTest {

    private static final int THREADS = 8;
    private static final int STRANGERS = 200;
    private static final Duration MAX_DELAY = Duration.ofSeconds(5);

    private final Weir weir = Weir.builder()
            .policy(Policy.of("slow", Limit.tokenBucket(1, Duration.ofMillis(4_500), 1))
                    .maxDelay(MAX_DELAY))
            .build();
    private final RateLimits limits = new RateLimits(
            weir,
            () -> new HttpSettings(
                    ClientIds.parse("header:X-Client, address", "127.0.0.1", "X-Forwarded-For"), HeaderMode.DRAFT));
    private final List<Socket> strangers = new ArrayList<>();

    @AfterEach
    void close() throws IOException {
        for (Socket stranger : strangers) {
            stranger.close();
        }
        limits.close();
    }

    private WebServer server() throws Exception {
        return WebServer.start(THREADS, this::deploy);
    }

    private void deploy(ServletContextHandler context) {
        context.setAttribute(RateLimits.ATTRIBUTE, limits);
        context.addServletContainerInitializer(new RateLimitsListener());
        FilterHolder holder = new FilterHolder(RateLimitFilter.class);
        holder.setAsyncSupported(true);
        holder.setInitParameter("policy", "slow");
        context.addFilter(holder, "/*", EnumSet.of(DispatcherType.REQUEST));
        ServletHolder servlet = new ServletHolder(new HttpServlet() {
            @Override
            protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
                response.getWriter().write("served");
            }
        });
        servlet.setAsyncSupported(true);
        context.addServlet(servlet, "/*");
    }

    /** Asks twice, of which the second waits, and reads nothing. */
    private Socket stranger(URI uri, int number) throws IOException {
        Socket socket = new Socket(uri.getHost(), uri.getPort());
        strangers.add(socket);
        String request = "GET / HTTP/1.1\r\nHost: x\r\nX-Client: stranger-%d\r\n\r\n".formatted(number);
        socket.getOutputStream().write((request + request).getBytes(StandardCharsets.US_ASCII));
        return socket;
    }

    private void arrive(WebServer server) throws IOException {
        for (int i = 0; i < STRANGERS; i++) {
            stranger(server.uri("/"), i);
        }
        await().until(() -> weir.waiting() == STRANGERS);
    }

    /** On eight threads, of which the container needs some for itself: none is held. */
    @Test
    void clientsThatReadNothing_othersAreServedInTheirTurn() throws Exception {
        try (WebServer server = server()) {
            arrive(server);

            assertThat(server.status("/", "X-Client", "alice")).isEqualTo(200);
            assertThat(server.status("/", "X-Client", "alice"))
                    .as("after its wait")
                    .isEqualTo(200);

            await().until(() -> weir.waiting() == 0);
            assertThat(server.status("/", "X-Client", "bob")).isEqualTo(200);
        }
    }

    /** A server notices only when it writes. So a place is held until its turn, or its max-delay, and no longer. */
    @Test
    void clientsThatHaveGone_theirPlacesAreFreeAfterTheirWait() throws Exception {
        try (WebServer server = server()) {
            arrive(server);
            for (Socket stranger : strangers) {
                stranger.setSoLinger(true, 0); // The connection is reset.
                stranger.close();
            }

            assertThat(server.status("/", "X-Client", "alice")).isEqualTo(200);
            assertThat(server.status("/", "X-Client", "alice"))
                    .as("after its wait")
                    .isEqualTo(200);
            await().atMost(MAX_DELAY.plusSeconds(5)).until(() -> weir.waiting() == 0);
        }
    }
}
