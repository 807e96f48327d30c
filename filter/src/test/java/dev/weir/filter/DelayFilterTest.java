package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.Policy;
import dev.weir.PolicyCost;
import dev.weir.Weir;
import dev.weir.annotation.RateLimited;
import dev.weir.filter.client.ClientIds;
import dev.weir.filter.config.ConfigProblems;
import dev.weir.filter.config.HeaderMode;
import dev.weir.filter.config.HttpSettings;
import dev.weir.filter.config.PolicyUses;
import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.store.LimiterListener;
import jakarta.annotation.Priority;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.container.Suspended;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.server.ServerProperties;
import org.glassfish.jersey.servlet.ServletContainer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that wait for their turn, in a real container, with real authentication before and behind the limit. */
class DelayFilterTest {

    private static final Duration LONG = Duration.ofMinutes(10);
    private static final EnumSet<DispatcherType> REQUEST = EnumSet.of(DispatcherType.REQUEST);

    private final AtomicReference<Runnable> onDecision = new AtomicReference<>(() -> {});
    private final Queue<Decision> decisions = new ConcurrentLinkedQueue<>();
    private final AtomicInteger served = new AtomicInteger();
    private final AtomicReference<String> user = new AtomicReference<>("");
    private final Weir weir = Weir.builder()
            .policy(Policy.of("quick", Limit.tokenBucket(10, Duration.ofSeconds(1), 1))
                    .maxDelay(LONG))
            .policy(Policy.of("slow", Limit.tokenBucket(1, Duration.ofMinutes(1), 1))
                    .maxDelay(LONG))
            .policy(Policy.of("short", Limit.tokenBucket(1, Duration.ofMinutes(1), 1))
                    .maxDelay(Duration.ofSeconds(5)))
            .policy(Policy.of("ten", Limit.tokenBucket(10, WebServer.LONG)))
            .listener(new LimiterListener() {
                @Override
                public void onDecision(Decision decision, long cost) {
                    decisions.add(decision);
                    onDecision.get().run();
                }
            })
            .build();
    private final RateLimits limits = new RateLimits(
            weir,
            () -> new HttpSettings(
                    ClientIds.parse("header:X-Client, address", "127.0.0.1", "X-Forwarded-For"), HeaderMode.DRAFT));
    private final ExecutorService clients = Executors.newCachedThreadPool();

    @AfterEach
    void close() {
        clients.shutdownNow();
        limits.close();
    }

