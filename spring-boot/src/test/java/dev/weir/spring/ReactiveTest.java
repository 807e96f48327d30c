package dev.weir.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.Weir;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** WebFlux, whose controllers nothing limits. */
class ReactiveTest {

    private final ReactiveWebApplicationContextRunner application = new ReactiveWebApplicationContextRunner()
            .withConfiguration(AutoConfigurations.of(LimiterConfiguration.class, ReactiveConfiguration.class))
            .withPropertyValues("weir.policy.search.limit=1", "weir.policy.search.period=1h");

    @Test
    void controller_thatIsLimited_failsTheStart() {
        application
                .withUserConfiguration(LimitedController.class)
                .run(context -> assertThat(context.getStartupFailure())
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage(
                                "@RateLimited on %s (bean search) would limit nothing: this application is on"
                                        + " WebFlux, and it is read on controllers of Spring MVC and on resources of JAX-RS."
                                        + " Remove it and ask the bean dev.weir.Weir, or use spring-boot-starter-web",
                                SearchController.class.getName()));
    }

    @Test
    void limiterThatIsAskedInCode_works() {
        application.withUserConfiguration(Asking.class).run(context -> {
            Weir weir = context.getBean(Weir.class);
            assertThat(weir.limiter("search").tryAcquire("a").permitted()).isTrue();
            assertThat(weir.limiter("search").tryAcquire("a").permitted()).isFalse();
        });
    }

    @Configuration
    @AutoConfigurationPackage
    static class LimitedController {

        @Bean
        SearchController search() {
            return new SearchController();
        }
    }

    @Configuration
    @AutoConfigurationPackage
    static class Asking {}
}
