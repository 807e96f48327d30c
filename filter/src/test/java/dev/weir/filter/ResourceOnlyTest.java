package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.ClassPath;
import dev.weir.annotation.RateLimited;
import dev.weir.filter.admin.AdminFeature;
import dev.weir.filter.config.ApplicationConfig;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.container.ResourceContext;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.glassfish.jersey.internal.MapPropertiesDelegate;
import org.glassfish.jersey.server.ApplicationHandler;
import org.glassfish.jersey.server.ContainerRequest;
import org.glassfish.jersey.server.ContainerResponse;
import org.glassfish.jersey.server.ResourceConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** JAX-RS alone: no servlet container, and of what is optional nothing but what a line says. */
class ResourceOnlyTest {

    private static final String CONTAINER = "jetty-.*|jersey-container-servlet.*|jakarta\\.servlet-api";
    private static final String OPTIONAL = "microprofile-metrics-api|smallrye-.*|micrometer-.*|opentelemetry-.*"
            + "|jackson-.*|jersey-media-json-jackson";
    private static final String THE_API_IS_THERE = "jetty-.*|jersey-container-servlet.*|" + OPTIONAL;

    @ParameterizedTest
    @ValueSource(strings = {CONTAINER, CONTAINER + "|" + OPTIONAL, THE_API_IS_THERE})
    void limitedResource_withoutServlets_limitsEachClient(String absent) throws Exception {
        assertThat(call(absent, "byApiKey"))
                .isEqualTo(List.of(
                        "200 \"default\";q=2;w=86400 \"default\";r=1",
                        "200 \"default\";q=2;w=86400 \"default\";r=0",
                        "429 \"default\";q=2;w=86400 \"default\";r=0",
                        "200 \"default\";q=2;w=86400 \"default\";r=1"));
    }

    @ParameterizedTest
    @ValueSource(strings = {CONTAINER, THE_API_IS_THERE})
    void clientsByAddress_withoutServlets_doNotStart_andSayWhatToSet(String absent) {
        assertThatThrownBy(() -> call(absent, "byAddress")).hasStackTraceContaining("weir.client-id=header:X-API-Key");
    }

    /** An instance with a limiter learns only from a request where it is. */
    @Test
    void clientsByAddress_ofAGivenLimiter_areNotOne() {
        assertThatThrownBy(() -> call(THE_API_IS_THERE, "byAddressOfGiven"))
                .hasStackTraceContaining("weir.client-id=header:X-API-Key");
    }

    @Test
    void delay_withoutServlets_doesNotStart() {
        assertThatThrownBy(() -> call(CONTAINER, "delaying")).hasStackTraceContaining("at-limit=delay");
    }

    @ParameterizedTest
    @ValueSource(strings = {CONTAINER + "|" + OPTIONAL, THE_API_IS_THERE})
    void admin_withoutServlets_answers(String absent) throws Exception {
        assertThat(call(absent, "administered")).isEqualTo(List.of(401, 200));
    }

    /** No address is known: of all senders together, only so many may be wrong. */
    @ParameterizedTest
    @ValueSource(strings = {CONTAINER, THE_API_IS_THERE})
    void wrongTokens_withoutServlets_areLimitedTogether(String absent) throws Exception {
        assertThat(call(absent, "guessed")).isEqualTo(List.of(401, 429));
    }

    private static Object call(String absent, String method) throws Exception {
        try (ClassPath classPath = ClassPath.without(absent)) {
            assertThat(classPath.left()).anyMatch(jar -> jar.startsWith("jetty-ee10-servlet"));
            return classPath.call(Application.class, method);
        }
    }

    /** Loaded without those libraries. */
    public static final class Application {

        private Application() {}

        /** A resource. */
        @Path("limited")
        public static class Limited {
            @GET
            @RateLimited(policy = "default")
            public String get() {
                return "limited";
            }
        }

