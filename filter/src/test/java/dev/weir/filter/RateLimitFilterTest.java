package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.OnStoreFailure;
import dev.weir.Policy;
import dev.weir.Weir;
import dev.weir.filter.client.ClientIds;
import dev.weir.filter.config.HeaderMode;
import dev.weir.filter.config.HttpSettings;
import dev.weir.limit.Decision;
import dev.weir.limit.Decisions;
import dev.weir.limit.Limit;
import dev.weir.store.LimiterListener;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.eclipse.jetty.ee10.servlet.ErrorPageErrorHandler;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateLimitFilterTest {

    /** Does what its path says, so that every way through the container can be gone. */
    static final class Pages extends HttpServlet {
        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response)
                throws ServletException, IOException {
            // An included page still sees the path of the one that includes it.
            boolean included = request.getDispatcherType() == DispatcherType.INCLUDE;
            switch (included ? "/included" : String.valueOf(request.getPathInfo())) {
                case "/forward" -> request.getRequestDispatcher("/pages/hello").forward(request, response);
                case "/include" -> {
                    request.getRequestDispatcher("/pages/hello").include(request, response);
                    request.getRequestDispatcher("/other/hello").include(request, response);
                }
                case "/four" -> {
                    for (int i = 0; i < 4; i++) {
                        request.getRequestDispatcher("/other/hello").include(request, response);
                    }
                }
                case "/error" -> response.sendError(418, "on purpose");
                case "/throw" -> throw new ServletException("on purpose");
                case "/dispatch" -> {
                    if (request.getDispatcherType() == DispatcherType.ASYNC) {
                        response.getWriter().write("dispatched");
                    } else {
                        request.startAsync().dispatch();
                    }
                }
                case "/async" -> {
                    AsyncContext async = request.startAsync();
                    async.start(() -> {
                        try {
                            async.getResponse().getWriter().write("async");
                        } catch (IOException gone) {
                            throw new java.io.UncheckedIOException(gone);
                        }
                        async.complete();
                    });
                }
                case "/decisions" -> {
                    Decisions decisions = (Decisions) request.getAttribute(RateLimitFilter.DECISIONS);
                    decisions.each().forEach(decision -> response.addHeader("Seen", decision.policy()));
                }
                case "/flushed-forward" -> {
                    response.getWriter().write("begun");
                    response.flushBuffer();
                    request.getRequestDispatcher("/other/hello").include(request, response);
                }
                default -> response.getWriter().write("hello;" + request.getDispatcherType());
            }
        }
    }

    private static final EnumSet<DispatcherType> EVERYWHERE = EnumSet.allOf(DispatcherType.class);

    private static FilterHolder filter(RateLimits limits, String... params) {
        FilterHolder holder = new FilterHolder(new RateLimitFilter(limits));
        holder.setName("limit-" + String.join("-", params));
        holder.setAsyncSupported(true);
        for (int i = 0; i < params.length; i += 2) {
            holder.setInitParameter(params[i], params[i + 1]);
        }
        return holder;
    }

    private static WebServer server(Consumer<ServletContextHandler> filters) throws Exception {
        return WebServer.start(context -> {
            filters.accept(context);
            ServletHolder pages = new ServletHolder(new Pages());
            pages.setAsyncSupported(true);
            context.addServlet(pages, "/pages/*");
            context.addServlet(pages, "/other/*");
            ErrorPageErrorHandler errors = new ErrorPageErrorHandler();
            errors.addErrorPage(418, "/pages/oops");
            errors.addErrorPage(ServletException.class, "/pages/oops");
            context.setErrorHandler(errors);
        });
    }

    private static WebServer limited(String... params) throws Exception {
        RateLimits limits = WebServer.limits();
        return server(context -> context.addFilter(filter(limits, params), "/*", EVERYWHERE));
    }

    @Test
    void withinTheLimit_passes_andTellsHowTheClientStands() throws Exception {
        try (WebServer server = limited("policy", "three")) {
            HttpResponse<String> answer = server.get("/pages/hello");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("hello;REQUEST");
            assertThat(Fields.parse(answer, "RateLimit-Policy"))
                    .isEqualTo(Map.of("three", Map.of("q", 3L, "w", WebServer.LONG.toSeconds())));
            assertThat(Fields.remaining(answer, "three")).isEqualTo(2);
            assertThat(answer.headers().firstValue("Retry-After")).isEmpty();
            assertThat(answer.headers().firstValue("Cache-Control")).isEmpty();
        }
    }

    @Test
    void listenerOfTheApplicationThrowsAnError_requestsAreServedAsIfItHadNot() throws Exception {
        Weir weir = Weir.builder()
                .policy(Policy.of("two", Limit.tokenBucket(2, WebServer.LONG)))
                .listener(new LimiterListener() {
                    @Override
                    public void onDecision(Decision decision, long cost) {
                        throw new NoClassDefFoundError("com/example/Metrics");
                    }
                })
                .build();
        HttpSettings http =
                new HttpSettings(ClientIds.parse("address", "127.0.0.1", "X-Forwarded-For"), HeaderMode.DRAFT);
        RateLimits limits = new RateLimits(weir, () -> http);
        try (WebServer server =
                server(context -> context.addFilter(filter(limits, "policy", "two"), "/*", EVERYWHERE))) {
            assertThat(server.status("/pages/hello")).isEqualTo(200);
            assertThat(server.remaining("/pages/hello", "two")).isZero();
            assertThat(server.status("/pages/hello")).isEqualTo(429);
        }
    }

    @Test
    void aboveTheLimit_isAnsweredWithAProblemDocument() throws Exception {
        try (WebServer server = limited("policy", "three", "cost", "2")) {
            assertThat(server.status("/pages/hello")).isEqualTo(200);
            HttpResponse<String> answer = server.get("/pages/hello");
            assertThat(answer.statusCode()).isEqualTo(429);
            assertThat(answer.headers().firstValue("Content-Type").orElseThrow())
                    .isEqualToIgnoringCase("application/problem+json;charset=utf-8");
            assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
            long retryAfter = answer.headers().firstValueAsLong("Retry-After").orElseThrow();
            assertThat(retryAfter).isBetween(1L, WebServer.LONG.toSeconds() / 3);
            assertThat(answer.body()).isEqualTo("""
                            {"type":"https://iana.org/assignments/http-problem-types#quota-exceeded",\
                            "title":"Request cannot be satisfied as assigned quota has been exceeded","status":429,\
                            "detail":"Policy 'three': the limit of 3 per %d seconds leaves 1, less than the request costs;\
                             try again in %d seconds.",\
                            "violated-policies":["three"]}
                            """.formatted(WebServer.LONG.toSeconds(), retryAfter));
            assertThat(Fields.parse(answer, "RateLimit").get("three")).isEqualTo(Map.of("r", 1L, "t", retryAfter));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/pages/forward, hello;FORWARD",
        "/pages/dispatch, dispatched",
        "/pages/async, async",
        "/pages/include, hello;INCLUDEhello;INCLUDE",
        "/pages/error, hello;ERROR",
        "/pages/throw, hello;ERROR"
    })
    void everyDispatch_isChargedOnce(String path, String body) throws Exception {
        try (WebServer server = limited("policy", "three")) {
            assertThat(server.get(path).body()).isEqualTo(body);
            assertThat(server.remaining("/pages/hello", "three")).isEqualTo(1);
        }
    }

    @Test
    void errorDispatch_alone_isNeverChargedOrRejected() throws Exception {
        RateLimits limits = WebServer.limits();
        try (WebServer server = server(context ->
                context.addFilter(filter(limits), "/*", EnumSet.of(DispatcherType.ERROR, DispatcherType.FORWARD)))) {
            for (int i = 0; i < 3; i++) {
                assertThat(server.get("/pages/error").body()).isEqualTo("hello;ERROR");
            }
            assertThat(server.status("/pages/forward")).isEqualTo(200);
            assertThat(server.status("/pages/forward")).isEqualTo(429);
        }
    }

    @Test
    void rejectedInclude_leavesItsPartEmpty() throws Exception {
        RateLimits limits = WebServer.limits();
        try (WebServer server =
                server(context -> context.addFilter(filter(limits), "/other/*", EnumSet.of(DispatcherType.INCLUDE)))) {
            assertThat(server.get("/pages/include").body()).isEqualTo("hello;INCLUDEhello;INCLUDE");
            HttpResponse<String> second = server.get("/pages/include");
            assertThat(second.statusCode()).isEqualTo(200);
            assertThat(second.body()).isEqualTo("hello;INCLUDE");
            assertThat(server.get("/pages/flushed-forward").body()).isEqualTo("begun");
        }
    }

    /** What has rejected a request rejects it again: not only the first of four parts is left out. */
    @Test
    void rejectedInclude_isRejectedEachTime_andDecidedOnce() throws Exception {
        RateLimits limits = WebServer.limits();
        try (WebServer server =
                server(context -> context.addFilter(filter(limits), "/other/*", EnumSet.of(DispatcherType.INCLUDE)))) {
            assertThat(server.get("/pages/four").body()).isEqualTo("hello;INCLUDE".repeat(4));

            HttpResponse<String> second = server.get("/pages/four");

            assertThat(second.statusCode()).isEqualTo(200);
            assertThat(second.body()).isEmpty();
        }
    }

    /** Two limiters may have a policy of one name. */
    @Test
    void filtersOfTwoLimiters_eachChargesItsOwn() throws Exception {
        RateLimits wide = WebServer.configured("weir.policy.default.limit=100\nweir.policy.default.period=1d\n");
        RateLimits narrow = WebServer.configured("weir.policy.default.limit=1\nweir.policy.default.period=1d\n");
        try (WebServer server = server(context -> {
            context.addFilter(filter(wide), "/*", EnumSet.of(DispatcherType.REQUEST));
            context.addFilter(filter(narrow, "policy", "default"), "/*", EnumSet.of(DispatcherType.REQUEST));
        })) {
            assertThat(server.status("/pages/hello")).isEqualTo(200);
            assertThat(server.status("/pages/hello")).isEqualTo(429);
        } finally {
            wide.close();
            narrow.close();
        }
    }

    @Test
    void shadowFilter_beforeOneThatEnforces_doesNotSwitchItOff() throws Exception {
        RateLimits limits = WebServer.limits();
        try (WebServer server = server(context -> {
            context.addFilter(filter(limits, "policy", "two", "shadow", "true"), "/*", null);
            context.addFilter(filter(limits, "policy", "two"), "/*", null);
        })) {
            assertThat(server.status("/pages/hello")).isEqualTo(200);
            assertThat(server.status("/pages/hello")).isEqualTo(200);
            assertThat(server.status("/pages/hello")).isEqualTo(429);
        }
    }

    /** What it has written then stands in the stream. */
    @Test
    void streamTakenInFront_isAnswered429_notAnError() throws Exception {
        RateLimits limits = WebServer.limits();
        try (WebServer server = server(context -> {
            context.addFilter(
                    new FilterHolder((Filter) (request, response, chain) -> {
                        response.getOutputStream();
                        chain.doFilter(request, response);
                    }),
                    "/other/*",
                    null);
            context.addFilter(filter(limits), "/*", null);
        })) {
            assertThat(server.status("/pages/hello")).isEqualTo(200);
            HttpResponse<String> rejected = server.get("/other/hello");
            assertThat(rejected.statusCode()).isEqualTo(429);
            assertThat(rejected.body()).contains("\"violated-policies\":[\"default\"]");
        }
    }

    @Test
    void twoFilters_ofTwoPolicies_bothCharge_inOneField() throws Exception {
        RateLimits limits = WebServer.limits();
        try (WebServer server = server(context -> {
            context.addFilter(filter(limits, "policy", "three"), "/*", EVERYWHERE);
            context.addFilter(filter(limits, "policy", "ten", "cost", "4"), "/*", EVERYWHERE);
        })) {
            HttpResponse<String> answer = server.get("/pages/decisions");
            assertThat(Fields.parse(answer, "RateLimit-Policy")).containsOnlyKeys("three", "ten");
            assertThat(Fields.remaining(answer, "three")).isEqualTo(2);
            assertThat(Fields.remaining(answer, "ten")).isEqualTo(6);
            assertThat(answer.headers().allValues("Seen")).containsExactly("three", "ten");

            assertThat(server.status("/pages/hello")).isEqualTo(200);
            HttpResponse<String> rejected = server.get("/pages/hello");
            assertThat(rejected.statusCode()).isEqualTo(429);
            assertThat(rejected.body()).contains("\"violated-policies\":[\"ten\"]");
            // No time for the policy that permits: Retry-After must not be before it.
            assertThat(Fields.parse(rejected, "RateLimit").get("three")).isEqualTo(Map.of("r", 0L));
        }
    }

    @Test
    void twoFilters_ofOnePolicy_chargeOnce_byTheFirst() throws Exception {
        RateLimits limits = WebServer.limits();
        try (WebServer server = server(context -> {
            context.addFilter(filter(limits, "policy", "ten", "cost", "3"), "/*", EVERYWHERE);
            context.addFilter(filter(limits, "policy", "ten"), "/*", EVERYWHERE);
        })) {
            assertThat(server.remaining("/pages/hello", "ten")).isEqualTo(7);
        }
    }

    @Test
    void hiddenFilter_tellsNothingButRetryAfter() throws Exception {
        RateLimits limits = WebServer.limits();
        try (WebServer server = server(context -> {
            context.addFilter(filter(limits, "exposeHeaders", "false"), "/*", EVERYWHERE);
            context.addFilter(filter(limits, "policy", "three"), "/pages/*", EVERYWHERE);
        })) {
            HttpResponse<String> answer = server.get("/pages/decisions");
            assertThat(Fields.parse(answer, "RateLimit")).containsOnlyKeys("three");
            assertThat(answer.headers().allValues("Seen")).containsExactly("default", "three");

            HttpResponse<String> rejected = server.get("/pages/hello");
            assertThat(rejected.statusCode()).isEqualTo(429);
            assertThat(rejected.headers().firstValue("RateLimit")).isEmpty();
            assertThat(rejected.headers().firstValue("Retry-After")).isPresent();
        }
    }

    @Test
    void clients_areToldApartByTheirForwardedAddress() throws Exception {
        try (WebServer server = limited()) {
            assertThat(server.status("/pages/hello", "X-Forwarded-For", "192.0.2.1"))
                    .isEqualTo(200);
            assertThat(server.status("/pages/hello", "X-Forwarded-For", "198.51.100.9, 192.0.2.1"))
                    .isEqualTo(429);
            assertThat(server.status("/pages/hello", "X-Forwarded-For", "198.51.100.8", "X-Forwarded-For", "192.0.2.1"))
                    .isEqualTo(429);
            assertThat(server.status("/pages/hello", "X-Forwarded-For", "192.0.2.2"))
                    .isEqualTo(200);
        }
    }

    @Test
    void longAndEmptyKeys_haveTheirOwnLimitOrTheAddress() throws Exception {
        RateLimits limits = WebServer.limits("header:X-API-Key", HeaderMode.DRAFT);
        try (WebServer server = server(context -> context.addFilter(filter(limits), "/*", EVERYWHERE))) {
            String key = "k".repeat(5_000);
            assertThat(server.status("/pages/hello", "X-API-Key", key)).isEqualTo(200);
            assertThat(server.status("/pages/hello", "X-API-Key", key)).isEqualTo(429);
            assertThat(server.status("/pages/hello", "X-API-Key", key + "k")).isEqualTo(200);
            assertThat(server.status("/pages/hello", "X-API-Key", "")).isEqualTo(200);
            assertThat(server.status("/pages/hello")).isEqualTo(429);
        }
    }

    /** A store that never decides anything. */
    private static final class LostStore extends MemoryBackedStore {
        @Override
        public CompletableFuture<StoreReply> tryAcquire(StoreRequest call) {
            return CompletableFuture.failedFuture(new IllegalStateException("lost"));
        }

        @Override
        public CompletableFuture<Integer> heartbeat(String instanceId) {
            return CompletableFuture.failedFuture(new IllegalStateException("lost"));
        }
    }

    @Test
    void policyThatRejectsWithoutItsStore_isAnswered503() throws Exception {
        Weir weir = Weir.builder()
                .store(new LostStore())
                .policy(Policy.of("strict", Limit.tokenBucket(10, WebServer.LONG))
                        .onStoreFailure(OnStoreFailure.REJECT))
                .build();
        HttpSettings http = new HttpSettings(ClientIds.parse("address", "", "Forwarded"), HeaderMode.DRAFT);
        try (RateLimits limits = new RateLimits(weir, () -> http);
                WebServer server =
                        server(context -> context.addFilter(filter(limits, "policy", "strict"), "/*", EVERYWHERE))) {
            HttpResponse<String> answer = server.get("/pages/hello");
            assertThat(answer.statusCode()).isEqualTo(503);
            assertThat(answer.headers().firstValue("Retry-After")).contains("1");
            assertThat(answer.headers().firstValue("Cache-Control")).contains("no-store");
            assertThat(answer.body()).contains("#temporary-reduced-capacity").contains("[\"strict\"]");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "policy | serach | filter 'limit-policy-serach', init-param 'policy': there is no policy 'serach'; known are [default, ten, three, two]",
                "policy | '' | filter 'limit-policy-', init-param 'policy': there is no policy ''",
                "cost | 0 | filter 'limit-cost-0', init-param 'cost' must be a whole number from 1 to 9007199254740992, but is '0'",
                "cost | -1 | init-param 'cost' must be a whole number from 1 to 9007199254740992, but is '-1'",
                "cost | 1.5 | init-param 'cost' must be a whole number from 1 to 9007199254740992, but is '1.5'",
                "cost | +1 | init-param 'cost' must be a whole number from 1 to 9007199254740992, but is '+1'",
                "cost | many | init-param 'cost' must be a whole number from 1 to 9007199254740992, but is 'many'",
                "cost | 99999999999999999999 | init-param 'cost' must be a whole number",
                "cost | 9007199254740993 | init-param 'cost' must be a whole number",
                "cost | 2 | filter 'limit-cost-2', init-param 'cost': a cost of 2",
                "exposeHeaders | yes | filter 'limit-exposeHeaders-yes', init-param 'exposeHeaders' must be true or false, but is 'yes'",
                "costs | 2 | filter 'limit-costs-2': unknown init-param 'costs'; known are [action, algorithm, bucket, client-id, cost, exposeHeaders, limit, period, policy, shadow, subBucket]",
                "shadow | 1 | filter 'limit-shadow-1', init-param 'shadow' must be true or false, but is '1'",
                "action | a/b | filter 'limit-action-a/b', init-param 'action' must be 1 to 64 letters, digits, ., - and _",
                "action | '' | init-param 'action' must be 1 to 64 letters, digits, ., - and _",
                "subBucket | -1 | filter 'limit-subBucket--1', init-param 'subBucket' must be a whole number from 0 to 99, but is '-1'",
                "subBucket | 100 | init-param 'subBucket' must be a whole number from 0 to 99, but is '100'",
                "subBucket | 007 | init-param 'subBucket' must be a whole number from 0 to 99, but is '007'",
                "subBucket | -0 | init-param 'subBucket' must be a whole number from 0 to 99, but is '-0'",
                "subBucket | one | init-param 'subBucket' must be a whole number from 0 to 99, but is 'one'",
                "Policy | two | filter 'limit-Policy-two': unknown init-param 'Policy'; known are [action, algorithm, bucket, client-id, cost, exposeHeaders, limit, period, policy, shadow, subBucket]"
            })
    void badInitParam_failsTheStart_namingFilterAndParameter(String name, String value, String message) {
        assertThatThrownBy(() -> limited(name, value).close()).hasStackTraceContaining(message);
    }

    private static final String TERMS = """
            weir.policy.export.limit=10
            weir.policy.export.period=30d
            weir.policy.export.split=50,30,20
            weir.policy.export.action.pdf.limit=4
            weir.policy.tried.limit=2
            weir.policy.tried.period=30d
            weir.policy.tried.shadow=true
            weir.policy.three.limit=3
            weir.policy.three.period=30d
            """;

    private static WebServer configured(RateLimits limits, String... params) throws Exception {
        return server(context -> context.addFilter(filter(limits, params), "/*", EVERYWHERE));
    }

    @Test
    void actionAndSubBucket_areWhatRequestsTakeFrom() throws Exception {
        try (RateLimits limits = WebServer.configured(TERMS);
                WebServer part = configured(limits, "policy", "export", "subBucket", "1");
                WebServer action = configured(limits, "policy", "export", "subBucket", "0", "action", "pdf")) {
            assertThat(part.remaining("/pages/hello", "export")).isEqualTo(2);
            assertThat(part.remaining("/pages/hello", "export")).isEqualTo(1);
            assertThat(action.remaining("/pages/hello", "export")).isEqualTo(1);
            assertThat(action.remaining("/pages/hello", "export")).isZero();
            assertThat(action.status("/pages/hello")).isEqualTo(429);
            assertThat(part.status("/pages/hello")).isEqualTo(200);
            assertThat(part.status("/pages/hello")).isEqualTo(429);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "action | pdf | cost | 3 | init-param 'cost': a cost of 3 can never pass action 'pdf' of policy 'export', whose capacity is 2",
                "subBucket | 3 | cost | 1 | init-param 'subBucket': there is no sub-bucket 3 in policy 'export', which is split into 3: 0 to 2",
                "subBucket | 2 | cost | 3 | init-param 'cost': a cost of 3 can never pass sub-bucket 2 of policy 'export', whose capacity is 2"
            })
    void costAboveWhatIsNamed_failsTheStart(
            String name, String value, String other, String otherValue, String message) {
        try (RateLimits limits = WebServer.configured(TERMS)) {
            assertThatThrownBy(() -> configured(limits, "policy", "export", name, value, other, otherValue)
                            .close())
                    .hasStackTraceContaining(message);
        }
    }

    @Test
    void subBucketOfAPolicyThatIsNotSplit_failsTheStart() {
        try (RateLimits limits = WebServer.configured(TERMS)) {
            assertThatThrownBy(() -> configured(limits, "policy", "three", "subBucket", "0")
                            .close())
                    .hasStackTraceContaining(
                            "init-param 'subBucket': there is no sub-bucket 0 in policy 'three', which is not split");
        }
    }

    @Test
    void shadowPolicy_rejectsAndShowsNothing_butTellsTheApplication() throws Exception {
        try (RateLimits limits = WebServer.configured(TERMS);
                WebServer server = server(context -> {
                    context.addFilter(filter(limits, "policy", "tried"), "/*", EVERYWHERE);
                    context.addFilter(filter(limits, "policy", "three"), "/other/*", EVERYWHERE);
                })) {
            for (int i = 0; i < 3; i++) {
                HttpResponse<String> answer = server.get("/pages/decisions");
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.headers().map()).doesNotContainKeys("ratelimit", "ratelimit-policy", "retry-after");
                assertThat(answer.headers().allValues("Seen")).containsExactly("tried");
            }
            HttpResponse<String> both = server.get("/other/decisions");
            assertThat(Fields.parse(both, "RateLimit")).containsOnlyKeys("three");
            assertThat(both.headers().allValues("Seen")).containsExactly("tried", "three");
        }
    }

    @Test
    void shadowFilter_rejectsNothing_butCounts() throws Exception {
        try (RateLimits limits = WebServer.configured(TERMS);
                WebServer tried = configured(limits, "policy", "three", "cost", "2", "shadow", "true");
                WebServer enforced = configured(limits, "policy", "three")) {
            for (int i = 0; i < 3; i++) {
                HttpResponse<String> answer = tried.get("/pages/decisions");
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.headers().map()).doesNotContainKeys("ratelimit", "ratelimit-policy", "retry-after");
                assertThat(answer.headers().allValues("Seen")).containsExactly("three");
            }
            assertThat(enforced.remaining("/pages/hello", "three")).isZero();
            assertThat(enforced.status("/pages/hello")).isEqualTo(429);
        }
    }

    /** Nothing will ever come back: there is no time to tell, and no cost to blame. */
    @Test
    void clientOfWeightZero_isToldThatItIsPermittedNothing_butForAMinimum() throws Exception {
        try (RateLimits limits = WebServer.configured("""
                weir.policy.default.limit=5
                weir.policy.default.period=30d
                weir.policy.default.client."192.0.2.1".weight=0
                weir.policy.kind.limit=5
                weir.policy.kind.period=30d
                weir.policy.kind.minimum=1
                weir.policy.kind.client."192.0.2.1".weight=0
                """);
                WebServer server = server(context -> {
                    context.addFilter(filter(limits), "/pages/*", null);
                    context.addFilter(filter(limits, "policy", "kind"), "/other/*", null);
                })) {
            String[] blocked = {"X-Forwarded-For", "192.0.2.1"};

            HttpResponse<String> rejected = server.get("/pages/hello", blocked);

            assertThat(rejected.statusCode()).isEqualTo(429);
            assertThat(rejected.headers().firstValue("RateLimit")).hasValue("\"default\";r=0");
            assertThat(rejected.headers().firstValue("Retry-After")).isEmpty();
            assertThat(rejected.body()).contains("the client is permitted nothing");
            assertThat(server.remaining("/other/hello", "kind", blocked)).isZero();
            assertThat(server.status("/other/hello", blocked)).isEqualTo(429);
        }
    }

    @Test
    void requestThatIsNotHttp_passes() throws Exception {
        ServletRequest notHttp = new ServletRequestWrapper(new StubRequest().request());
        List<ServletRequest> passed = new ArrayList<>();
        new RateLimitFilter(WebServer.limits()).doFilter(notHttp, null, (request, response) -> passed.add(request));
        assertThat(passed).containsExactly(notHttp);
    }
}