    private WebServer server(Consumer<ServletContextHandler> filters) throws Exception {
        return WebServer.start(context -> {
            context.setAttribute(RateLimits.ATTRIBUTE, limits);
            context.addServletContainerInitializer(new RateLimitsListener());
            filters.accept(context);
            ServletHolder servlet = new ServletHolder(new HttpServlet() {
                @Override
                protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
                    served.incrementAndGet();
                    user.set(request.getRemoteUser());
                    response.getWriter().write("%s %s".formatted(request.getRequestURI(), request.getQueryString()));
                }
            });
            servlet.setAsyncSupported(true);
            context.addServlet(servlet, "/*");
        });
    }

    private static void limit(ServletContextHandler context, String policy, String path) {
        FilterHolder holder = new FilterHolder(RateLimitFilter.class);
        holder.setName("limit-" + policy + path);
        holder.setAsyncSupported(true);
        holder.setInitParameter("policy", policy);
        context.addFilter(holder, path, REQUEST);
    }

    private WebServer server() throws Exception {
        return server(context -> {
            limit(context, "quick", "/quick");
            limit(context, "slow", "/slow");
            limit(context, "short", "/short");
        });
    }

    private CompletableFuture<HttpResponse<String>> later(WebServer server, String path, String... headers) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return server.get(path, headers);
                    } catch (IOException | InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                },
                clients);
    }

    private void awaitWaiting(int requests) {
        await().until(() -> weir.waiting() == requests);
    }

    @Test
    void aboveTheLimit_aRequestWaits_isServedOnce_withItsRateLimitFields() throws Exception {
        try (WebServer server = server()) {
            assertThat(server.get("/quick?a=b").body()).isEqualTo("/quick a=b");

            HttpResponse<String> second = server.get("/quick?a=b");

            assertThat(second.statusCode()).isEqualTo(200);
            assertThat(second.body()).isEqualTo("/quick a=b");
            assertThat(Fields.remaining(second, "quick")).isZero();
            assertThat(second.headers().firstValue("Retry-After")).isEmpty();
            assertThat(served).hasValue(2);
            assertThat(decisions).hasSize(2).allMatch(Decision::permitted);
        }
    }

    @Test
    void requestThatCannotPassInTime_isRejectedAtOnce_withRetryAfter() throws Exception {
        try (WebServer server = server()) {
            server.get("/short");
            HttpResponse<String> rejected = server.get("/short");
            assertThat(rejected.statusCode()).isEqualTo(429);
            assertThat(rejected.headers().firstValueAsLong("Retry-After").orElseThrow())
                    .isBetween(50L, 60L);
            assertThat(rejected.body()).contains("\"violated-policies\":[\"short\"]");
            assertThat(served).hasValue(1);
        }
    }

    /** The limit is cut while it waits. */
    @Test
    void requestWhoseTimeIsOver_isRejectedThen() throws Exception {
        weir.reconfigure(List.of(
                Policy.of("quick", Limit.tokenBucket(2, Duration.ofSeconds(4))).maxDelay(Duration.ofSeconds(3)),
                weir.policy("slow"),
                weir.policy("short")));
        try (WebServer server = server()) {
            server.get("/quick", "X-Client", "alice");
            server.get("/quick", "X-Client", "alice");
            CompletableFuture<HttpResponse<String>> parked = later(server, "/quick", "X-Client", "alice");
            awaitWaiting(1);
            weir.limits().setRate("quick", "alice", 1, Duration.ofMinutes(1));
            HttpResponse<String> answer = parked.join();
            assertThat(answer.statusCode()).isEqualTo(429);
            // Both permits have to drain, which takes longer than it may wait.
            assertThat(answer.headers().firstValueAsLong("Retry-After").orElseThrow())
                    .isBetween(1L, 4L);
            assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
                    .startsWith("application/problem+json");
            assertThat(served).hasValue(2);
        }
    }

    @Test
    void parkedRequests_holdNoThread() throws Exception {
        try (WebServer server = WebServer.start(8, context -> {
            context.setAttribute(RateLimits.ATTRIBUTE, limits);
            context.addServletContainerInitializer(new RateLimitsListener());
            limit(context, "slow", "/slow");
            ServletHolder servlet = new ServletHolder(new HttpServlet() {
                @Override
                protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
                    response.getWriter().write("well");
                }
            });
            servlet.setAsyncSupported(true);
            context.addServlet(servlet, "/*");
        })) {
            server.get("/slow", "X-Client", "first"); // Then it is known that requests to the servlet can wait.
            List<CompletableFuture<HttpResponse<String>>> parked = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                for (int request = 0; request < 6; request++) {
                    parked.add(later(server, "/slow", "X-Client", "client" + i));
                }
            }
            awaitWaiting(200);
            assertThat(server.get("/health").body()).isEqualTo("well");
            assertThat(weir.waiting()).isEqualTo(200);

            weir.drain();

            assertThat(parked.stream().filter(answer -> answer.join().statusCode() == 503))
                    .hasSize(200);
            assertThat(parked.stream()
                            .map(CompletableFuture::join)
                            .filter(answer -> answer.statusCode() == 503)
                            .map(answer -> answer.headers().firstValue("Retry-After")))
                    .allMatch(Optional::isPresent);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void authentication_hasItsSay_onEitherSide_andItsPrincipalGoesAlong(boolean isBefore) throws Exception {
        try (WebServer server = server(context -> {
            FilterHolder authentication = new FilterHolder(authentication());
            authentication.setAsyncSupported(true);
            if (isBefore) {
                context.addFilter(authentication, "/quick", REQUEST);
            }
            limit(context, "quick", "/quick");
            if (!isBefore) {
                context.addFilter(authentication, "/quick", REQUEST);
            }
        })) {
            String[] good = {"Authorization", "letmein"};
            assertThat(server.status("/quick", good)).isEqualTo(200);
            CompletableFuture<HttpResponse<String>> waiting = later(server, "/quick", good);
            CompletableFuture<HttpResponse<String>> guessing = later(server, "/quick", "Authorization", "guess");
            assertThat(waiting.join().statusCode()).isEqualTo(200);
            assertThat(waiting.join().headers().firstValue("X-Checked")).contains("yes");
            assertThat(user).hasValue("alice");
            assertThat(guessing.join().statusCode())
                    .as("above the limit, if that comes first")
                    .isIn(401, isBefore ? 401 : 429);
            assertThat(served).hasValue(2);
            awaitWaiting(0);
        }
    }

    /** At one a minute, of which none waits that long: what the log-in answers is limited all the same. */
    @Test
    void answeredByAFilterBehind_isRejectedAboveTheLimit() throws Exception {
        try (WebServer server = server(context -> {
            limit(context, "slow", "/*");
            FilterHolder authentication = new FilterHolder(authentication());
            authentication.setAsyncSupported(true);
            context.addFilter(authentication, "/*", REQUEST);
        })) {
            assertThat(server.status("/", "Authorization", "guess 0")).isEqualTo(401);
            for (int i = 1; i < 20; i++) {
                HttpResponse<String> answer = server.get("/", "Authorization", "guess " + i);
                assertThat(answer.statusCode()).isEqualTo(429);
                assertThat(answer.headers().firstValue("Retry-After")).isPresent();
                assertThat(answer.body()).contains("\"violated-policies\":[\"slow\"]");
            }
            assertThat(weir.waiting()).isZero();
        }
    }

    /** One wrong password must not keep all others from waiting. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void logInThatFailsAboveTheLimit_keepsNoOtherRequestFromWaiting(boolean byException) throws Exception {
        try (WebServer server = server(context -> {
            limit(context, "slow", "/*");
            FilterHolder login = new FilterHolder((Filter) (request, response, chain) -> {
                if (((HttpServletRequest) request).getHeader("Authorization") != null) {
                    chain.doFilter(request, response);
                } else if (byException) {
                    throw new ServletException("wrong password");
                } else {
                    ((HttpServletResponse) response).sendError(401);
                }
            });
            login.setAsyncSupported(true);
            context.addFilter(login, "/*", REQUEST);
        })) {
            assertThat(server.status("/", "Authorization", "letmein")).isEqualTo(200);
            assertThat(server.status("/")).isEqualTo(429);

            CompletableFuture<HttpResponse<String>> waiting = later(server, "/", "Authorization", "letmein");

            awaitWaiting(1);
            weir.drain();
            assertThat(waiting.join().statusCode()).isEqualTo(503);
        }
    }

    /** A filter behind the limit, a log of accesses for instance, sees what has been sent, though it is kept. */
    @ParameterizedTest
    @CsvSource({"error, 401", "message, 401", "redirect, 302"})
    void answerOfAFilterAboveTheLimit_isSeenByFiltersBefore(String sent, int status) throws Exception {
        AtomicInteger seen = new AtomicInteger();
        try (WebServer server = server(context -> {
            limit(context, "slow", "/*");
            FilterHolder log = new FilterHolder((Filter) (request, response, chain) -> {
                chain.doFilter(request, response);
                seen.set(((HttpServletResponse) response).getStatus());
            });
            log.setAsyncSupported(true);
            context.addFilter(log, "/*", REQUEST);
            FilterHolder login = new FilterHolder((Filter) (request, response, chain) -> {
                HttpServletResponse http = (HttpServletResponse) response;
                if (((HttpServletRequest) request).getHeader("Authorization") != null) {
                    chain.doFilter(request, response);
                } else if (sent.equals("redirect")) {
                    http.sendRedirect("/login");
                } else if (sent.equals("message")) {
                    http.sendError(401, "wrong password");
                } else {
                    http.sendError(401);
                }
            });
            login.setAsyncSupported(true);
            context.addFilter(login, "/*", REQUEST);
        })) {
            assertThat(server.status("/", "Authorization", "letmein")).isEqualTo(200);
            assertThat(server.status("/")).isEqualTo(429);
            assertThat(seen).hasValue(status);
        }
    }

    /** As JAX-RS as a filter does, or where the container does not run the filter that requests wait in. */
    @Test
    void servedByAFilterBehind_isRejectedAboveTheLimit_andLoggedOnce() throws Exception {
        AtomicInteger servedByFilter = new AtomicInteger();
        try (Logged log = new Logged();
                WebServer server = server(context -> {
                    limit(context, "slow", "/*");
                    context.addFilter(serving("/", servedByFilter), "/*", REQUEST);
                })) {
            assertThat(server.get("/").body()).isEqualTo("by the filter");
            for (int i = 0; i < 3; i++) {
                HttpResponse<String> answer = server.get("/");
                assertThat(answer.statusCode()).isEqualTo(429);
                assertThat(answer.headers().firstValue("Retry-After")).isPresent();
            }
            assertThat(servedByFilter).hasValue(1);
            assertThat(log.count("requests to / that are above their limit do not wait for their turn"))
                    .isEqualTo(1);
            assertThat(weir.waiting()).isZero();
        }
    }

    /** Right after a start no route is known yet, and that is no reason to warn of anything. */
    @Test
    void firstRequest_belowTheLimit_logsNothing() throws Exception {
        try (Logged log = new Logged();
                WebServer server = server(context -> limit(context, "slow", "/*"))) {
            assertThat(server.status("/page")).isEqualTo(200);
            assertThat(log.count("do not wait for their turn")).isZero();
        }
    }

    /** The servlet was seen behind the delay, but a filter serves some of its paths: that slips through once. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void someServedByAFilterBehind_isRejectedOnceThatIsSeen(boolean isCommitted) throws Exception {
        AtomicInteger servedByFilter = new AtomicInteger();
        try (WebServer server = server(context -> {
            limit(context, "slow", "/*");
            context.addFilter(serving(isCommitted ? "/sent" : "/open", servedByFilter), "/*", REQUEST);
        })) {
            assertThat(server.get("/page").body()).startsWith("/page");
            assertThat(server.status(isCommitted ? "/sent" : "/open")).isEqualTo(isCommitted ? 200 : 429);
            for (int i = 0; i < 3; i++) {
                assertThat(server.status(isCommitted ? "/sent" : "/open")).isEqualTo(429);
            }
            assertThat(servedByFilter).hasValue(1);
        }
    }

    /** Serves a path itself; commits the answer unless the path is {@code /open}. */
    private static FilterHolder serving(String path, AtomicInteger count) {
        FilterHolder filter = new FilterHolder((Filter) (request, response, chain) -> {
            if (!((HttpServletRequest) request).getRequestURI().equals(path)) {
                chain.doFilter(request, response);
                return;
            }
            count.incrementAndGet();
            response.getWriter().write("by the filter");
            if (!path.equals("/open")) {
                response.flushBuffer();
            }
        });
        filter.setAsyncSupported(true);
        return filter;
    }

    /** A wrong password that ends in an exception is limited as one that is answered. */
    @Test
    void failedInAFilterBehind_isRejectedAboveTheLimit() throws Exception {
        try (WebServer server = server(context -> {
            limit(context, "slow", "/*");
            FilterHolder authentication = new FilterHolder((Filter) (request, response, chain) -> {
                throw new ServletException("wrong password");
            });
            authentication.setAsyncSupported(true);
            context.addFilter(authentication, "/*", REQUEST);
        })) {
            assertThat(server.status("/")).isEqualTo(500);
            assertThat(server.status("/")).isEqualTo(429);
            assertThat(server.status("/")).isEqualTo(429);
            assertThat(weir.waiting()).isZero();
        }
    }

    /**
     * Nothing of the answer that is replaced gets out: neither a session's cookie, nor the encoding of another body.
     */
    @Test
    void answeredByAFilterBehind_isReplacedWhole() throws Exception {
        try (WebServer server = server(context -> {
            FilterHolder inFront = new FilterHolder((Filter) (request, response, chain) -> {
                ((HttpServletResponse) response).setHeader("X-Frame-Options", "DENY");
                chain.doFilter(request, response);
            });
            inFront.setAsyncSupported(true);
            context.addFilter(inFront, "/*", REQUEST);
            limit(context, "slow", "/*");
            FilterHolder login = new FilterHolder((Filter) (request, response, chain) -> {
                HttpServletResponse http = (HttpServletResponse) response;
                http.addCookie(new Cookie("session", "alice"));
                http.setHeader("Content-Encoding", "br");
                http.setHeader("X-Frame-Options", "ALLOWALL");
                http.getOutputStream().write("hello".getBytes(StandardCharsets.UTF_8));
            });
            login.setAsyncSupported(true);
            context.addFilter(login, "/*", REQUEST);
        })) {
            assertThat(server.get("/").headers().firstValue("Set-Cookie")).contains("session=alice");

            HttpResponse<String> answer = server.get("/");

            assertThat(answer.statusCode()).isEqualTo(429);
            assertThat(answer.body()).contains("\"violated-policies\":[\"slow\"]");
            assertThat(answer.headers().map()).doesNotContainKeys("set-cookie", "content-encoding");
            assertThat(answer.headers().allValues("X-Frame-Options")).containsExactly("DENY");
            assertThat(answer.headers().allValues("RateLimit")).hasSize(1);
            assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        }
    }

    /** A servlet that dispatches to another one cannot wait there: the container would come back to the first. */
    @Test
    void dispatchOfTheApplicationsOwn_cannotWait_andIsRejected() throws Exception {
        AtomicInteger begun = new AtomicInteger();
        try (WebServer server = server(context -> {
            FilterHolder limit = new FilterHolder(RateLimitFilter.class);
            limit.setName("limit");
            limit.setAsyncSupported(true);
            limit.setInitParameter("policy", "quick");
            context.addFilter(limit, "/quick", EnumSet.of(DispatcherType.ASYNC));
            ServletHolder first = new ServletHolder(new HttpServlet() {
                @Override
                protected void doGet(HttpServletRequest request, HttpServletResponse response) {
                    begun.incrementAndGet();
                    request.startAsync().dispatch("/quick");
                }
            });
            first.setAsyncSupported(true);
            context.addServlet(first, "/first");
        })) {
            assertThat(server.status("/first")).isEqualTo(200);
            assertThat(server.status("/first")).isEqualTo(429);
            assertThat(begun).hasValue(2);
            assertThat(served).hasValue(1);
        }
    }

    /** A servlet that no request comes to, because a filter before the limit forbids it. */
    private static void addGuarded(ServletContextHandler context, String path) {
        FilterHolder guard = new FilterHolder(
                (Filter) (request, response, chain) -> ((HttpServletResponse) response).sendError(403));
        guard.setAsyncSupported(true);
        context.addFilter(guard, path, REQUEST);
        ServletHolder secret = new ServletHolder(new HttpServlet() {
            @Override
            protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
                response.getWriter().write("classified");
            }
        });
        secret.setAsyncSupported(true);
        context.addServlet(secret, path);
    }

    /** A filter that shows those behind it another URI. */
    private static FilterHolder showing(String uri) {
        FilterHolder prefix = new FilterHolder((Filter) (request, response, chain) -> chain.doFilter(
                new HttpServletRequestWrapper((HttpServletRequest) request) {
                    @Override
                    public String getRequestURI() {
                        return uri;
                    }
                },
                response));
        prefix.setAsyncSupported(true);
        return prefix;
    }

    /** As a filter for forwarded prefixes does: what the dispatch goes by is what the container has gone by. */
    @Test
    void requestWithAnotherUri_comesBackToItsOwnServlet() throws Exception {
        try (WebServer server = server(context -> {
            addGuarded(context, "/secret");
            limit(context, "quick", "/quick");
            context.addFilter(showing("/secret"), "/quick", REQUEST);
        })) {
            assertThat(server.status("/secret")).isEqualTo(403);
            assertThat(server.get("/quick?a=b").body()).isEqualTo("/secret a=b");
            assertThat(server.get("/quick?a=b").body()).isEqualTo("/secret a=b");
        }
    }

    /**
     * A path that the container has normalized is written anew for the dispatch. It stays the same path: a decomposed
     * letter is not the composed one, and an encoded semicolon begins no parameter.
     */
    @ParameterizedTest
    @CsvSource({"/x/../e%CC%81, /\u00E9", "/x/../secret%3Bb, /secret"})
    void requestWithAnotherUriAndNormalizedPath_comesToNoOtherServlet(String path, String guarded) throws Exception {
        try (WebServer server = server(context -> {
            addGuarded(context, guarded);
            limit(context, "quick", "/*");
            context.addFilter(showing("/shown"), "/*", REQUEST);
        })) {
            assertThat(server.get(path).body()).isEqualTo("/shown null");
            assertThat(server.get(path).body()).isEqualTo("/shown null");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/quick/a%20b;x=y/c?q=%20r", "/quick/%C3%A4+b?q", "/quick/a%3Bb", "/quick;v=1/c", "/quick/a//b"})
    void waitingRequest_isServedAsOneThatDoesNotWait(String path) throws Exception {
        try (WebServer server = WebServer.start(context -> {
            context.setAttribute(RateLimits.ATTRIBUTE, limits);
            context.addServletContainerInitializer(new RateLimitsListener());
            limit(context, "quick", "/quick/*");
            ServletHolder servlet = new ServletHolder(new HttpServlet() {
                @Override
                protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
                    response.getWriter()
                            .write("%s %s %s %s %s"
                                    .formatted(
                                            request.getRequestURI(),
                                            request.getServletPath(),
                                            request.getPathInfo(),
                                            request.getQueryString(),
                                            request.getParameter("q")));
                }
            });
            servlet.setAsyncSupported(true);
            context.addServlet(servlet, "/quick/*");
        })) {
            HttpResponse<String> first = server.get(path);
            HttpResponse<String> parked = server.get(path);

            assertThat(parked.statusCode()).isEqualTo(first.statusCode());
            assertThat(parked.body()).isEqualTo(first.body());
        }
    }

    /** For requests only, as most are: what is dispatched later does not come by again. */
    private static Filter authentication() {
        return (request, response, chain) -> {
            HttpServletRequest http = (HttpServletRequest) request;
            if (!"letmein".equals(http.getHeader("Authorization"))) {
                ((HttpServletResponse) response).sendError(401);
                return;
            }
            ((HttpServletResponse) response).setHeader("X-Checked", "yes");
            chain.doFilter(
                    new HttpServletRequestWrapper(http) {
                        @Override
                        public String getRemoteUser() {
                            return "alice";
                        }
                    },
                    response);
        };
    }

    @Test
    void severalFilters_allHaveTheirSay() throws Exception {
        try (WebServer server = server(context -> {
            limit(context, "quick", "/*");
            limit(context, "ten", "/*");
        })) {
            server.get("/");
            HttpResponse<String> second = server.get("/");
            assertThat(second.statusCode()).isEqualTo(200);
            assertThat(Fields.parse(second, "RateLimit")).containsOnlyKeys("quick", "ten");
            assertThat(Fields.remaining(second, "ten")).isEqualTo(8);
            assertThat(decisions).hasSize(4);
        }
    }

    /**
     * Over HTTP/2, where the container notices at once; over HTTP/1.1 it may not look while a request waits.
     */
    @Test
    void aClientThatHasGone_isNotWaitedFor() throws Exception {
        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
        try (WebServer server = server()) {
            HttpRequest request = HttpRequest.newBuilder(server.uri("/slow")).build();
            HttpResponse<String> first = client.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(first.version()).isEqualTo(HttpClient.Version.HTTP_2);
            CompletableFuture<HttpResponse<String>> parked =
                    client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
            awaitWaiting(1);
            parked.cancel(true);
            awaitWaiting(0);
            assertThat(served).hasValue(1);
            assertThat(decisions).hasSize(1);
        }
    }

    @Test
    void whereItCannotWait_itIsRejected() throws Exception {
        try (WebServer server = server(context -> {
            limit(context, "slow", "/slow");
            FilterHolder synchronous =
                    new FilterHolder((Filter) (request, response, chain) -> chain.doFilter(request, response));
            synchronous.setAsyncSupported(false);
            context.addFilter(synchronous, "/slow", REQUEST);
        })) {
            server.get("/slow");
            HttpResponse<String> rejected = server.get("/slow");
            assertThat(rejected.statusCode()).isEqualTo(429);
            assertThat(rejected.headers().firstValue("Retry-After")).isPresent();
            assertThat(served).hasValue(1);
        }
    }

    @Test
    void requestForwardedByAFilter_cannotWait_andIsRejected() throws Exception {
        try (WebServer server = server(context -> {
            limit(context, "slow", "/slow");
            FilterHolder rewriting = new FilterHolder((Filter) (request, response, chain) ->
                    request.getRequestDispatcher("/other").forward(request, response));
            rewriting.setAsyncSupported(true);
            context.addFilter(rewriting, "/slow", REQUEST);
        })) {
            assertThat(server.get("/slow").body()).startsWith("/other");
            assertThat(server.status("/slow")).isEqualTo(429);
            assertThat(served).hasValue(1);
            assertThat(weir.waiting()).isZero();
        }
    }

    @Test
    void requestForwardedByItsServlet_hasWaitedBefore() throws Exception {
        try (WebServer server = server(context -> {
            limit(context, "quick", "/forwarding");
            ServletHolder forwarding = new ServletHolder(new HttpServlet() {
                @Override
                protected void doGet(HttpServletRequest request, HttpServletResponse response)
                        throws IOException, ServletException {
                    request.getRequestDispatcher("/target").forward(request, response);
                }
            });
            forwarding.setAsyncSupported(true);
            context.addServlet(forwarding, "/forwarding");
        })) {
            assertThat(server.get("/forwarding").body()).startsWith("/target");
            assertThat(server.get("/forwarding").body()).startsWith("/target");
            assertThat(decisions).hasSize(2);
        }
    }

    @Test
    void withoutTheListener_theStartFails_andSaysWhatIsMissing() {
        assertThatThrownBy(() -> WebServer.start(context -> {
                    context.setAttribute(RateLimits.ATTRIBUTE, limits);
                    limit(context, "slow", "/*");
                }))
                .hasStackTraceContaining(
                        "init-param 'policy': policy 'slow' has at-limit=delay, but requests wait only where")
                .hasStackTraceContaining("dev.weir.filter.RateLimitsListener");
    }

    @Test
    void aListenerOfWebXml_isEnough() throws Exception {
        try (WebServer server = WebServer.start(context -> {
            context.setAttribute(RateLimits.ATTRIBUTE, limits);
            context.addEventListener(new RateLimitsListener());
            limit(context, "quick", "/*");
            ServletHolder servlet = new ServletHolder(new HttpServlet() {
                @Override
                protected void doGet(HttpServletRequest request, HttpServletResponse response) {}
            });
            servlet.setAsyncSupported(true);
            context.addServlet(servlet, "/*");
        })) {
            assertThat(server.status("/")).isEqualTo(200);
            assertThat(server.status("/")).isEqualTo(200);
        }
    }

    @Test
    void endOfTheApplication_answersWhoWaits() throws Exception {
        try (WebServer server = server()) {
            server.get("/slow");
            CompletableFuture<HttpResponse<String>> parked = later(server, "/slow");
            awaitWaiting(1);
            limits.close();
            assertThat(parked.join().statusCode()).isEqualTo(503);
            assertThat(parked.join().headers().firstValue("Retry-After")).contains("1");
            assertThat(served).hasValue(1);
        }
    }

    /** A turn that comes while the application ends is none: the request is not served any more. */
    @Test
    void endOfTheApplication_turnThatComesMeanwhile_isAnswered503() throws Exception {
        try (WebServer server = server()) {
            server.get("/quick");
            onDecision.set(() -> {
                clients.execute(limits::close);
                await().until(limits::isClosed);
            });

            HttpResponse<String> answer = server.get("/quick");

            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.headers().firstValue("Retry-After")).contains("1");
            assertThat(answer.body()).contains("temporary-reduced-capacity");
            assertThat(served).hasValue(1);
        }
    }

    /** The container itself is stopped: it serves no dispatch any more. */
    @Test
    void endOfTheContainer_answersWaitingRequests() throws Exception {
        WebServer server = server();
        server.get("/slow");
        CompletableFuture<HttpResponse<String>> parked = later(server, "/slow");
        awaitWaiting(1);
        server.stopApplication();
        assertThat(parked.join().statusCode()).isEqualTo(503);
        assertThat(parked.join().body()).contains("temporary-reduced-capacity");
        assertThat(served).hasValue(1);
        server.close();
    }

    /** Resources of which some wait. */
    @Path("r")
    public static class Reports {

        static final AtomicInteger SERVED = new AtomicInteger();

        @GET
        @Path("quick")
        @RateLimited(policy = "quick")
        public String quick(@Context HttpServletRequest request) {
            SERVED.incrementAndGet();
            return "quick " + request.getRemoteUser();
        }

        @POST
        @Path("echo")
        @RateLimited(policy = "quick")
        public String echo(String body) {
            return body;
        }

        @GET
        @Path("async")
        @RateLimited(policy = "quick")
        public void async(@Suspended AsyncResponse response) {
            CompletableFuture.runAsync(() -> response.resume("async"));
        }

        @GET
        @Path("short")
        @RateLimited(policy = "short")
        public String tooShort() {
            return "short";
        }

        @GET
        @Path("slow")
        @RateLimited(policy = "slow")
        public String slow() {
            return "slow";
        }

        @GET
        @Path("created")
        @RateLimited(policy = "quick")
        @RateLimited(policy = "ten")
        public Response created() {
            return Response.status(201).header("X-Mine", "yes").build();
        }
    }

    /** Authentication of JAX-RS: as every request filter it comes before each try. */
    @Priority(Priorities.AUTHENTICATION)
    public static class JaxRsAuthentication implements ContainerRequestFilter, ContainerResponseFilter {

        @Override
        public void filter(ContainerRequestContext request) {
            if ("guess".equals(request.getHeaderString("Authorization"))) {
                request.abortWith(Response.status(401).build());
            }
        }

        @Override
        public void filter(ContainerRequestContext request, ContainerResponseContext response) {
            response.getHeaders().add("X-Added", "once");
        }
    }

    private WebServer resources(Consumer<ServletContextHandler> filters) throws Exception {
        Reports.SERVED.set(0);
        return WebServer.start(context -> {
            context.setAttribute(RateLimits.ATTRIBUTE, limits);
            context.addServletContainerInitializer(new RateLimitsListener());
            filters.accept(context);
            ServletHolder jersey =
                    new ServletHolder(new ServletContainer(new ResourceConfig(Reports.class, JaxRsAuthentication.class)
                            .property(ServerProperties.WADL_FEATURE_DISABLE, true)));
            jersey.setInitOrder(1);
            jersey.setAsyncSupported(true);
            context.addServlet(jersey, "/*");
        });
    }

    @Test
    void resource_waits_isServedOnce_withItsRateLimitFields() throws Exception {
        try (WebServer server = resources(context -> {})) {
            assertThat(server.status("/r/quick")).isEqualTo(200);
            HttpResponse<String> second = server.get("/r/quick");
            assertThat(second.statusCode()).isEqualTo(200);
            assertThat(second.body()).isEqualTo("quick null");
            assertThat(second.headers().allValues("X-Added")).containsExactly("once");
            assertThat(Fields.remaining(second, "quick")).isZero();
            assertThat(Reports.SERVED).hasValue(2);
            assertThat(decisions).hasSize(2).allMatch(Decision::permitted);
        }
    }

    @Test
    void resource_getsItsBody_andMayBeAsynchronous() throws Exception {
        try (WebServer server = resources(context -> {})) {
            server.get("/r/quick");
            assertThat(server.sendJson("POST", "/r/echo", "[1,2,3]").body()).isEqualTo("[1,2,3]");
            assertThat(server.get("/r/async").body()).isEqualTo("async");
            HttpResponse<String> created = server.get("/r/created");
            assertThat(created.statusCode()).isEqualTo(201);
            assertThat(created.headers().firstValue("X-Mine")).contains("yes");
            assertThat(Fields.parse(created, "RateLimit")).containsOnlyKeys("quick", "ten");
            assertThat(decisions).hasSize(5).allMatch(Decision::permitted);
        }
    }

    @Test
    void resource_requestThatCannotPassInTime_isRejected_afterAuthentication() throws Exception {
        try (WebServer server = resources(context -> {})) {
            server.get("/r/short");
            HttpResponse<String> rejected = server.get("/r/short");
            assertThat(rejected.statusCode()).isEqualTo(429);
            assertThat(rejected.headers().firstValueAsLong("Retry-After").orElseThrow())
                    .isBetween(50L, 60L);
            assertThat(server.status("/r/short", "Authorization", "guess")).isEqualTo(401);
        }
    }

    @Test
    void resource_behindAuthenticationOfTheServlet_keepsItsPrincipal_andNobodyElseIsServed() throws Exception {
        try (WebServer server = resources(context -> {
            FilterHolder authentication = new FilterHolder(authentication());
            authentication.setAsyncSupported(true);
            context.addFilter(authentication, "/*", REQUEST);
        })) {
            String[] good = {"Authorization", "letmein"};
            assertThat(server.get("/r/quick", good).body()).isEqualTo("quick alice");
            HttpResponse<String> second = server.get("/r/quick", good);
            assertThat(second.body()).isEqualTo("quick alice");
            assertThat(second.headers().firstValue("X-Checked")).contains("yes");
            assertThat(server.status("/r/quick", "Authorization", "wrong")).isEqualTo(401);
            assertThat(Reports.SERVED).hasValue(2);
        }
    }

    @Test
    void resource_andFilter_ofOnePolicy_areChargedOnce() throws Exception {
        try (WebServer server = resources(context -> limit(context, "quick", "/*"))) {
            server.get("/r/quick");
            assertThat(server.status("/r/quick")).isEqualTo(200);
            assertThat(decisions).hasSize(2);
        }
    }

    @Test
    void resource_behindAFilterThatDelays_waitsForBoth() throws Exception {
        try (WebServer server = resources(context -> limit(context, "ten", "/*"))) {
            server.get("/r/quick");
            HttpResponse<String> second = server.get("/r/quick");
            assertThat(second.statusCode()).isEqualTo(200);
            assertThat(Fields.parse(second, "RateLimit")).containsOnlyKeys("ten", "quick");
            assertThat(Fields.remaining(second, "ten")).isEqualTo(8);
        }
    }

    /** What response filters do to an answer that is not sent must not keep the request's place in the line. */
    public static class FailingOnNoContent implements ContainerResponseFilter {

        static final Queue<Object> PARKED = new ConcurrentLinkedQueue<>();

        @Override
        public void filter(ContainerRequestContext request, ContainerResponseContext response) {
            PARKED.add(Boolean.TRUE.equals(request.getProperty(RateLimitFeature.PARKED)));
            if (response.getStatus() == 204) {
                throw new IllegalStateException("thrown on purpose");
            }
        }
    }

    @Test
    void resource_whoseResponseFilterFailsWhileItWaits_keepsItsTurn() throws Exception {
        FailingOnNoContent.PARKED.clear();
        try (WebServer server = WebServer.start(context -> {
            context.setAttribute(RateLimits.ATTRIBUTE, limits);
            context.addServletContainerInitializer(new RateLimitsListener());
            ServletHolder jersey =
                    new ServletHolder(new ServletContainer(new ResourceConfig(Reports.class, FailingOnNoContent.class)
                            .property(ServerProperties.WADL_FEATURE_DISABLE, true)));
            jersey.setAsyncSupported(true);
            context.addServlet(jersey, "/*");
        })) {
            assertThat(server.status("/r/quick")).isEqualTo(200);
            assertThat(server.status("/r/quick")).isEqualTo(200);
            assertThat(weir.waiting()).isZero();
            assertThat(FailingOnNoContent.PARKED).contains(true).last().isEqualTo(false);
        }
    }

    @Test
    void resource_drained_isAnswered503() throws Exception {
        try (WebServer server = resources(context -> {})) {
            server.get("/r/slow");
            CompletableFuture<HttpResponse<String>> parked = later(server, "/r/slow");
            awaitWaiting(1);
            weir.drain();
            assertThat(parked.join().statusCode()).isEqualTo(503);
            assertThat(parked.join().body()).contains("temporary-reduced-capacity");
        }
    }

    @Test
    void resource_servedByAFilter_cannotWait_andIsRejected() throws Exception {
        try (WebServer server = WebServer.start(context -> {
            context.setAttribute(RateLimits.ATTRIBUTE, limits);
            context.addServletContainerInitializer(new RateLimitsListener());
            FilterHolder jersey = new FilterHolder(new ServletContainer(
                    new ResourceConfig(Reports.class).property(ServerProperties.WADL_FEATURE_DISABLE, true)));
            jersey.setAsyncSupported(true);
            context.addFilter(jersey, "/*", REQUEST);
            context.addServlet(new ServletHolder(new HttpServlet() {}), "/");
        })) {
            assertThat(server.status("/r/slow")).isEqualTo(200);
            assertThat(server.status("/r/slow")).isEqualTo(429);
        }
    }

    @Test
    void resource_withoutTheListener_failsTheDeployment() {
        assertThatThrownBy(() -> WebServer.start(context -> {
                    context.setAttribute(RateLimits.ATTRIBUTE, limits);
                    ServletHolder jersey = new ServletHolder(new ServletContainer(new ResourceConfig(Reports.class)));
                    jersey.setInitOrder(1);
                    context.addServlet(jersey, "/*");
                }))
                .hasStackTraceContaining("at-limit=delay, but requests wait only where")
                .hasStackTraceContaining("DelayFilterTest$Reports.");
    }

    @Test
    void aReload_thatDelaysWhereNoRequestCanWait_isRefused() {
        ConfigProblems problems = new ConfigProblems();
        PolicyUses uses = new PolicyUses();
        uses.require(weir, new PolicyCost("ten", 1), "filter 'x'", false);
        uses.reconfigure(
                weir,
                Map.of("ten", Policy.of("ten", Limit.tokenBucket(10, LONG)).maxDelay(LONG)),
                problems);
        assertThat(problems.list())
                .singleElement()
                .asString()
                .startsWith("filter 'x': policy 'ten' has at-limit=delay, but requests wait only where");
    }
}
