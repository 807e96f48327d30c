package dev.weir.cdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.ClassPath;
import dev.weir.RateLimiter;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Of what is optional, nothing but what a line says is absent. */
class AbsentLibrariesTest {

    private static final String REDIS = "redisson|weir-redisson-backend|netty-.*";
    private static final String MICROPROFILE_METRICS = "microprofile-metrics-api|smallrye-metrics";
    private static final String MICROMETER = "micrometer-.*|" + MICROPROFILE_METRICS;
    private static final String JAX_RS = "jakarta\\.ws\\.rs-api";

    /** Its API comes with Weir. */
    private static final String CONFIG = "smallrye-.*";

    private static Object permits(String absent) throws Exception {
        try (ClassPath classPath = ClassPath.without(absent)) {
            assertThat(classPath.left()).isNotEmpty();
            return classPath.call(Limited.class, "permits");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                REDIS,
                MICROPROFILE_METRICS,
                MICROMETER,
                JAX_RS,
                CONFIG,
                REDIS + "|" + MICROMETER + "|" + JAX_RS + "|" + CONFIG
            })
    void injectedLimiter_limits(String absent) throws Exception {
        assertThat(permits(absent)).isEqualTo(List.of(true, true, false));
    }

    @Test
    void withoutServlets_doesNotStart_andNamesTheJar() {
        assertThatThrownBy(() -> permits("jakarta\\.servlet-api|tomcat-.*"))
                .hasStackTraceContaining("add jakarta.servlet:jakarta.servlet-api");
    }

    /** Loaded without those libraries. */
    public static final class Limited {

        private Limited() {}

        /** A bean. */
        @Singleton
        static class Search {

            @Inject
            @PolicyName("search")
            RateLimiter limiter;
        }

        public static List<Boolean> permits() {
            Map<String, String> two = Map.of("weir.policy.search.limit", "2", "weir.policy.search.period", "1h");
            try (Application application = Application.start(two, Search.class)) {
                RateLimiter limiter = application.get(Search.class).limiter;
                return List.of(limiter.allow("alice"), limiter.allow("alice"), limiter.allow("alice"));
            }
        }
    }
}
