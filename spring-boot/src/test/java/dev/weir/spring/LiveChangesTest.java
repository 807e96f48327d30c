package dev.weir.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.Weir;
import dev.weir.filter.RateLimits;
import dev.weir.limit.Limit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.autoconfigure.RefreshAutoConfiguration;
import org.springframework.cloud.endpoint.event.RefreshEvent;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.MapPropertySource;

/** What changes in the environment holds without a restart. */
class LiveChangesTest {

    private final ApplicationContextRunner application = new ApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(LimiterConfiguration.class))
            .withPropertyValues("weir.policy.search.limit=1", "weir.config.reload-interval=100ms");

    private static long permits(Weir weir) {
        Limit limit = weir.policy("search").limit();
        return limit.permits();
    }

    @Test
    void propertySourceThatIsAdded_andChangesItself_reachesThePolicies() {
        application.run(context -> {
            Weir weir = context.getBean(Weir.class);
            assertThat(permits(weir)).isEqualTo(1);

            Map<String, Object> changing = new ConcurrentHashMap<>(Map.of("weir.policy.search.limit", "${most}"));
            changing.put("most", 2);
            context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("changing", changing));
            await().untilAsserted(() -> assertThat(permits(weir)).isEqualTo(2));

            changing.put("most", 3);
            await().untilAsserted(() -> assertThat(permits(weir)).isEqualTo(3));
        });
    }

    @Test
    void watchedFile_reachesThePolicies(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("limits.properties"), "weir.policy.late.limit=5");
        application.withPropertyValues("weir.config.file=" + file).run(context -> {
            Weir weir = context.getBean(Weir.class);
            assertThat(weir.policies()).containsKey("late");

            Files.writeString(file, "weir.policy.later.limit=5");
            await().untilAsserted(() -> assertThat(weir.policies()).containsKey("later"));
        });
    }

    /** As Spring Cloud Config and {@code /actuator/refresh} send it. */
    @Test
    void refreshEventOfSpringCloud_reachesThePolicies(@TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("application.yml"), "weir.policy.search.limit: 1");
        String[] arguments = {"--spring.main.web-application-type=none", "--spring.config.location=" + file};
        try (ConfigurableApplicationContext context = SpringApplication.run(Refreshed.class, arguments)) {
            Weir weir = context.getBean(Weir.class);
            assertThat(permits(weir)).isEqualTo(1);

            Files.writeString(file, "weir.policy.search.limit: 2");
            context.publishEvent(new RefreshEvent(this, null, "by hand"));

            await().untilAsserted(() -> assertThat(permits(weir)).isEqualTo(2));
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ImportAutoConfiguration({LimiterConfiguration.class, RefreshAutoConfiguration.class})
    static class Refreshed {}

    @Test
    void limiter_isClosedWithTheContext() {
        Weir[] weir = new Weir[1];
        application.run(context -> weir[0] = context.getBean(RateLimits.class).weir());

        await().untilAsserted(() -> assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("weir-config") && thread.isAlive()));
        assertThat(weir[0]).isNotNull();
    }
}
