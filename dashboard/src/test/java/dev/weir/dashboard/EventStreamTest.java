package dev.weir.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.filter.RateLimits;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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

    /** The response of an application's own filter, for instance, which fails in a way that the API does not foresee. */
    @ParameterizedTest
    @EnumSource
    void pagesWhoseResponseIsBroken_holdUpNoOther_andMakeRoom(Broken broken) throws Exception {
        start(Duration.ofMinutes(10));
        for (int i = 0; i <= EventStream.MOST; i++) {
            open("/events?broken=" + broken).readLine();
        }

        BufferedReader whole = open();
        for (int event = 0; event < 3; event++) {
            assertThat(nextEvent(whole)).startsWith("data: ");
        }
    }

    enum Broken {
        AT_THE_START,
        AT_AN_EVENT
    }

    /** A request that is answered by a response which takes no events. */
    private static HttpServletRequest broken(HttpServletRequest request, HttpServletResponse response, String broken) {
        return new HttpServletRequestWrapper(request) {
            @Override
            public AsyncContext startAsync() {
                return startAsync(request, broken(response, Broken.valueOf(broken)));
            }
        };
    }

    private static HttpServletResponse broken(HttpServletResponse response, Broken broken) {
        return new HttpServletResponseWrapper(response) {
            @Override
            public ServletOutputStream getOutputStream() throws IOException {
                ServletOutputStream out = super.getOutputStream();
                return new ServletOutputStream() {
                    @Override
                    public boolean isReady() {
                        boolean isOfAnEvent = Thread.currentThread().getName().equals("weir-dashboard");
                        if (broken == Broken.AT_AN_EVENT && isOfAnEvent) {
                            throw new NullPointerException("recycled");
                        }
                        return out.isReady();
                    }

                    @Override
                    public void setWriteListener(WriteListener listener) {
                        if (broken == Broken.AT_THE_START) {
                            throw new NullPointerException("recycled");
                        }
                        out.setWriteListener(listener);
                    }

                    @Override
                    public void write(int value) throws IOException {
                        out.write(value);
                    }
                };
            }
        };
    }

    private void start(Duration idle) throws Exception {
        connector.setIdleTimeout(idle.toMillis());
        connector.setAcceptedSendBufferSize(8 * 1024); // So that a reader that does not read is soon noticed.
        server.addConnector(connector);
        ServletContextHandler application = new ServletContextHandler("/");
        ServletHolder events = new ServletHolder(new HttpServlet() {
            @Override
            protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
                String broken = request.getParameter("broken");
                dashboard.events(broken == null ? request : broken(request, response, broken), response);
            }
        });
        events.setAsyncSupported(true);
        application.addServlet(events, "/events");
        server.setHandler(application);
        server.start();
    }

    /** A connection that has asked for events, and takes what is read from it alone. */
    private BufferedReader open() throws IOException {
        return open("/events");
    }

    private BufferedReader open(String path) throws IOException {
        Socket socket = new Socket();
        sockets.add(socket);
        socket.setReceiveBufferSize(4 * 1024);
        socket.setSoTimeout(20_000); // What is held up fails, and does not hang.
        socket.connect(new InetSocketAddress("localhost", connector.getLocalPort()));
        socket.getOutputStream()
                .write("GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                        .formatted(path)
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
