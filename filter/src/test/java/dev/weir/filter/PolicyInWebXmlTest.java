package dev.weir.filter;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.webapp.WebAppContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The smallest application there is: the numbers of its limit stand in web.xml, and nowhere else. */
class PolicyInWebXmlTest {

    @TempDir
    private Path war;

    private WebServer start(String webXml) throws Exception {
        Path file = Files.createDirectories(war.resolve("WEB-INF")).resolve("web.xml");
        Files.writeString(file, """
                <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
                %s
                  <servlet>
                    <servlet-name>hello</servlet-name>
                    <servlet-class>dev.weir.filter.WebXmlTest$Hello</servlet-class>
                    <async-supported>true</async-supported>
                  </servlet>
                  <servlet-mapping><servlet-name>hello</servlet-name><url-pattern>/</url-pattern></servlet-mapping>
                </web-app>
                """.formatted(webXml));
        WebAppContext application = new WebAppContext();
        application.setBaseResourceAsPath(war);
        application.setThrowUnavailableOnStartupException(true);
        return WebServer.start(application);
    }

    /** @param params names and values in turn */
    private static String filter(String name, String... params) {
        StringBuilder xml = new StringBuilder("""
                <filter>
                  <filter-name>%s</filter-name>
                  <filter-class>dev.weir.filter.RateLimitFilter</filter-class>
                  <async-supported>true</async-supported>
                """.formatted(name));
        for (int i = 0; i < params.length; i += 2) {
            xml.append("<init-param><param-name>%s</param-name><param-value>%s</param-value></init-param>"
                    .formatted(params[i], params[i + 1]));
        }
        return xml + """
                </filter>
                <filter-mapping><filter-name>%s</filter-name><url-pattern>/*</url-pattern></filter-mapping>
                """.formatted(name);
    }

    private static String contextParam(String name, Object value) {
        return "<context-param><param-name>%s</param-name><param-value>%s</param-value></context-param>"
                .formatted(name, value);
    }

    @Test
    void limitInInitParams_limits() throws Exception {
        String limit = filter(
                "limit", "limit", "2", "period", "30d", "algorithm", "fixed-window", "client-id", "header:X-Api-Key");
        try (WebServer server = start(limit)) {
            assertThat(server.status("/", "X-Api-Key", "a")).isEqualTo(200);
            assertThat(server.remaining("/", "default", "X-Api-Key", "a")).isZero();
            HttpResponse<String> rejected = server.get("/", "X-Api-Key", "a");
            assertThat(rejected.statusCode()).isEqualTo(429);
            assertThat(rejected.headers().firstValue("RateLimit-Policy")).contains("\"default\";q=2;w=2592000");
            assertThat(server.status("/", "X-Api-Key", "b")).isEqualTo(200);
        }
    }

    @Test
    void limitOfANamedPolicy_isThatPolicys() throws Exception {
        try (WebServer server = start(filter("a", "policy", " search ", "limit", " 1 ", "period", "1h")
                + filter("b", "policy", "export", "limit", "9", "period", "1h"))) {
            HttpResponse<String> first = server.get("/");
            assertThat(Fields.remaining(first, "search")).isZero();
            assertThat(Fields.remaining(first, "export")).isEqualTo(8);
            assertThat(server.status("/")).isEqualTo(429);
        }
    }

    @Test
    void twoFilters_sayTheSameOfOnePolicy_shareIt() throws Exception {
        try (WebServer server = start(filter("a", "limit", "1", "period", "1h") + filter("b", "limit", "1"))) {
            assertThat(server.remaining("/", "default")).isZero();
            assertThat(server.status("/")).isEqualTo(429);
        }
    }

    @Test
    void twoFilters_disagreeOnOnePolicy_failTheStart() {
        assertThatThrownBy(() -> start(filter("a", "limit", "1") + filter("b", "limit", "2")))
                .hasStackTraceContaining(
                        "weir.policy.default.limit is '1' by filter 'a', init-param 'limit', and '2' by"
                                + " filter 'b', init-param 'limit'");
    }

    @Test
    void wrongLimit_failsTheStart_namingKeyAndValue() {
        assertThatThrownBy(() -> start(filter("a", "limit", "ten")))
                .hasStackTraceContaining("weir.policy.default.limit = 'ten' (web.xml)");
    }

    @Test
    void periodWithoutLimit_failsTheStart() {
        assertThatThrownBy(() -> start(filter("a", "period", "1h")))
                .hasStackTraceContaining("weir.policy.default.limit");
    }

    @Test
    void limitBesideABucketAlone_failsTheStart() {
        assertThatThrownBy(() -> start(filter("a", "bucket", "header:X-Tenant", "limit", "1")))
                .hasStackTraceContaining(
                        "filter 'a', init-param 'limit' is a part of a policy, but only a bucket is named");
    }

    @Test
    void limitOfAFilterWithALimiterOfItsOwn_failsTheStart() {
        FilterHolder filter = new FilterHolder(new RateLimitFilter(WebServer.limits()));
        filter.setName("a");
        filter.setInitParameter("limit", "1");
        assertThatThrownBy(() -> WebServer.start(context -> context.addFilter(filter, "/*", null)))
                .hasStackTraceContaining("filter 'a', init-param 'limit' = '1' has no effect")
                .hasStackTraceContaining("weir.policy.default.limit");
    }

    @Test
    void contextParams_areKeysOfConfiguration_belowTheFileThatTheyName() throws Exception {
        Path file = war.resolve("limits.properties");
        Files.writeString(file, "weir.policy.search.limit=3\n");
        try (WebServer server = start(contextParam("weir.config.file", file)
                + contextParam("weir.policy.search.limit", "1")
                + contextParam("weir.policy.search.period", "30d")
                + contextParam("another.weir.parameter", "x")
                + filter("a", "policy", "search"))) {
            assertThat(server.remaining("/", "search")).isEqualTo(2);

            Files.writeString(file, "weir.policy.search.limit=8\n");

            await().atMost(5, SECONDS).until(() -> server.remaining("/", "search") > 2);
        }
    }

    @Test
    void unknownContextParam_failsTheStart() {
        assertThatThrownBy(() -> start(contextParam("weir.polcy.search.limit", "1") + filter("a", "limit", "1")))
                .hasStackTraceContaining("weir.polcy.search.limit = '1' (web.xml)")
                .hasStackTraceContaining("not a known key");
    }
}
