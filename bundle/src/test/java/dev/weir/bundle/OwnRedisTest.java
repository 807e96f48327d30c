package dev.weir.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.filter.RateLimitFilter;
import dev.weir.redisson.RedisServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.catalina.Context;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The listener that {@code docs/operations.md} shows, in an application on Tomcat. */
class OwnRedisTest {

    private static final Path PAGE = Path.of("..", "docs", "operations.md");
    private static final Path HERE = Path.of("src", "test", "java", "dev", "weir", "bundle", "OwnRedis.java");

    @Test
    void page_showsTheListenerBelow() throws Exception {
        String shown = between(Files.readString(PAGE), "```java\n", "```\n");

        assertThat(shown).isEqualTo(between(Files.readString(HERE), "// page\n", "    // end\n") + "}\n");
    }

    private static String between(String text, String begin, String end) {
        int from = text.indexOf(begin) + begin.length();
        return text.substring(from, text.indexOf(end, from));
    }

    @Test
    void applicationsOwnClient_isTheStore_andIsShutDownWithTheApplication(@TempDir Path directory) throws Exception {
        try (RedisServer redis = RedisServer.start()) {
            System.setProperty(OwnRedis.URI, redis.uri());
            System.setProperty("weir.store-deadline", "10s");
            System.setProperty("weir.policy.search.limit", "1");
            System.setProperty("weir.policy.search.period", "1h");
            Tomcat tomcat = started(directory);
            try {
                assertThat(status(tomcat)).isEqualTo(200);
                assertThat(status(tomcat)).isEqualTo(429);
                assertThat((List<?>) redis.send("KEYS", "weir:*search*")).hasSize(1);
            } finally {
                tomcat.stop();
                tomcat.destroy();
                System.getProperties().keySet().removeIf(key -> key.toString().startsWith("weir."));
            }
            assertThat((List<?>) redis.send("ZRANGE", "weir:{all}:instances", "0", "-1"))
                    .isEmpty();
        }
    }

    private static Tomcat started(Path directory) throws Exception {
        Tomcat tomcat = new Tomcat();
        tomcat.setBaseDir(directory.toString());
        tomcat.setPort(0);
        tomcat.getConnector();
        Context context = tomcat.addContext("", directory.toString());
        context.addApplicationListener(OwnRedis.class.getName());
        FilterDef filter = new FilterDef();
        filter.setFilterName("rate-limit");
        filter.setFilterClass(RateLimitFilter.class.getName());
        filter.addInitParameter("policy", "search");
        context.addFilterDef(filter);
        FilterMap map = new FilterMap();
        map.setFilterName("rate-limit");
        map.addURLPattern("/*");
        context.addFilterMap(map);
        Tomcat.addServlet(context, "hello", new HelloServlet());
        context.addServletMappingDecoded("/*", "hello");
        tomcat.start();
        assertThat(context.getState().isAvailable()).isTrue();
        return tomcat;
    }

    private static int status(Tomcat tomcat) throws Exception {
        URI uri = URI.create(
                "http://127.0.0.1:%d/".formatted(tomcat.getConnector().getLocalPort()));
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
