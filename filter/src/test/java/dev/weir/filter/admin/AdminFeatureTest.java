package dev.weir.filter.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.Policy;
import dev.weir.RateLimiter;
import dev.weir.filter.RateLimits;
import dev.weir.filter.WebServer;
import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.Rate;
import dev.weir.limit.Reason;
import dev.weir.limit.Terms;
import dev.weir.store.Overrides;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.glassfish.jersey.jackson.JacksonFeature;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.servlet.ServletContainer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The admin resource in a real container with a real JSON library. */
class AdminFeatureTest {

    private static final String TOKEN = "sixteen-characters-or-more";
    private static final String BEARER = "Bearer " + TOKEN;
    private static final String WITH_TOKEN = "weir.admin.token=" + TOKEN + "\n";
    private static final String WITH_ROLE = "weir.admin.role=ops\n";
    private static final String ALICE = "/admin/policies/search/clients/alice";

    /** Nothing comes back during a test. */
    private static final String POOL = WITH_TOKEN + """
            weir.pool.backend.limit=100
            weir.pool.backend.period=366d
            weir.pool.backend.burst=100
            weir.policy.shared.pool=backend
            weir.policy.capped.pool=backend
            weir.policy.capped.limit=10
            """;

    /** A resource of the application. */
    @Path("own")
    public static class Own {
        @GET
        public String get() {
            return "own";
        }
    }

    private RateLimits limits;
    private WebServer server;

    private void start(String text) throws Exception {
        limits = WebServer.configured("""
                weir.policy.search.limit=10
                weir.policy.search.period=1d
                weir.policy.search.plan.gold.limit=1000
                """ + text);
        ResourceConfig application = new ResourceConfig(AdminFeature.class, JacksonFeature.class, Own.class);
        server = WebServer.start(context -> {
            context.setAttribute(RateLimits.ATTRIBUTE, limits);
            ServletHolder jersey = new ServletHolder(new ServletContainer(application));
            jersey.setInitOrder(1);
            context.addFilter(new FilterHolder(roleOfHeader()), "/*", null);
            context.addServlet(jersey, "/*");
        });
    }

    /** An application's own authentication: here every user has the role that the request names. */
    private static Filter roleOfHeader() {
        return (request, response, chain) -> chain.doFilter(
                new HttpServletRequestWrapper((HttpServletRequest) request) {
                    @Override
                    public boolean isUserInRole(String role) {
                        return role.equals(getHeader("Role"));
                    }
                },
                response);
    }

    @AfterEach
    void stop() {
        if (server != null) {
            server.close();
        }
        if (limits != null) {
            limits.close();
        }
    }

    private HttpResponse<String> admin(String method, String path, String json) throws Exception {
        return server.sendJson(method, path, json, "Authorization", BEARER);
    }

