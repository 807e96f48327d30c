package dev.weir.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.weir.annotation.RateLimited;
import dev.weir.filter.RateLimitFilter;
import dev.weir.filter.RateLimits;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletResponse;
import java.lang.reflect.Method;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.Principal;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;

/** Requests that wait for their turn in Spring's servlet: a client may send one in half a second. */
class DelayTest {

    private static final AtomicInteger CALLS = new AtomicInteger();

    @SpringBootApplication(scanBasePackages = "none")
    @Import({OpenSecurity.class, Slow.class})
    static class Application {

        @Bean
        FilterRegistrationBean<RateLimitFilter> pages(RateLimits limits) {
            FilterRegistrationBean<RateLimitFilter> pages = new FilterRegistrationBean<>(new RateLimitFilter(limits));
            pages.addInitParameter("policy", "pages");
            pages.addUrlPatterns("/pages/*");
            pages.setOrder(1);
            return pages;
        }

        /** Redirects with 303, as Servlet 6.1 can: this is compiled with 6.0. */
        @Bean
        FilterRegistrationBean<Filter> login() {
            FilterRegistrationBean<Filter> login = new FilterRegistrationBean<>((request, response, chain) -> {
                try {
                    redirect().orElseThrow().invoke(response, "/login", 303, true);
                } catch (ReflectiveOperationException e) {
                    throw new ServletException(e);
                }
            });
            login.addUrlPatterns("/pages/login");
            login.setOrder(2);
            return login;
        }

        static Optional<Method> redirect() {
            return Arrays.stream(HttpServletResponse.class.getMethods())
                    .filter(method -> method.getName().equals("sendRedirect") && method.getParameterCount() == 3)
                    .findAny();
        }
    }

    @RestController
    static class Slow {

        @GetMapping("/slow")
        @RateLimited(policy = "slow")
        String slow(Principal user) {
            CALLS.incrementAndGet();
            return user == null ? "anonymous" : user.getName();
        }

        @PostMapping("/upload")
        @RateLimited(policy = "slow")
        String upload(@RequestParam("file") MultipartFile file) throws Exception {
            return new String(file.getBytes());
        }

        @GetMapping("/pages/one")
        String page() {
            return "page";
        }
    }

    private static App app;

    @BeforeAll
    static void start() {
        app = App.start(
                Application.class,
                "weir.client-id=principal, header:X-Client",
                "weir.policy.slow.limit=1",
                "weir.policy.slow.period=2s",
                "weir.policy.slow.at-limit=delay",
                "weir.policy.pages.limit=1",
                "weir.policy.pages.period=2s",
                "weir.policy.pages.at-limit=delay",
                "weir.policy.pages.max-delay=10s",
                "weir.policy.pages.client.r.limit=1",
                "weir.policy.pages.client.r.period=5s");
    }

    @AfterAll
    static void stop() {
        app.close();
    }

    @Test
    void requestAboveTheLimit_waitsForItsTurn_asTheUserThatSentIt() throws Exception {
        String[] alice = {"Authorization", "Basic " + Base64.getEncoder().encodeToString("alice:alice".getBytes())};
        int before = CALLS.get();
        app.get("/slow", alice);
        long start = System.nanoTime();

        HttpResponse<String> waited = app.get("/slow", alice);

        assertThat(waited.statusCode()).isEqualTo(200);
        assertThat(waited.body()).isEqualTo("alice");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(200));
        assertThat(CALLS.get() - before).isEqualTo(2);
        assertThat(waited.headers().allValues("RateLimit")).hasSize(1);
    }

    @Test
    void requestAboveTheLimitOfAFilter_waitsForItsTurn() throws Exception {
        app.get("/pages/one", "X-Client", "f");
        long start = System.nanoTime();

        HttpResponse<String> waited = app.get("/pages/one", "X-Client", "f");

        assertThat(waited.statusCode()).isEqualTo(200);
        assertThat(waited.body()).isEqualTo("page");
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofMillis(200));
    }

    /** It is kept back: the client gets nothing above its limit, and later requests on that route wait as before. */
    @Test
    void redirectionAboveTheLimit_isRejected_andLaterRequestsWait() throws Exception {
        assumeThat(Application.redirect()).as("sendRedirect of Servlet 6.1").isPresent();
        app.get("/pages/one", "X-Client", "one that shows where requests of this route wait");
        assertThat(app.get("/pages/login", "X-Client", "r").statusCode()).isEqualTo(303);

        assertThat(app.get("/pages/login", "X-Client", "r").statusCode()).isEqualTo(429);

        assertThat(app.get("/pages/one", "X-Client", "r").statusCode()).isEqualTo(200);
    }

    /** Spring has read its parts by then, and deletes them: they could not be read again. */
    @Test
    void uploadAboveTheLimit_isRejected_becauseItCannotComeAgain() throws Exception {
        assertThat(upload().body()).isEqualTo("content");
        assertThat(upload().statusCode()).isEqualTo(429);
    }

    private static HttpResponse<String> upload() throws Exception {
        String body =
                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\ncontent\r\n--b--\r\n";
        return app.send(
                HttpRequest.newBuilder().POST(HttpRequest.BodyPublishers.ofString(body)),
                "/upload",
                "Content-Type",
                "multipart/form-data; boundary=b",
                "X-Client",
                "u");
    }
}
