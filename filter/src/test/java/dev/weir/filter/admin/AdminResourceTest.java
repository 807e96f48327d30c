package dev.weir.filter.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.filter.RateLimits;
import dev.weir.filter.WebServer;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.net.http.HttpResponse;
import java.util.List;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.server.ServerProperties;
import org.glassfish.jersey.servlet.ServletContainer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The admin resource as a guest in an application that has no JSON library, and resources of its own. */
class AdminResourceTest {

    private static final String TOKEN = "Bearer sixteen-characters-or-more";

    /** The application's own. */
    @Path("admin")
    public static class Users {
        @GET
        @Path("users")
        public String users() {
            return "users";
        }
    }

    private RateLimits limits;
    private WebServer server;

    @BeforeEach
    void start() throws Exception {
        limits = WebServer.configured("weir.policy.search.limit=10\nweir.admin.token=sixteen-characters-or-more\n");
        ResourceConfig application = new ResourceConfig(AdminFeature.class, Users.class)
                .property(ServerProperties.FEATURE_AUTO_DISCOVERY_DISABLE, true);
        server = WebServer.start(context -> {
            context.setAttribute(RateLimits.ATTRIBUTE, limits);
            ServletHolder jersey = new ServletHolder(new ServletContainer(application));
            jersey.setInitOrder(1);
            context.addServlet(jersey, "/*");
        });
    }

    @AfterEach
    void stop() {
        server.close();
        limits.close();
    }

    @Test
    void otherPathsUnderAdmin_stayTheApplications() throws Exception {
        assertThat(server.get("/admin/users").body()).isEqualTo("users");
        assertThat(server.status("/admin")).isEqualTo(404);
        assertThat(server.status("/admin/serach")).isEqualTo(404);
    }

    /** Nothing of a request is looked at before it is known who sends it. */
    @ParameterizedTest
    @CsvSource({"PATCH,/admin/policies", "PUT,/admin/policies/search/clients/a", "GET,/admin/buckets?most=x"})
    void withoutTheToken_unauthorized_whateverElseIsWrong(String method, String path) throws Exception {
        assertThat(server.send(method, path, "Content-Type", "text/plain", "Accept", "text/html")
                        .statusCode())
                .isEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource({
        "DELETE,/admin/policies,'GET,HEAD,OPTIONS'",
        "POST,/admin/policies/search/clients/a,'DELETE,GET,HEAD,OPTIONS,PUT'",
        "PATCH,/admin/buckets,'DELETE,GET,HEAD,OPTIONS,POST,PUT'"
    })
    void methodThatIsNotThere_405_withThoseThatAre(String method, String path, String allowed) throws Exception {
        HttpResponse<String> refused = server.send(method, path, "Authorization", TOKEN);

        assertThat(refused.statusCode()).isEqualTo(405);
        assertThat(refused.headers().allValues("Allow")).isEqualTo(List.of(allowed));
        assertThat(refused.body()).contains("\"status\":405");
        assertThat(server.send("OPTIONS", path, "Authorization", TOKEN)
                        .headers()
                        .allValues("Allow"))
                .isEqualTo(List.of(allowed));
    }

    @Test
    void accept_withoutJson_406() throws Exception {
        assertThat(server.status("/admin/policies", "Authorization", TOKEN, "Accept", "text/html"))
                .isEqualTo(406);
        assertThat(server.status("/admin/policies", "Authorization", TOKEN, "Accept", "text/html, application/*;q=0.5"))
                .isEqualTo(200);
    }

    @Test
    void head_isGetWithoutABody() throws Exception {
        HttpResponse<String> head = server.send("HEAD", "/admin/policies", "Authorization", TOKEN);

        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
    }

    @Test
    void created_saysWhere() throws Exception {
        HttpResponse<String> created = server.sendJson(
                "POST", "/admin/buckets", "{\"id\":\"a b\",\"rate\":1,\"burst\":1}", "Authorization", TOKEN);

        assertThat(created.statusCode()).isEqualTo(201);
        assertThat(created.headers().firstValue("Content-Type")).hasValue("application/json");
        String location = created.headers().firstValue("Location").orElseThrow();
        assertThat(location).startsWith("http://127.0.0.1:").endsWith("/admin/buckets/a%20b");
        assertThat(server.status(location.substring(location.indexOf("/admin")), "Authorization", TOKEN))
                .isEqualTo(200);
    }

    @Test
    void bodyThatIsTooLong_413() throws Exception {
        String long64k = "{\"id\":\"%s\"}".formatted("x".repeat(66_000));

        assertThat(server.sendJson("POST", "/admin/buckets", long64k, "Authorization", TOKEN)
                        .statusCode())
                .isEqualTo(413);
    }
}
