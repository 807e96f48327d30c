package dev.weir.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
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
}
