package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jetty.ee10.webapp.WebAppContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A web application that knows nothing of Weir but what stands in its web.xml. */
class WebXmlTest {

    /** The application. */
    public static final class Hello extends HttpServlet {
        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            boolean again = request.getDispatcherType() == DispatcherType.ASYNC;
            if (request.getParameter("async") == null || again) {
                response.getWriter().write(again ? "again" : "hello");
            } else {
                request.startAsync().dispatch();
            }
        }
    }

    private static final String WEB_XML = """
            <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
              <filter>
                <filter-name>search-limit</filter-name>
                <filter-class>dev.weir.filter.RateLimitFilter</filter-class>
                <async-supported>true</async-supported>
                <init-param><param-name>policy</param-name><param-value> three </param-value></init-param>
              </filter>
              <filter>
                <filter-name>export-limit</filter-name>
                <filter-class>dev.weir.filter.RateLimitFilter</filter-class>
                <async-supported>true</async-supported>
                <init-param><param-name>policy</param-name><param-value>ten</param-value></init-param>
                <init-param><param-name>%s</param-name><param-value>%s</param-value></init-param>
              </filter>
              <filter-mapping>
                <filter-name>search-limit</filter-name>
                <url-pattern>/*</url-pattern>
                <dispatcher>REQUEST</dispatcher>
                <dispatcher>ASYNC</dispatcher>
              </filter-mapping>
              <filter-mapping><filter-name>export-limit</filter-name><url-pattern>/export</url-pattern></filter-mapping>
              <servlet>
                <servlet-name>hello</servlet-name>
                <servlet-class>dev.weir.filter.WebXmlTest$Hello</servlet-class>
                <async-supported>true</async-supported>
              </servlet>
              <servlet-mapping><servlet-name>hello</servlet-name><url-pattern>/</url-pattern></servlet-mapping>
            </web-app>
            """;

    @TempDir
    Path war;

    private WebServer server(String param, String value) throws Exception {
        Path webXml = Files.createDirectories(war.resolve("WEB-INF")).resolve("web.xml");
        Files.writeString(webXml, WEB_XML.formatted(param, value));
        WebAppContext application = new WebAppContext();
        application.setBaseResourceAsPath(war);
        application.setThrowUnavailableOnStartupException(true);
        application.setAttribute(RateLimits.class.getName(), WebServer.limits());
        return WebServer.start(application);
    }

    @Test
    void filtersOfWebXml_limitWhatTheyAreMappedTo() throws Exception {
        try (WebServer server = server("cost", "6")) {
            HttpResponse<String> first = server.get("/export");
            assertThat(first.body()).isEqualTo("hello");
            assertThat(Fields.remaining(first, "three")).isEqualTo(2);
            assertThat(Fields.remaining(first, "ten")).isEqualTo(4);

            assertThat(server.status("/export")).isEqualTo(429);
            assertThat(server.remaining("/", "three")).isZero();
            HttpResponse<String> rejected = server.get("/");
            assertThat(rejected.statusCode()).isEqualTo(429);
            assertThat(rejected.body()).contains("\"violated-policies\":[\"three\"]");
        }
    }

    @Test
    void asyncDispatch_worksAndIsChargedOnce() throws Exception {
        try (WebServer server = server("cost", "1")) {
            assertThat(server.get("/?async=1").body()).isEqualTo("again");
            assertThat(server.remaining("/", "three")).isEqualTo(1);
        }
    }

    @Test
    void unknownInitParam_failsTheStart() {
        assertThatThrownBy(() -> server("polcy", "three"))
                .hasStackTraceContaining(
                        "filter 'export-limit': unknown init-param 'polcy'; known are [action, algorithm, bucket,"
                                + " client-id, cost, exposeHeaders, limit, period, policy, shadow, subBucket]");
    }

    @Test
    void costAboveCapacity_failsTheStart() {
        assertThatThrownBy(() -> server("cost", "11"))
                .hasStackTraceContaining("filter 'export-limit', init-param 'cost'")
                .hasStackTraceContaining("ten")
                .hasStackTraceContaining("11");
    }
}
