package dev.weir.filter.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.filter.Logged;
import dev.weir.filter.RateLimits;
import dev.weir.filter.WebServer;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.servlet.ServletContainer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How often strangers may guess the token: over HTTP on a clock that stands still, unless a test moves it. */
class GuessLimitTest {

    private static final String TOKEN = "sixteen-characters-or-more";
    private static final String RIGHT = "Bearer " + TOKEN;
    private static final String WRONG = "Bearer wrong-token-of-some-length";
    private static final String STRANGER = "192.0.2.1";
    private static final long SECOND = 1_000_000;

    private final AtomicLong nowMicros = new AtomicLong(1_700_000_000 * SECOND);

    private RateLimits limits;
    private WebServer server;

    @BeforeEach
    void start() throws Exception {
        // Clients are distinguished by their users, and guesses are counted by the address all the same.
        limits = WebServer.configured("""
                weir.policy.search.limit=10
                weir.client-id=principal
                weir.admin.role=ops
                weir.admin.token=%s
                """.formatted(TOKEN));
        ResourceConfig application = new ResourceConfig().register(new AdminFeature(limits, nowMicros::get));
        server = WebServer.start(context -> {
            context.addFilter(
                    new FilterHolder((request, response, chain) -> chain.doFilter(
                            new HttpServletRequestWrapper((HttpServletRequest) request) {
                                @Override
                                public boolean isUserInRole(String role) {
                                    return role.equals(getHeader("Role"));
                                }
                            },
                            response)),
                    "/*",
                    null);
            context.addServlet(new ServletHolder(new ServletContainer(application)), "/*");
        });
    }

    @AfterEach
    void stop() {
        server.close();
        limits.close();
    }

    private HttpResponse<String> ask(String address, String authorization) throws Exception {
        return server.get("/admin/policies", "X-Forwarded-For", address, "Authorization", authorization);
    }

    private int status(String address, String authorization) throws Exception {
        return ask(address, authorization).statusCode();
    }

