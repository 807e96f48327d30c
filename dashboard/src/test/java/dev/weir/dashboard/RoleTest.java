package dev.weir.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.security.ConstraintMapping;
import org.eclipse.jetty.ee10.servlet.security.ConstraintSecurityHandler;
import org.eclipse.jetty.security.Constraint;
import org.eclipse.jetty.security.HashLoginService;
import org.eclipse.jetty.security.UserStore;
import org.eclipse.jetty.security.authentication.BasicAuthenticator;
import org.eclipse.jetty.util.security.Credential;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Administrators by a role that the container knows: their browser sends the password with every request. */
class RoleTest {

    private static final String PATH = "/weir/admin/policies/search/clients/alice";

    private Application application;

    @BeforeEach
    void start() throws Exception {
        application = new Application(
                Map.of(
                        "weir.admin.role",
                        "operator",
                        "weir.client-id",
                        "header:X-Client",
                        "weir.policy.search.limit",
                        "3"),
                servlet -> servlet.setInitParameter("changes", "true"),
                RoleTest::secure);
    }

    @AfterEach
    void stop() {
        application.close();
    }

    private static void secure(ServletContextHandler context) {
        UserStore users = new UserStore();
        users.addUser("olga", Credential.getCredential("secret"), new String[] {"operator"});
        users.addUser("ute", Credential.getCredential("secret"), new String[] {"user"});
        HashLoginService login = new HashLoginService("test");
        login.setUserStore(users);
        ConstraintMapping mapping = new ConstraintMapping();
        mapping.setPathSpec("/weir/*");
        mapping.setConstraint(Constraint.ANY_USER);
        ConstraintSecurityHandler security = new ConstraintSecurityHandler();
        security.setAuthenticator(new BasicAuthenticator());
        security.setLoginService(login);
        security.addConstraintMapping(mapping);
        context.setSecurityHandler(security);
    }

    private static String basic(String user) {
        return "Basic " + Base64.getEncoder().encodeToString((user + ":secret").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void role_opens_andAnotherDoesNot() throws Exception {
        assertThat(application
                        .get("/weir/overview", "Authorization", basic("olga"))
                        .statusCode())
                .isEqualTo(200);
        HttpResponse<String> refused = application.get("/weir/overview", "Authorization", basic("ute"));
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body())
                .contains("the role of an administrator is needed")
                .doesNotContain("search");
    }

    @ParameterizedTest
    @CsvSource({
        "Sec-Fetch-Site,cross-site,403",
        "Sec-Fetch-Site,same-site,403",
        "Sec-Fetch-Site,same-origin,200",
        "Origin,http://elsewhere.example,403",
        "Origin,null,403",
        "Origin,:,403"
    })
    void changes_thatAnotherSiteMakesTheBrowserSend_areRefused(String field, String value, int status)
            throws Exception {
        HttpResponse<String> answer =
                application.send("PUT", PATH, "{\"weight\":2}", "Authorization", basic("olga"), field, value);

        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(application.limits.weir().limits().find("alice").isEmpty()).isEqualTo(status == 403);
    }

    @Test
    void changes_ofThePageItself_work_alsoWhereBrowsersSayLess() throws Exception {
        String own = application
                .get("/weir/", "Authorization", basic("olga"))
                .uri()
                .resolve("/")
                .toString();

        assertThat(application
                        .send(
                                "PUT",
                                PATH,
                                "{\"weight\":2}",
                                "Authorization",
                                basic("olga"),
                                "Origin",
                                own.substring(0, own.length() - 1))
                        .statusCode())
                .isEqualTo(200);
    }

    /** A header that proves nothing must not stand for the token, where a cookie is what has admitted the request. */
    @Test
    void changes_ofAnotherSite_withAWrongTokenBesideTheCookie_areRefused() throws Exception {
        try (Application withCookie = withCookie()) {
            assertThat(change(withCookie, "Cookie", "session=olga")).isEqualTo(403);
            assertThat(change(withCookie, "Cookie", "session=olga", "Authorization", "Bearer wrong"))
                    .isEqualTo(403);
            assertThat(withCookie.limits.weir().limits().find("alice").isEmpty())
                    .isTrue();
            assertThat(change(withCookie, "Authorization", "Bearer a-token-that-no-other-site-knows"))
                    .isEqualTo(200);
        }
    }

    /** Other parts of an application may take a bearer token, which a page sends along: that is no guess of Weir's. */
    @Test
    void changes_byTheRole_besideATokenOfTheApplicationsOwn_areNoGuesses() throws Exception {
        try (Application withCookie = withCookie()) {
            for (int i = 0; i < 30; i++) {
                assertThat(withCookie
                                .send(
                                        "PUT",
                                        PATH,
                                        "{\"weight\":2}",
                                        "Cookie",
                                        "session=olga",
                                        "Authorization",
                                        "Bearer of-the-application")
                                .statusCode())
                        .isEqualTo(200);
            }

            assertThat(change(withCookie, "Authorization", "Bearer a-token-that-no-other-site-knows"))
                    .isEqualTo(200);
        }
    }

    private static Application withCookie() throws Exception {
        return new Application(
                Map.of(
                        "weir.admin.role",
                        "operator",
                        "weir.admin.token",
                        "a-token-that-no-other-site-knows",
                        "weir.client-id",
                        "header:X-Client",
                        "weir.policy.search.limit",
                        "3"),
                servlet -> servlet.setInitParameter("changes", "true"),
                context -> context.addFilter(
                        new FilterHolder(new CookieLogin()), "/weir/*", EnumSet.of(DispatcherType.REQUEST)));
    }

    private static int change(Application application, String... headers) throws Exception {
        List<String> all = new ArrayList<>(List.of("Sec-Fetch-Site", "cross-site"));
        all.addAll(List.of(headers));
        return application
                .send("PUT", PATH, "{\"weight\":2}", all.toArray(String[]::new))
                .statusCode();
    }

    /** As applications with a login page do it. */
    private static final class CookieLogin extends HttpFilter {
        @Override
        protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            boolean isOperator = "session=olga".equals(request.getHeader("Cookie"));
            chain.doFilter(
                    new HttpServletRequestWrapper(request) {
                        @Override
                        public boolean isUserInRole(String role) {
                            return isOperator && role.equals("operator");
                        }
                    },
                    response);
        }
    }
}
