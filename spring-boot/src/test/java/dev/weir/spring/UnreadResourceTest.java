package dev.weir.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.spring.resource.Search;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.server.ServerProperties;
import org.glassfish.jersey.servlet.ServletContainer;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/** {@code @RateLimited} on a resource of JAX-RS that does not know Weir's feature. */
class UnreadResourceTest {

    @SpringBootApplication(scanBasePackages = "none")
    @Import({OpenSecurity.class, Search.class})
    static class Application {

        @Bean
        ServletRegistrationBean<ServletContainer> jersey() {
            ResourceConfig resources =
                    new ResourceConfig(Search.class).property(ServerProperties.METAINF_SERVICES_LOOKUP_DISABLE, true);
            return new ServletRegistrationBean<>(new ServletContainer(resources), "/api/*");
        }
    }

    @Test
    void resource_isAnErrorAfterItsFirstRequest() throws Exception {
        PrintStream console = System.out;
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        System.setOut(new PrintStream(output, true));
        try (App app = App.start(Application.class, "spring.config.location=classpath:controllers.yml")) {
            assertThat(app.get("/api/search").body()).isEqualTo("found");
            await().untilAsserted(() -> assertThat(output.toString())
                    .contains("requests are not limited: @RateLimited is on " + Search.class.getName()));
        } finally {
            System.setOut(console);
        }
    }
}