    private void guess(String address, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            assertThat(status(address, WRONG)).as("guess %d", i).isEqualTo(401);
        }
    }

    @Test
    void tenWrongTokens_andNoneIsComparedAfterThat() throws Exception {
        guess(STRANGER, 10);

        HttpResponse<String> refused = ask(STRANGER, WRONG);
        assertThat(refused.statusCode()).isEqualTo(429);
        assertThat(refused.headers().firstValue("Retry-After")).hasValue("6");
        assertThat(refused.headers().firstValue("WWW-Authenticate")).isEmpty();
        assertThat(refused.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(refused.body()).contains("\"status\":429", "too many wrong tokens");
        HttpResponse<String> rightToken = ask(STRANGER, RIGHT);
        assertThat(rightToken.statusCode()).isEqualTo(429);
        assertThat(rightToken.body()).isEqualTo(refused.body());
    }

    @Test
    void oneGuessEverySixSeconds_comesFree_andRefusedRequestsCostNone() throws Exception {
        guess(STRANGER, 10);
        nowMicros.addAndGet(6 * SECOND - 1);
        assertThat(ask(STRANGER, RIGHT).headers().firstValue("Retry-After")).hasValue("1");

        nowMicros.addAndGet(1);
        assertThat(status(STRANGER, RIGHT)).isEqualTo(200);
        assertThat(status(STRANGER, WRONG)).isEqualTo(401);
        assertThat(status(STRANGER, RIGHT)).isEqualTo(429);
        nowMicros.addAndGet(60 * SECOND);
        guess(STRANGER, 10);
        assertThat(status(STRANGER, RIGHT)).isEqualTo(429);
    }

    @Test
    void otherAddresses_areNotConcerned() throws Exception {
        guess(STRANGER, 10);
        guess("2001:db8:0:7::1", 10);

        assertThat(status(STRANGER, RIGHT)).isEqualTo(429);
        assertThat(status("192.0.2.2", RIGHT)).isEqualTo(200);
        assertThat(status("2001:db8:0:7:ffff::2", RIGHT)).isEqualTo(429); // The same /64.
        assertThat(status("2001:db8:0:8::1", RIGHT)).isEqualTo(200);
        assertThat(server.status("/admin/policies", "Authorization", RIGHT)).isEqualTo(200); // Without a proxy.
    }

    /** The hops before the last one that is no trusted proxy are what the stranger wrote. */
    @Test
    void forgedHops_areNoOtherAddress() throws Exception {
        for (int i = 0; i < 10; i++) {
            assertThat(status("198.51.100.%d, %s".formatted(i, STRANGER), WRONG))
                    .isEqualTo(401);
        }

        assertThat(status("198.51.100.77, " + STRANGER, RIGHT)).isEqualTo(429);
    }

    @Test
    void rightTokens_areNoGuesses() throws Exception {
        for (int i = 0; i < 30; i++) {
            assertThat(status(STRANGER, RIGHT)).isEqualTo(200);
        }
        guess(STRANGER, 10);
    }

    @Test
    void requestsWithoutABearerToken_areNoGuesses() throws Exception {
        for (int i = 0; i < 30; i++) {
            assertThat(server.status("/admin/policies", "X-Forwarded-For", STRANGER))
                    .isEqualTo(401);
            assertThat(status(STRANGER, "Basic YTpi")).isEqualTo(401);
        }
        assertThat(status(STRANGER, RIGHT)).isEqualTo(200);
    }

    /** A user who has the role may send a token of the application's own. */
    @Test
    void role_isNoGuess_andIsNotLimited() throws Exception {
        for (int i = 0; i < 30; i++) {
            assertThat(server.status(
                            "/admin/policies", "X-Forwarded-For", STRANGER, "Authorization", WRONG, "Role", "ops"))
                    .isEqualTo(200);
        }
        guess(STRANGER, 10);
        assertThat(server.status("/admin/policies", "X-Forwarded-For", STRANGER, "Role", "ops"))
                .isEqualTo(200);
    }

    /** Or as many as come at once would be compared before the first of them counts. */
    @Test
    void tokensThatComeAtOnce_areComparedInTurn() throws Exception {
        GuessLimit guesses = new GuessLimit(nowMicros::get);
        AtomicBoolean isComparedToo = new AtomicBoolean();
        Thread second = new Thread(() -> guesses.refusal(STRANGER, () -> {
            isComparedToo.set(true);
            return false;
        }));

        guesses.refusal(STRANGER, () -> {
            second.start();
            await().until(() -> second.getState() == Thread.State.BLOCKED || isComparedToo.get());
            assertThat(isComparedToo).isFalse();
            return false;
        });

        second.join();
        assertThat(isComparedToo).isTrue();
    }

    /** As JAX-RS without a servlet container. */
    @Test
    void addressIsNotKnown_allAreLimitedTogether_andItIsSaidOnce() {
        try (Logged logged = new Logged()) {
            AdminGuard guard = AdminGuard.of(limits, nowMicros::get);
            for (int i = 0; i < 10; i++) {
                assertThat(guard.refusal(new FromNowhere(WRONG))).isPresent();
            }

            assertThat(guard.refusal(new FromNowhere(RIGHT)))
                    .hasValueSatisfying(answer -> assertThat(answer.status()).isEqualTo(AdminStatus.TOO_MANY_REQUESTS));
            assertThat(logged.lines())
                    .singleElement()
                    .asString()
                    .startsWith("WARNING")
                    .contains("limited for all senders together");
        }
    }

    private record FromNowhere(String authorization) implements AdminCall {

        @Override
        public String method() {
            return "GET";
        }

        @Override
        public String field(String name) {
            return authorization;
        }

        @Override
        public List<String> fields(String name) {
            return List.of();
        }

        @Override
        public Optional<String> peer() {
            return Optional.empty();
        }

        @Override
        public @Nullable String query(String name) {
            return null;
        }

        @Override
        public boolean hasRole(String role) {
            return false;
        }

        @Override
        public boolean bringsJson() {
            return true;
        }

        @Override
        public boolean takesJson() {
            return true;
        }

        @Override
        public InputStream body() {
            return InputStream.nullInputStream();
        }
    }

    @Test
    void addresses_areBounded_andTheOneThatIsSilentForLongestIsForgotten() {
        GuessLimit guesses = new GuessLimit(nowMicros::get);
        List<String> knocking = new ArrayList<>(List.of("a", "b"));
        for (int i = 0; i < 10; i++) {
            knocking.forEach(address -> guesses.refusal(address, () -> false));
        }

        for (int i = 0; i < GuessLimit.MOST_ADDRESSES - 1; i++) {
            guesses.refusal("stranger" + i, () -> false);
            guesses.refusal("a", () -> false);
        }

        assertThat(guesses.addresses()).isEqualTo(GuessLimit.MOST_ADDRESSES);
        assertThat(guesses.refusal("a", () -> true)).isPresent();
        assertThat(guesses.refusal("b", () -> true)).isEqualTo(Optional.empty());
        assertThat(guesses.addresses()).isEqualTo(GuessLimit.MOST_ADDRESSES); // A right token takes no room.
    }
}