    private static void assertProblem(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).isEqualTo(status);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(answer.body()).contains("\"status\":" + status);
    }

    @Test
    void start_neitherTokenNorRole_refused() {
        assertThatThrownBy(() -> start(""))
                .hasStackTraceContaining("neither weir.admin.token nor weir.admin.role is set");
    }

    @Test
    void role_withoutATokenConfigured_lets_onlyItPass() throws Exception {
        start(WITH_ROLE);

        assertThat(server.get(ALICE, "Role", "ops").statusCode()).isEqualTo(200);
        assertProblem(server.get(ALICE, "Role", "clerk"), 403);
        assertProblem(server.get(ALICE), 403);
        assertProblem(server.get(ALICE, "Authorization", "Bearer "), 403);
        assertProblem(server.get(ALICE, "Authorization", BEARER), 403);
    }

    @Test
    void role_besideAToken_eitherIsEnough() throws Exception {
        start(WITH_TOKEN + WITH_ROLE);

        assertThat(server.get(ALICE, "Role", "ops").statusCode()).isEqualTo(200);
        assertThat(server.get(ALICE, "Authorization", BEARER).statusCode()).isEqualTo(200);
        HttpResponse<String> refused = server.get(ALICE, "Role", "clerk");
        assertProblem(refused, 401);
        assertThat(refused.headers().firstValue("WWW-Authenticate")).hasValue("Bearer realm=\"weir\"");
    }

    @Test
    void token_noRoleConfigured_noRoleIsEnough() throws Exception {
        start(WITH_TOKEN);

        assertProblem(server.get(ALICE, "Role", "ops"), 401);
        assertProblem(server.get(ALICE, "Role", ""), 401);
        assertProblem(server.get(ALICE, "Authorization", BEARER + "x"), 401);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/admin/policies",
                "/admin/instances",
                "/admin/buckets",
                "/admin/buckets/t1",
                "/admin/buckets/t1/",
                "/admin;v=1/buckets/t1",
                ALICE
            })
    void options_withoutTheToken_unauthorized(String path) throws Exception {
        start(WITH_TOKEN);

        HttpResponse<String> refused = server.send("OPTIONS", path);

        assertProblem(refused, 401);
        assertThat(refused.headers().firstValue("Allow")).isEmpty();
        assertThat(server.send("OPTIONS", path, "Authorization", BEARER).statusCode())
                .isEqualTo(200);
    }

    /** However a path is written: what is not refused is not found, and says nothing. */
    @ParameterizedTest
    @ValueSource(
            strings = {"/%61dmin/buckets/t1", "//admin/buckets/t1", "/own/../admin/buckets/t1", "/./admin/buckets/t1"})
    void options_otherSpellings_tellNothing(String path) throws Exception {
        start(WITH_TOKEN);

        HttpResponse<String> refused = server.send("OPTIONS", path);

        assertThat(refused.statusCode()).isIn(400, 401, 404);
        assertThat(refused.headers().firstValue("Allow")).isEmpty();
    }

    @Test
    void options_ofTheApplicationsOwnResources_areNotOurs() throws Exception {
        start(WITH_TOKEN);

        assertThat(server.send("OPTIONS", "/own").statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{                       | line 1",
                "{\"weight\":             | line 1",
                "{\"weight\":3,}          | line 1, column 13",
                "{weight:3}              | line 1, column 2",
                "[]                      | line 1, column 1",
                "7                       | line 1, column 1",
                "`{\n  \"weight\": 03}` | line 2, column 14",
                "{\"weight\":NaN}         | line 1, column 14",
            })
    void put_unreadableBody_problemSaysWhere(String body, String where) throws Exception {
        start(WITH_TOKEN);

        HttpResponse<String> refused = admin("PUT", ALICE, body);

        assertProblem(refused, 400);
        assertThat(refused.body()).contains("JSON object").contains(where).doesNotContain("jackson", "java.");
        assertThat(limits.weir().limits().find("alice").isEmpty()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null"})
    void put_noBody_problem(String body) throws Exception {
        start(WITH_TOKEN);

        assertProblem(admin("PUT", ALICE, body), 400);
        assertProblem(admin("POST", "/admin/buckets", body), 400);
    }

    /** Servers read these in a path as something else, or refuse them. */
    @ParameterizedTest
    @ValueSource(strings = {"a/b", "a%b", "a;b", "a\\\\b", ".", "..", "2001:db8::1"})
    void bucket_idThatNoPathCanName_isNamedByTheQuery(String id) throws Exception {
        start(WITH_TOKEN);

        HttpResponse<String> created =
                admin("POST", "/admin/buckets", "{\"id\":\"%s\",\"rate\":1,\"burst\":1}".formatted(id));

        assertThat(created.statusCode()).isEqualTo(201);
        String query = "/admin/buckets?id=" + URLEncoder.encode(id.replace("\\\\", "\\"), StandardCharsets.UTF_8);
        assertThat(admin("PUT", query, "{\"rate\":2,\"burst\":3}").body()).contains("\"burst\":3");
        assertThat(server.get(query, "Authorization", BEARER).body()).contains("\"rate\":2");
        assertThat(server.get("/admin/buckets", "Authorization", BEARER).body()).contains("\"id\":\"" + id + '"');
        assertThat(server.send("DELETE", query, "Authorization", BEARER).statusCode())
                .isEqualTo(204);
        assertThat(server.status(query, "Authorization", BEARER)).isEqualTo(404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"2001:db8:0:7::/64", "CN=a/OU=b", "DOMAIN\\alice", "100%", "a b+c", "ü"})
    void client_anyId_isNamedByTheQuery(String id) throws Exception {
        start(WITH_TOKEN);
        String query = "/admin/policies/search/clients?client=" + URLEncoder.encode(id, StandardCharsets.UTF_8);

        assertThat(admin("PUT", query, "{\"weight\":3}").statusCode()).isEqualTo(200);

        assertThat(limits.weir().limits().find(id).of("search").weight()).isEqualTo(3);
        assertThat(server.get(query, "Authorization", BEARER).body()).contains("\"weight\":3");
        assertThat(server.send("DELETE", query, "Authorization", BEARER).statusCode())
                .isEqualTo(204);
        assertThat(limits.weir().limits().find(id)).isEqualTo(Overrides.NONE);
    }

    /** What requests from there count on is the id of the network. */
    @Test
    void client_namedByItsAddress_isItsNetwork() throws Exception {
        start(WITH_TOKEN);

        assertThat(admin("PUT", "/admin/policies/search/clients/2001:db8:0:7::99", "{\"weight\":3}")
                        .body())
                .contains("\"client\":\"2001:db8:0:7::/64\"");

        assertThat(limits.weir().limits().find("2001:db8:0:7::/64").of("search").weight())
                .isEqualTo(3);
    }

    /** A header or a principal may have given an id that looks like an address; the path cannot name it. */
    @Test
    void client_idThatLooksLikeAnAddress_isNamedAsItIsByTheQuery() throws Exception {
        start(WITH_TOKEN);

        assertThat(admin("PUT", "/admin/policies/search/clients?client=2001:db8:0:7::99", "{\"weight\":3}")
                        .body())
                .contains("\"client\":\"2001:db8:0:7::99\"");

        assertThat(limits.weir().limits().find("2001:db8:0:7::99").of("search").weight())
                .isEqualTo(3);
        assertThat(limits.weir().limits().find("2001:db8:0:7::/64").isEmpty()).isTrue();
    }

    @Test
    void lists_pageByPage_haveAll() throws Exception {
        start(WITH_TOKEN);
        for (int i = 0; i < 7; i++) {
            limits.weir().limits().createBucket("t" + i, 1, 1);
            limits.weir().limits().setWeight("search", "c" + i, 2);
        }

        assertThat(all("/admin/buckets", "buckets", "id"))
                .containsExactlyInAnyOrder("t0", "t1", "t2", "t3", "t4", "t5", "t6");
        assertThat(all("/admin/policies/search/clients", "clients", "client"))
                .containsExactlyInAnyOrder("c0", "c1", "c2", "c3", "c4", "c5", "c6");
    }

    private List<String> all(String path, String name, String id) throws Exception {
        List<String> all = new ArrayList<>();
        String from = "";
        do {
            String body = server.get(path + "?most=3&from=" + from, "Authorization", BEARER)
                    .body();
            JsonNode page = new ObjectMapper().readTree(body);
            assertThat(page.get(name)).hasSizeLessThanOrEqualTo(3);
            page.get(name).forEach(entry -> all.add(entry.get(id).asText()));
            from = page.get("next").asText("");
        } while (!from.isEmpty() && !from.equals("null"));
        return all;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/admin/buckets?most=0", "/admin/buckets?most=x", "/admin/policies/search/clients?most=1001"})
    void list_pageOfNoSuchSize_problemThatNamesIt(String path) throws Exception {
        start(WITH_TOKEN);

        HttpResponse<String> refused = server.get(path, "Authorization", BEARER);

        assertProblem(refused, 400);
        assertThat(refused.body()).contains("'most' in the query");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/admin/buckets", "/admin/policies/search/clients", "/admin/policies/search/clients?client="})
    void delete_whichIsNotNamed_problem(String path) throws Exception {
        start(WITH_TOKEN);

        assertProblem(server.send("DELETE", path, "Authorization", BEARER), 400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\\r\\nb", "\\u0000", "\\ud800"})
    void createBucket_idThatIsNoText_problem(String id) throws Exception {
        start(WITH_TOKEN);

        HttpResponse<String> refused =
                admin("POST", "/admin/buckets", "{\"id\":\"%s\",\"rate\":1,\"burst\":1}".formatted(id));

        assertProblem(refused, 400);
        assertThat(refused.body()).contains("'id'");
    }

    @Test
    void put_otherThanJson_unsupported() throws Exception {
        start(WITH_TOKEN);

        assertThat(server.send("PUT", ALICE, "Authorization", BEARER, "Content-Type", "text/plain")
                        .statusCode())
                .isEqualTo(415);
    }

    @Test
    void put_termsAndPlan_oneChange() throws Exception {
        start(WITH_TOKEN);

        HttpResponse<String> set = admin(
                "PUT", ALICE, "{\"weight\":2,\"split\":[50,50],\"total\":30,\"periodMillis\":1000,\"plan\":\"gold\"}");

        assertThat(set.body()).contains("\"version\":1").contains("\"plan\":\"gold\"", "\"weight\":2", "\"total\":30");
        assertProblem(admin("PUT", ALICE, "{\"weight\":5,\"plan\":\"silver\"}"), 400);
        assertProblem(admin("PUT", ALICE, "{\"weight\":9007199254740992,\"plan\":null}"), 400);
        assertThat(server.get(ALICE, "Authorization", BEARER).body()).isEqualTo(set.body());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'limit':50,'periodMillis':500} | {'weight':2} | 50 | PT0.5S | 50",
                "{'limit':50,'periodMillis':500} | {'periodMillis':900} | 50 | PT0.9S | 50",
                "{'limit':50,'periodMillis':500} | {'limit':7} | 7 | PT0.5S | 7",
                "{'limit':50,'periodMillis':500} | {'limit':7,'periodMillis':null} | 7 | PT1M | 7",
                "{'limit':50,'periodMillis':500} | {'limit':null,'periodMillis':900} | 100 | PT0.9S | 150",
                "{'limit':50,'periodMillis':500} | {'limit':null} | - | - | -",
                "{'limit':50,'periodMillis':500} | {'periodMillis':null} | - | - | -",
                "{'weight':2} | {'periodMillis':900} | 100 | PT0.9S | 150"
            })
    void put_numbersAfterNumbers_nullsAreThePolicysAndTheRestStays(
            String first, String then, String permits, String period, String burst) throws Exception {
        start(WITH_TOKEN);
        limits.weir().reconfigure(List.of(Policy.of("search", Limit.tokenBucket(100, Duration.ofMinutes(1), 150))));

        assertThat(admin("PUT", ALICE, first.replace('\'', '"')).statusCode()).isEqualTo(200);
        assertThat(admin("PUT", ALICE, then.replace('\'', '"')).statusCode()).isEqualTo(200);

        Rate expected = permits.equals("-")
                ? null
                : new Rate(Long.parseLong(permits), Duration.parse(period), Long.parseLong(burst));
        assertThat(limits.weir().limits().find("alice").of("search").rate()).isEqualTo(expected);
    }

    @Test
    void client_settingsNoLongerFit_toldWhatIsLeftOut() throws Exception {
        start(WITH_TOKEN);
        assertThat(admin("PUT", ALICE, "{\"limit\":20000,\"weight\":2}").body()).contains("\"leftOut\":null");

        limits.weir().reconfigure(List.of(Policy.of("search", Limit.slidingLog(10, Duration.ofDays(1)))));

        assertThat(server.get(ALICE, "Authorization", BEARER).body())
                .contains("\"limit\":20000", "\"weight\":2", "\"leftOut\":\"limit 20000 per PT24H")
                .contains("10000");
    }

    @Test
    void delete_policyIsGone_takesAwayWhatWasSetUnderIt() throws Exception {
        start(WITH_TOKEN);
        admin("PUT", ALICE, "{\"weight\":2}");
        limits.weir().limits().setTerms("search", "bob", none -> new Terms(Rate.of(7, Duration.ofDays(1)), null, null));
        limits.weir().reconfigure(List.of(Policy.of("other", Limit.tokenBucket(1, Duration.ofSeconds(1)))));

        assertThat(server.get(ALICE, "Authorization", BEARER).body())
                .contains("\"weight\":2", "there is no policy 'search' any more");
        assertProblem(admin("PUT", ALICE, "{\"weight\":3}"), 404);
        assertThat(admin("DELETE", ALICE, "").statusCode()).isEqualTo(204);

        assertThat(limits.weir().limits().find("alice").isEmpty()).isTrue();
        assertThat(limits.weir().limits().find("bob").isEmpty()).isFalse();
        assertProblem(server.get(ALICE, "Authorization", BEARER), 404);
        assertProblem(admin("DELETE", ALICE, ""), 404);
    }

    @Test
    void list_policyIsGone_hasWhatIsSetUnderIt() throws Exception {
        start(WITH_TOKEN);
        limits.weir().limits().setWeight("search", "bob", 3);
        limits.weir().limits().setPlan("erin", "gold");
        for (int i = 0; i < 7; i++) {
            limits.weir().limits().setWeight("search", "c" + i, 2);
        }
        limits.weir().reconfigure(List.of(Policy.of("other", Limit.tokenBucket(1, Duration.ofSeconds(1)))));

        assertThat(all("/admin/policies/search/clients", "clients", "client"))
                .containsExactlyInAnyOrder("bob", "c0", "c1", "c2", "c3", "c4", "c5", "c6");
        assertThat(shown("/admin/policies/search/clients")).contains("there is no policy 'search' any more");
    }

    @Test
    void list_policyIsUnknown_andNothingIsSetUnderIt_notFound() throws Exception {
        start(WITH_TOKEN);
        limits.weir().limits().setWeight("search", "bob", 3);
        limits.weir().limits().setPlan("erin", "gold");

        HttpResponse<String> unknown = server.get("/admin/policies/serach/clients", "Authorization", BEARER);

        assertProblem(unknown, 404);
        assertThat(unknown.body()).contains("serach");
        assertThat(shown("/admin/policies/search/clients")).contains("'bob'", "'erin'");
    }

    @Test
    void put_weightInAPool_isTheClientsShareThere() throws Exception {
        start(POOL);
        RateLimiter shared = limits.weir().limiter("shared");
        for (int i = 0; i < 80; i++) {
            assertThat(shared.allow("alice")).isTrue();
        }
        assertThat(shared.tryAcquire("alice").reason()).isEqualTo(Reason.SHARE);

        HttpResponse<String> set = admin("PUT", "/admin/policies/shared/clients/bob", "{\"weight\":1000000}");

        assertThat(set.statusCode()).isEqualTo(200);
        assertThat(set.body()).contains("\"weight\":1000000", "\"leftOut\":null");
        long taken = IntStream.range(0, 100).filter(i -> shared.allow("bob")).count();
        assertThat(taken).as("four fifths of what is free").isEqualTo(16);
    }

    @Test
    void put_limitInAPool_isWhatTheClientHasBesideIt() throws Exception {
        start(POOL);

        assertThat(admin("PUT", "/admin/policies/shared/clients/bob", "{\"limit\":3,\"periodMillis\":86400000}")
                        .statusCode())
                .isEqualTo(200);

        Decision refused = limits.weir().limiter("shared").tryAcquire("bob", 4);
        assertThat(refused.reason()).isEqualTo(Reason.COST_ABOVE_LIMIT);
        assertThat(refused.limit()).isEqualTo(Limit.tokenBucket(3, Duration.ofDays(1)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "shared/clients/a | {'weight':-1} | field 'weight' must be a whole number from 0 to 1000000, but is -1",
                "shared/clients/a | {'weight':1000001} | field 'weight' must be a whole number from 0 to 1000000, but is 1000001",
                "shared/clients/a | {'split':[50,50]} | field 'split' is refused: policy 'shared' shares pool 'backend': a limit beside a pool cannot be split",
                "capped/clients/a | {'split':[50,50],'total':4} | the fields 'split', 'total' are refused: policy 'capped' shares pool 'backend'",
                "search/clients/a | {'weight':-1} | field 'weight' must be a whole number from 0 to 9007199254740992, but is -1",
                "search/clients/a | {'plan':'silver'} | field 'plan' is refused: no policy knows a plan 'silver'",
                "search/clients/a | {'weight':9007199254740992} | field 'weight' is refused: a weight of 9007199254740992 times 10 permits",
                "search/clients/a | {'limit':9007199254740992,'periodMillis':1001} | the fields 'limit', 'periodMillis' are refused:",
            })
    void put_refused_problemNamesFieldValueAndWhatIsAllowed(String path, String body, String problem) throws Exception {
        start(POOL);

        HttpResponse<String> refused = admin("PUT", "/admin/policies/" + path, body.replace('\'', '"'));

        assertProblem(refused, 400);
        assertThat(refused.body()).contains(problem);
        assertThat(limits.weir().limits().find("a").isEmpty()).isTrue();
    }

    @Test
    void idThatIsTooLong_problemNamesWhereItStands() throws Exception {
        start(WITH_TOKEN);
        String longest = "x".repeat(256);
        String wrong = "must have 1 to 256 bytes in UTF-8, but has 257";

        assertThat(admin("POST", "/admin/buckets", "{\"id\":\"%s\",\"rate\":1,\"burst\":1}".formatted(longest))
                        .statusCode())
                .isEqualTo(201);
        HttpResponse<String> created =
                admin("POST", "/admin/buckets", "{\"id\":\"%sx\",\"rate\":1,\"burst\":1}".formatted(longest));
        assertProblem(created, 400);
        assertThat(created.body()).contains("field 'id' " + wrong);
        for (String method : List.of("GET", "PUT", "DELETE")) {
            String numbers = method.equals("PUT") ? "{\"rate\":1,\"burst\":1}" : "";
            HttpResponse<String> bucket = admin(method, "/admin/buckets/" + longest + "x", numbers);
            assertProblem(bucket, 400);
            assertThat(bucket.body()).contains("'id' in the path " + wrong);
            String weight = method.equals("PUT") ? "{\"weight\":1}" : "";
            HttpResponse<String> client = admin(method, "/admin/policies/search/clients/" + longest + "x", weight);
            assertProblem(client, 400);
            assertThat(client.body()).contains("'client' in the path " + wrong);
        }
    }

    @Test
    void bucket_numbersThatDoNotFitTogether_problemNamesThem() throws Exception {
        start(WITH_TOKEN);

        HttpResponse<String> refused =
                admin("POST", "/admin/buckets", "{\"id\":\"b\",\"rate\":7,\"burst\":9007199254740992}");

        assertProblem(refused, 400);
        assertThat(refused.body()).contains("'burst', 'id', 'rate'");
    }

    private String shown(String path) throws Exception {
        HttpResponse<String> answer = server.get(path, "Authorization", BEARER);
        assertThat(answer.statusCode()).isEqualTo(200);
        return answer.body().replace('"', '\'').replace("PropertiesConfigSource[source=built-in]", "built-in");
    }

    @Test
    void pools_areShownWithWhoSharesThem() throws Exception {
        start(POOL + "weir.pool.other.limit=7\nweir.policy.one.pool=other\nweir.pool.unused.limit=1\n");

        assertThat(shown("/admin/pools"))
                .isEqualTo("[{'name':'backend','limit':100,'periodMillis':31622400000,'burst':100,'largestCost':50,"
                        + "'policies':['capped','shared'],'sources':['built-in']},"
                        + "{'name':'other','limit':7,'periodMillis':1000,'burst':2,'largestCost':1,"
                        + "'policies':['one'],'sources':['built-in']}]");
    }

    @Test
    void policies_areShownWithAllTheirNumbers() throws Exception {
        start(POOL + """
                weir.policy.search.burst=20
                weir.policy.search.weight=2
                weir.policy.search.split=60,40
                weir.policy.search.max-age=1h
                weir.policy.search.max-skew=2s
                weir.policy.search.action.pdf.limit=3
                weir.policy.search.plan.gold.split=100
                weir.policy.search.plan.silver.weight=5
                weir.policy.search.client.bob.weight=1
                """);

        String policies = shown("/admin/policies");

        assertThat(policies)
                .contains("{'name':'search','algorithm':'token-bucket','limit':10,'periodMillis':86400000,'burst':20,"
                        + "'pool':null,'weight':2,'split':[60,40],'minimum':0,'maxAgeMillis':3600000,'maxSkewMillis':2000,'maxDelayMillis':0,"
                        + "'shadow':false,'onStoreFailure':'local','sources':['built-in'],"
                        + "'actions':{'pdf':{'limit':3,'periodMillis':86400000,'burst':3}},"
                        + "'plans':{'gold':{'limit':1000,'periodMillis':86400000,'burst':1000,'weight':null,'split':[100]},"
                        + "'silver':{'limit':null,'periodMillis':null,'burst':null,'weight':5,'split':null}},"
                        + "'clients':1}");
        assertThat(policies)
                .contains(
                        "{'name':'shared','algorithm':null,'limit':null,'periodMillis':null,'burst':null,'pool':'backend',"
                                + "'weight':1,")
                .contains(
                        "{'name':'capped','algorithm':'token-bucket','limit':10,'periodMillis':1000,'burst':10,'pool':'backend',");
    }
}
