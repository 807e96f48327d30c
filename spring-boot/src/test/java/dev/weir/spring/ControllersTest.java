package dev.weir.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.annotation.RateLimitExempt;
import dev.weir.annotation.RateLimited;
import dev.weir.filter.RateLimitsListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.Set;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.servlet.ServletContextInitializer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.http.HttpStatus;
import org.springframework.stereotype.Service;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.server.ResponseStatusException;

/** {@code @RateLimited} on controllers, in an application on Tomcat. Each policy has a limit of 2 in an hour. */
class ControllersTest {

    @SpringBootApplication(scanBasePackages = "none")
    @Import({OpenSecurity.class, Search.class, Orders.class})
    static class Application {}

    interface Api {

        @RateLimited(policy = "inherited")
        String inherited();
    }

    @RestController
    static class Search implements Api {

        @GetMapping("/search")
        @RateLimited(policy = "search")
        String search() {
            return "found";
        }

        @Override
        @GetMapping("/inherited")
        public String inherited() {
            return "found";
        }

        @GetMapping("/async")
        @RateLimited(policy = "async")
        Callable<String> async() {
            return () -> "later";
        }

        @GetMapping("/failing")
        @RateLimited(policy = "failing")
        String failing() {
            throw new ResponseStatusException(HttpStatus.CONFLICT);
        }

        @GetMapping("/forwarding")
        @RateLimited(policy = "forwarded")
        void forwarding(HttpServletRequest request, HttpServletResponse response) throws Exception {
            request.getRequestDispatcher("/forwarded").forward(request, response);
        }

        @GetMapping("/forwarded")
        @RateLimited(policy = "forwarded")
        String forwarded() {
            return "forwarded";
        }

        @GetMapping("/open")
        String open() {
            return "open";
        }
    }

    @RestController
    @RateLimited(policy = "orders")
    static class Orders {

        @GetMapping("/orders")
        String read() {
            return "orders";
        }

        @PostMapping("/orders")
        @RateLimited(policy = "orders", cost = 2)
        String create() {
            return "created";
        }

        @GetMapping("/orders/help")
        @RateLimitExempt
        String help() {
            return "help";
        }
    }

    private static App app;

    @BeforeAll
    static void start() {
        app = App.start(
                Application.class,
                "spring.config.location=classpath:controllers.yml",
                "weir.client-id=principal, header:X-Client");
    }

    @AfterAll
    static void stop() {
        app.close();
    }

    @Test
    void request_aboveTheLimit_isAnswered429() throws Exception {
        app.get("/search", "X-Client", "a");
        HttpResponse<String> last = app.get("/search", "X-Client", "a");
        HttpResponse<String> rejected = app.get("/search", "X-Client", "a");

        assertThat(last.statusCode()).isEqualTo(200);
        assertThat(last.headers().firstValue("RateLimit-Policy")).hasValue("\"search\";q=2;w=3600");
        assertThat(last.headers().firstValue("RateLimit").orElseThrow()).startsWith("\"search\";r=0;t=");
        assertThat(rejected.statusCode()).isEqualTo(429);
        assertThat(rejected.headers().firstValue("Retry-After")).isPresent();
        assertThat(rejected.headers().firstValue("Content-Type").orElseThrow()).startsWith("application/problem+json");
        assertThat(rejected.body()).contains("\"violated-policies\":[\"search\"]");
    }

    /** A second dispatch of the same request must not be charged: then the second request would be above the limit. */
    @ParameterizedTest
    @ValueSource(strings = {"/async", "/failing", "/forwarding", "/inherited"})
    void request_isChargedOnce_howeverItIsDispatched(String path) throws Exception {
        int served = path.equals("/failing") ? 409 : 200;

        assertThat(app.get(path, "X-Client", "once").statusCode()).isEqualTo(served);
        assertThat(app.get(path, "X-Client", "once").statusCode()).isEqualTo(served);
        assertThat(app.get(path, "X-Client", "once").statusCode()).isEqualTo(429);
    }

    @Test
    void annotationOfTheClass_holdsForItsMethods_exceptWhereTheMethodSaysMore() throws Exception {
        assertThat(post("/orders", "b").statusCode()).isEqualTo(200);
        assertThat(app.get("/orders", "X-Client", "b").statusCode()).isEqualTo(429);
        assertThat(app.get("/orders/help", "X-Client", "b").statusCode()).isEqualTo(200);
        assertThat(app.get("/open", "X-Client", "b").headers().firstValue("RateLimit"))
                .isEmpty();
    }

