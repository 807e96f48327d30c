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
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Clients whose requests wait for their turn, and which then do not take the answer as they should. Real sockets and
 * real time: what is held up, if anything is, is a thread that writes.
 */
class SlowReadersTest {

    private static final int ABUSERS = 100;
    private static final Duration MAX_DELAY = Duration.ofSeconds(2);

    /** On top of the longest wait, for a machine that has other things to do. */
    private static final Duration GRACE = Duration.ofSeconds(5);

    /** More than the buffers of both ends hold. */
    private static final byte[] LARGE = new byte[16 << 20];

    /** Where the container waits until a client has taken what is written. */
    private static final String BLOCKED = "org.eclipse.jetty.util.Blocker";

    private static final byte[] SMALL = {'x'};
    private static final int SMALL_BUFFER = 2_048;

    /** What a client does with its answer. */
    enum Abuse {
        READS_A_BYTE_A_SECOND,
        READS_NOTHING,
        HAS_GONE
    }

    private final Weir weir = Weir.builder()
            .policy(Policy.of("turns", Limit.tokenBucket(1, Duration.ofSeconds(1), 1))
                    .maxDelay(MAX_DELAY))
            .build();
    private final RateLimits limits = new RateLimits(
            weir,
            () -> new HttpSettings(
                    ClientIds.parse("header:X-Client, address", "127.0.0.1", "X-Forwarded-For"), HeaderMode.DRAFT));
    private final List<Socket> abusers = new ArrayList<>();
    private final ScheduledExecutorService reader = Executors.newSingleThreadScheduledExecutor();

    @AfterEach
    void close() throws IOException {
        reader.shutdownNow();
        for (Socket each : abusers) {
            each.close();
        }
        limits.close();
    }

    /** The container has a thread for each answer that it writes: those are the application's, and not scarce here. */
    private WebServer server() throws Exception {
        return WebServer.start(ABUSERS + 50, context -> {
            context.setAttribute(RateLimits.ATTRIBUTE, limits);
            context.addServletContainerInitializer(new RateLimitsListener());
            FilterHolder filter = new FilterHolder(RateLimitFilter.class);
            filter.setAsyncSupported(true);
            filter.setInitParameter("policy", "turns");
            context.addFilter(filter, "/*", EnumSet.of(DispatcherType.REQUEST));
            addServlet(context);
        });
    }

    private void addServlet(ServletContextHandler context) {
        ServletHolder servlet = new ServletHolder(new HttpServlet() {
            @Override
            protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
                response.getOutputStream().write(request.getRequestURI().equals("/large") ? LARGE : SMALL);
            }
        });
        servlet.setAsyncSupported(true);
        context.addServlet(servlet, "/*");
    }

    /** Uses the client's permit, so that its next request has to wait. */
    private void abuse(WebServer server, Abuse abuse, String client) throws Exception {
        assertThat(server.status("/", "X-Client", client)).isEqualTo(200);
        Socket socket = new Socket();
        abusers.add(socket);
        socket.setReceiveBufferSize(SMALL_BUFFER);
        socket.connect(new InetSocketAddress("127.0.0.1", server.uri("/").getPort()));
        socket.getOutputStream()
                .write("GET /large HTTP/1.1\r\nHost: test\r\nX-Client: %s\r\n\r\n"
                        .formatted(client)
                        .getBytes(StandardCharsets.US_ASCII));
        switch (abuse) {
            case READS_A_BYTE_A_SECOND -> reader.scheduleAtFixedRate(() -> read(socket), 1, 1, TimeUnit.SECONDS);
            case READS_NOTHING -> {}
            case HAS_GONE -> socket.close();
        }
    }

    private static void read(Socket socket) {
        try {
            if (socket.getInputStream().available() > 0) {
                socket.getInputStream().read();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @EnumSource
    void clientsThatDoNotTakeTheirAnswers_holdUpNoOther_andLeaveTheQueue(Abuse abuse) throws Exception {
        try (WebServer server = server()) {
            assertThat(server.status("/", "X-Client", "warm")).isEqualTo(200);
            for (int i = 0; i < ABUSERS; i++) {
                abuse(server, abuse, "abuser-" + i);
            }

            for (int i = 0; i < 6; i++) {
                assertServedInTime(server, "normal");
                assertServedInTime(server, "another-" + i);
                assertNoThreadOfWeirsWaitsForAClient();
            }

            await().atMost(MAX_DELAY.plus(GRACE)).until(() -> weir.waiting() == 0);
            if (abuse != Abuse.HAS_GONE) {
                await("the container's threads")
                        .until(() -> threadsThatWaitForAClient().size() == ABUSERS);
            }
            assertNoThreadOfWeirsWaitsForAClient();
        }
    }

    private static void assertServedInTime(WebServer server, String client) throws Exception {
        long fromNanos = System.nanoTime();
        HttpResponse<String> answer = server.get("/", "X-Client", client);
        assertThat(Duration.ofNanos(System.nanoTime() - fromNanos)).isLessThan(MAX_DELAY.plus(GRACE));
        assertThat(answer.statusCode()).isEqualTo(200);
    }

    private static void assertNoThreadOfWeirsWaitsForAClient() {
        assertThat(threadsThatWaitForAClient()).noneMatch(name -> name.startsWith("weir-"));
    }

    private static List<String> threadsThatWaitForAClient() {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(each -> Stream.of(each.getValue())
                        .anyMatch(frame -> frame.getClassName().startsWith(BLOCKED)))
                .map(each -> each.getKey().getName())
                .toList();
    }

    /** The thread that ends the limiter gives them their answers. */
    @Test
    void endOfTheLimiter_isNotHeldUpByClientsThatReadNothing() throws Exception {
        try (WebServer server = server()) {
            for (int i = 0; i < ABUSERS; i++) {
                abuse(server, Abuse.READS_NOTHING, "abuser-" + i);
            }

            assertThat(weir.waiting()).isPositive();
            long fromNanos = System.nanoTime();
            limits.close();

            assertThat(Duration.ofNanos(System.nanoTime() - fromNanos)).isLessThan(MAX_DELAY.plus(GRACE));
            assertThat(weir.waiting()).isZero();
        }
    }
}
