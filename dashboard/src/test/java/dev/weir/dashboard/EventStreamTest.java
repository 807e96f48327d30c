package dev.weir.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.filter.RateLimits;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Readers that do not read, and more of them than may: sockets against a real server, with events of a megabyte. */
@Timeout(60)
class EventStreamTest {

    private static final String SNAPSHOT_OF_ANOTHER = "\"" + "x".repeat(1 << 20) + "\"";

    private final RateLimits limits = Application.limits(Application.CONFIG);
    private final Dashboard dashboard = Dashboard.of(limits, new Extension() {
        @Override
        public List<String> others() {
            return List.of(SNAPSHOT_OF_ANOTHER);
        }
    });
    private final Server server = new Server();
    private final ServerConnector connector = new ServerConnector(server);
    private final List<Socket> sockets = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (Socket socket : sockets) {
            socket.close();
        }
        dashboard.close();
        server.stop();
        limits.close();
    }

    @Test
    void readersThatDoNotRead_holdUpNoOther() throws Exception {
        start(Duration.ofMinutes(10));
        for (int i = 0; i < 5; i++) {
            assertThat(open().readLine()).contains(" 200 ");
        }

        BufferedReader reader = open();

        for (int event = 0; event < 3; event++) {
            assertThat(nextEvent(reader)).startsWith("data: {\"instances\":[").contains("\"instance\":\"");
        }
    }

    @Test
    void readersThatDoNotRead_areEndedByTheIdleTimeout_andMakeRoom() throws Exception {
        start(Duration.ofSeconds(2));
        for (int i = 0; i < EventStream.MOST; i++) {
            open();
        }

        await().until(() -> open().readLine().contains(" 503 "));
        await().atMost(Duration.ofSeconds(30)).until(() -> open().readLine().contains(" 200 "));
    }

    @Test
    void readersThatAreGone_makeRoom_andThoseThatStay_areServedToTheEnd() throws Exception {
        start(Duration.ofMinutes(10));
        BufferedReader stays = open();
        for (int i = 1; i < EventStream.MOST; i++) {
            assertThat(open().readLine()).contains(" 200 ");
        }
        assertThat(open().readLine()).contains(" 503 ");

        for (Socket socket : sockets.subList(1, sockets.size())) {
            socket.close();
        }

        await().atMost(Duration.ofSeconds(30)).until(() -> open().readLine().contains(" 200 "));
        nextEvent(stays);
        dashboard.close();
        while (stays.readLine() != null) {
            // What was sent before.
        }
        assertThat(open().readLine()).as("after the end").contains(" 503 ");
    }

    private void start(Duration idle) throws Exception {
        connector.setIdleTimeout(idle.toMillis());
        connector.setAcceptedSendBufferSize(8 * 1024); // So that a reader that does not read is soon noticed.
        server.addConnector(connector);
        ServletContextHandler application = new ServletContextHandler("/");
        ServletHolder events = new ServletHolder(new HttpServlet() {
            @Override
            protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
                dashboard.events(request, response);
            }
        });
        events.setAsyncSupported(true);
        application.addServlet(events, "/events");
        server.setHandler(application);
        server.start();
    }

    /** A connection that has asked for events, and takes what is read from it alone. */
    private BufferedReader open() throws IOException {
        Socket socket = new Socket();
        sockets.add(socket);
        socket.setReceiveBufferSize(4 * 1024);
        socket.setSoTimeout(20_000); // What is held up fails, and does not hang.
        socket.connect(new InetSocketAddress("localhost", connector.getLocalPort()));
        socket.getOutputStream()
                .write("GET /events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                        .getBytes(StandardCharsets.US_ASCII));
        return new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8), 512);
    }

    private static String nextEvent(BufferedReader reader) throws IOException {
        String line = reader.readLine();
        while (line != null && !line.startsWith("data: ")) {
            line = reader.readLine();
        }
        return String.valueOf(line);
    }
}