        public static List<String> byApiKey() throws Exception {
            return configured(Map.of("weir.client-id", "header:X-API-Key"), () -> {
                ApplicationHandler jersey = jersey(RateLimitFeature.class);
                List<String> answers = new ArrayList<>();
                for (String key : List.of("alice", "alice", "alice", "bob")) {
                    ContainerResponse answer = get(jersey, "/limited", "X-API-Key", key);
                    answers.add("%d %s %s"
                            .formatted(
                                    answer.getStatus(),
                                    answer.getHeaderString("RateLimit-Policy"),
                                    answer.getHeaderString("RateLimit").replaceAll(";t=.*", "")));
                }
                close(jersey);
                return answers;
            });
        }

        public static Object byAddress() throws Exception {
            return configured(Map.of(), () -> jersey(RateLimitFeature.class));
        }

        public static Object byAddressOfGiven() throws Exception {
            return configured(Map.of(), () -> {
                try (RateLimits limits = RateLimits.from(ApplicationConfig.get())) {
                    return get(jersey(new RateLimitFeature(limits)), "/limited", "X-API-Key", "alice");
                }
            });
        }

        public static Object delaying() throws Exception {
            return configured(
                    Map.of(
                            "weir.client-id", "header:X-API-Key",
                            "weir.policy.default.at-limit", "delay",
                            "weir.policy.default.max-delay", "1s"),
                    () -> jersey(RateLimitFeature.class));
        }

        public static List<Integer> administered() throws Exception {
            return configured(
                    Map.of(
                            "weir.client-id", "header:X-API-Key",
                            "weir.admin.token", "sixteen-characters-or-more"),
                    () -> {
                        ApplicationHandler jersey = jersey(AdminFeature.class);
                        List<Integer> statuses = List.of(
                                get(jersey, "/admin/policies", "Accept", "*/*").getStatus(),
                                get(jersey, "/admin/policies", "Authorization", "Bearer sixteen-characters-or-more")
                                        .getStatus());
                        close(jersey);
                        return statuses;
                    });
        }

        /** The last of ten guesses, and the right token after them. */
        public static List<Integer> guessed() throws Exception {
            return configured(
                    Map.of(
                            "weir.client-id", "header:X-API-Key",
                            "weir.admin.token", "sixteen-characters-or-more"),
                    () -> {
                        ApplicationHandler jersey = jersey(AdminFeature.class);
                        int last = 0;
                        for (int i = 0; i < 10; i++) {
                            last = get(jersey, "/admin/policies", "Authorization", "Bearer wrong")
                                    .getStatus();
                        }
                        List<Integer> statuses = List.of(
                                last,
                                get(jersey, "/admin/policies", "Authorization", "Bearer sixteen-characters-or-more")
                                        .getStatus());
                        close(jersey);
                        return statuses;
                    });
        }

        private interface Work<T> {
            T run() throws Exception;
        }

        private static <T> T configured(Map<String, String> keys, Work<T> work) throws Exception {
            Map<String, String> all = new TreeMap<>(keys);
            all.put("weir.policy.default.limit", "2");
            all.put("weir.policy.default.period", "1d");
            all.forEach(System::setProperty);
            try {
                return work.run();
            } finally {
                all.keySet().forEach(System::clearProperty);
            }
        }

        private static ApplicationHandler jersey(Object feature) {
            ResourceConfig application = new ResourceConfig(Limited.class);
            return new ApplicationHandler(
                    feature instanceof Class<?> type ? application.register(type) : application.register(feature));
        }

        private static void close(ApplicationHandler jersey) {
            ResourceContext injector = jersey.getInjectionManager().getInstance(ResourceContext.class);
            RateLimitFeature.limits(jersey.getConfiguration(), injector).close();
        }

        private static ContainerResponse get(ApplicationHandler jersey, String path, String field, String value)
                throws Exception {
            ContainerRequest request = new ContainerRequest(
                    URI.create("http://localhost/"),
                    URI.create("http://localhost" + path),
                    "GET",
                    null,
                    new MapPropertiesDelegate(),
                    jersey.getConfiguration());
            request.header(field, value);
            return jersey.apply(request).get();
        }
    }
}