    private static HttpResponse<String> post(String path, String client) throws IOException, InterruptedException {
        return app.send(HttpRequest.newBuilder().POST(HttpRequest.BodyPublishers.noBody()), path, "X-Client", client);
    }

    @Test
    void userOfSpringSecurity_isTheClient() throws Exception {
        for (int i = 0; i < 2; i++) {
            assertThat(app.get("/search", "Authorization", basic("alice")).statusCode())
                    .isEqualTo(200);
        }
        assertThat(app.get("/search", "Authorization", basic("alice"), "X-Client", "new")
                        .statusCode())
                .isEqualTo(429);
        assertThat(app.get("/search", "Authorization", basic("bob")).statusCode())
                .isEqualTo(200);
    }

    private static String basic(String user) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":" + user).getBytes());
    }

    @RestController
    static class Wrong {

        @GetMapping("/wrong")
        @RateLimited(policy = "serach")
        String wrong() {
            return "";
        }
    }

    @RestController
    static class TooDear {

        @GetMapping("/dear")
        @RateLimited(policy = "search", cost = 3)
        String dear() {
            return "";
        }
    }

    @RestController
    static class NamelessBucket {

        @GetMapping("/bucket")
        @RateLimited(bucket = "tenant")
        String bucket() {
            return "";
        }
    }

    @SpringBootApplication(scanBasePackages = "none")
    @Import({OpenSecurity.class, Wrong.class})
    static class WrongApplication {}

    @SpringBootApplication(scanBasePackages = "none")
    @Import({OpenSecurity.class, TooDear.class})
    static class TooDearApplication {}

    @SpringBootApplication(scanBasePackages = "none")
    @Import({OpenSecurity.class, NamelessBucket.class})
    static class NamelessBucketApplication {}

    @ParameterizedTest
    @ValueSource(classes = {WrongApplication.class, TooDearApplication.class, NamelessBucketApplication.class})
    void annotationThatCannotBeKept_failsTheStart_andNamesTheMethod(Class<?> application) {
        Class<?> controller = application.getAnnotation(Import.class).value()[1];

        assertThatThrownBy(() -> App.start(
                                application,
                                "weir.policy.search.limit=2",
                                "weir.policy.search.period=1h",
                                "spring.main.lazy-initialization=true")
                        .close())
                .hasStackTraceContaining("method " + controller.getName() + ".");
    }

    @Test
    void wrongKey_failsTheStart_andNamesTheNearest() {
        assertThatThrownBy(() -> App.start(Application.class, "weir.policy.search.limt=2")
                        .close())
                .hasStackTraceContaining("weir.policy.search.limt")
                .hasStackTraceContaining("the nearest is weir.policy.search.limit");
    }

    @Service
    static class Backend {

        @RateLimited(policy = "search")
        public void call() {}
    }

    @SpringBootApplication(scanBasePackages = "none")
    @Import({OpenSecurity.class, Search.class, Backend.class})
    static class ApplicationWithAnnotatedService {}

    @SpringBootApplication(scanBasePackages = "none")
    @Import({OpenSecurity.class, Search.class})
    static class ApplicationInAWar {

        /** As a container does that looks for initializers. */
        @Bean
        ServletContextInitializer container() {
            return context -> new RateLimitsListener().onStartup(Set.of(Search.class), context);
        }
    }

    @Test
    void annotationThatNothingReads_isLogged() {
        assertThat(outputOf(ApplicationWithAnnotatedService.class))
                .contains("@RateLimited on " + Backend.class.getName())
                .doesNotContain("@RateLimited on " + Search.class.getName());
    }

    @Test
    void controllerThatTheContainerHasFound_isNotLogged() {
        assertThat(outputOf(ApplicationInAWar.class)).doesNotContain("@RateLimited on ");
    }

    /** What an application writes at its start. */
    private static String outputOf(Class<?> application) {
        PrintStream console = System.out;
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        System.setOut(new PrintStream(output, true));
        try {
            App.start(application, "spring.config.location=classpath:controllers.yml")
                    .close();
        } finally {
            System.setOut(console);
        }
        return output.toString();
    }
}
