package dev.weir.dashboard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.filter.admin.JsonWriter;
import java.io.BufferedReader;
import java.io.InputStream;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The page and its data as an administrator, and any other client, gets them over HTTP. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // What hangs fails.
class DashboardServletTest {

    private static Application readOnly() throws Exception {
        return new Application(Application.CONFIG, servlet -> {});
    }

    private static Application withChanges() throws Exception {
        return new Application(Application.CONFIG, servlet -> servlet.setInitParameter("changes", "true"));
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/weir/overview",
        "GET,/weir/activity",
        "GET,/weir/events",
        "GET,/weir/admin/policies",
        "GET,/weir/admin/policies/search/clients",
        "GET,/weir/admin/nothing",
        "PUT,/weir/admin/policies/search/clients/alice",
        "DELETE,/weir/admin/buckets/tenant-1",
    })
    void withoutTheToken_401_andNoData(String method, String path) throws Exception {
        try (Application application = withChanges()) {
            application.limits.weir().limits().createBucket("tenant-1", 1, 1);
            for (String authorization : List.of("", "Bearer ", "Bearer wrong-token-of-some-length", "Basic YTpi")) {
                HttpResponse<String> refused =
                        application.send(method, path, "{\"weight\":2}", "Authorization", authorization);

                assertThat(refused.statusCode()).isEqualTo(401);
                assertThat(refused.headers().firstValue("WWW-Authenticate")).hasValue("Bearer realm=\"weir\"");
                assertThat(refused.body()).doesNotContain("search", "alice", "tenant");
            }
            String inUrl = path + "?token=" + Application.TOKEN + "&access_token=" + Application.TOKEN;
            assertThat(application.send(method, inUrl, "{}").statusCode()).isEqualTo(401);
            assertThat(application.limits.weir().limits().find("alice").isEmpty())
                    .isTrue();
            assertThat(application.limits.weir().limits().findBucket("tenant-1"))
                    .isPresent();
        }
    }

    /** A guess comes free every six seconds: a test that is held up for so long tries once more. */
    @ParameterizedTest
    @ValueSource(strings = {"/weir/overview", "/weir/activity", "/weir/events", "/weir/admin/policies"})
    void tooManyWrongTokens_429EvenForTheRightOne_butNotElsewhere(String path) throws Exception {
        Map<String, String> config = new HashMap<>(Application.CONFIG);
        config.put("weir.trusted-proxies", "127.0.0.1");
        try (Application application = new Application(config, servlet -> {})) {
            await().until(() -> {
                int guesses = 0;
                while (status(application, path, "192.0.2.1", "wrong-token-of-some-length") == 401) {
                    guesses++;
                }
                assertThat(guesses).isBetween(1, 1_000);
                return status(application, path, "192.0.2.1", Application.TOKEN) == 429;
            });

            assertThat(status(application, "/weir/overview", "192.0.2.2", Application.TOKEN))
                    .isEqualTo(200);
            assertThat(application.get("/weir/", "X-Forwarded-For", "192.0.2.1").statusCode())
                    .isEqualTo(200);
        }
    }

    private static int status(Application application, String path, String address, String token) throws Exception {
        return application
                .get(path, "X-Forwarded-For", address, "Authorization", "Bearer " + token)
                .statusCode();
    }

    @Test
    void page_isThereForAnyClient_andHoldsNoData() throws Exception {
        try (Application application = readOnly()) {
            for (String name : PageFiles.NAMES) {
                HttpResponse<String> file = application.get("/weir/" + name);

                assertThat(file.statusCode()).as(name).isEqualTo(200);
                assertThat(file.body()).isNotEmpty().doesNotContain(Application.TOKEN);
            }
            assertThat(application.get("/weir/").body())
                    .isEqualTo(application.get("/weir/dashboard/index.html").body());
            HttpResponse<String> redirect = application.get("/weir?a=b");
            assertThat(redirect.statusCode()).isEqualTo(302);
            assertThat(redirect.headers().firstValue("Location")).hasValue("weir/");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/weir/dashboard/",
                "/weir/dashboard/no.js",
                "/weir/web/dashboard/app.js",
                "/weir/dashboard/..%2f..%2fDashboardServlet.class",
                "/weir/dashboard/../../Dashboard.class",
                "/weir/DashboardServlet.class",
                "/weir/admin"
            })
    void otherNames_areNotThere(String path) throws Exception {
        try (Application application = readOnly()) {
            assertThat(application.getAsAdmin(path).statusCode()).isIn(400, 404);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"/weir/", "/weir", "/weir/dashboard/app.js", "/weir/overview", "/weir/admin/policies", "/weir/no"
            })
    void everyAnswer_isProtected(String path) throws Exception {
        try (Application application = readOnly()) {
            for (HttpResponse<String> answer : List.of(
                    application.getAsAdmin(path), application.get(path), application.send("POST", path, "{}"))) {
                PageFiles.FIELDS.forEach((name, value) ->
                        assertThat(answer.headers().allValues(name)).as(name).containsExactly(value));
            }
            assertThat(PageFiles.FIELDS.get("Content-Security-Policy"))
                    .contains("default-src 'self'", "frame-ancestors 'none'", "form-action 'none'")
                    .doesNotContain("unsafe", "http", "*", "data:");
        }
    }

    @Test
    void events_haveTheTrueNumbers_andComeAgain() throws Exception {
        try (Application application = readOnly()) {
            for (int i = 0; i < 5; i++) {
                int expected = i < 3 ? 200 : 429;
                assertThat(application.get("/search", "X-Client", "alice").statusCode())
                        .isEqualTo(expected);
            }

            HttpResponse<InputStream> events = application.events();
            try (BufferedReader reader = Application.reader(events)) {
                assertThat(events.headers().firstValue("Content-Type")).hasValue("text/event-stream;charset=utf-8");
                assertThat(Application.nextEvent(reader))
                        .startsWith("data: {\"instances\":[{")
                        .contains("\"search\":{\"permitted\":3,\"rejected\":2,\"delayed\":null,")
                        .contains("A request was rejected under the policy 'search': its limit of 3 per 2592000 s")
                        .doesNotContain("alice");
                assertThat(application.get("/search", "X-Client", "bob").statusCode())
                        .isEqualTo(200);
                String next = Application.nextEvent(reader);
                while (!next.contains("\"permitted\":4,\"rejected\":2,")) {
                    next = Application.nextEvent(reader);
                }
            }
            assertThat(application.getAsAdmin("/weir/activity").body()).contains("\"permitted\":4,\"rejected\":2,");
            assertThat(application.getAsAdmin("/weir/overview").body())
                    .contains("\"store\":\"UP\"", "{\"name\":\"search\",\"algorithm\":\"token-bucket\",\"limit\":3,");
        }
    }

    @Test
    void rejectedClients_areForAdministrators_theMostFrequentFirst() throws Exception {
        try (Application application = readOnly()) {
            for (int i = 0; i < 7; i++) {
                application.get("/search", "X-Client", "alice");
                application.get("/search", "X-Client", i < 2 ? "polite" : "bob");
            }

            assertThat(application.get("/weir/admin/rejected").statusCode()).isEqualTo(401);
            assertThat(application.getAsAdmin("/weir/admin/rejected").body())
                    .isEqualTo("[{\"client\":\"alice\",\"policy\":\"search\",\"count\":4,\"atMostOver\":0},"
                            + "{\"client\":\"bob\",\"policy\":\"search\",\"count\":2,\"atMostOver\":0}]");
            assertThat(application.getAsAdmin("/weir/admin/rejected?most=1").body())
                    .contains("alice")
                    .doesNotContain("bob");
            assertThat(application.getAsAdmin("/weir/admin/rejected?most=0").statusCode())
                    .isEqualTo(400);
            assertThat(application.getAsAdmin("/weir/activity").body()).doesNotContain("alice");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "PUT,policies/search/clients/alice,'{\"weight\":2}'",
        "DELETE,policies/search/clients/alice,''",
        "POST,buckets,'{\"id\":\"b\",\"rate\":1,\"burst\":1}'",
        "PATCH,policies,''",
        "put,policies/search/clients/alice,'{\"weight\":2}'",
    })
    void readOnly_refusesChanges_inWords_andShows(String method, String path, String body) throws Exception {
        try (Application application = readOnly()) {
            application.limits.weir().limits().setWeight("search", "alice", 7);

            HttpResponse<String> refused = application.sendAsAdmin(method, "/weir/admin/" + path, body);

            assertThat(refused.statusCode()).isEqualTo(403);
            assertThat(refused.body()).contains("read-only", "init-param 'changes'");
            assertThat(application
                            .getAsAdmin("/weir/admin/policies/search/clients/alice")
                            .body())
                    .contains("\"weight\":7");
            assertThat(application.getAsAdmin("/weir/admin/buckets").body()).contains("\"buckets\":[]");
            assertThat(application.getAsAdmin("/weir/overview").body()).contains("\"admin\":\"read\"");
        }
    }

    @Test
    void allowed_changesWork_andHold() throws Exception {
        try (Application application = withChanges()) {
            assertThat(application.getAsAdmin("/weir/overview").body()).contains("\"admin\":\"change\"");
            assertThat(application
                            .sendAsAdmin("PUT", "/weir/admin/policies/search/clients/alice", "{\"limit\":1}")
                            .body())
                    .contains("\"limit\":1");
            assertThat(application.get("/search", "X-Client", "alice").statusCode())
                    .isEqualTo(200);
            assertThat(application.get("/search", "X-Client", "alice").statusCode())
                    .isEqualTo(429);
            assertThat(application
                            .sendAsAdmin("DELETE", "/weir/admin/policies/search/clients/alice", "")
                            .statusCode())
                    .isEqualTo(204);

            HttpResponse<String> created =
                    application.sendAsAdmin("POST", "/weir/admin/buckets", "{\"id\":\"a b\",\"rate\":1,\"burst\":2}");
            assertThat(created.statusCode()).isEqualTo(201);
            assertThat(created.headers().firstValue("Location")).hasValue("buckets/a%20b");
            assertThat(created.uri().resolve("buckets/a%20b").getPath()).isEqualTo("/weir/admin/buckets/a b");
            assertThat(application.getAsAdmin("/weir/admin/buckets/a%20b").body())
                    .contains("\"burst\":2");
            assertThat(application
                            .sendAsAdmin("POST", "/weir/admin/buckets", "{\"id\":\"a b\",\"rate\":1,\"burst\":2}")
                            .statusCode())
                    .isEqualTo(409);
            assertThat(application
                            .sendAsAdmin("POST", "/weir/admin/buckets", "{")
                            .body())
                    .contains("cannot be read as a JSON object");
        }
    }

    /** What no path takes, goes into the query, as the page has it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "<script>alert(1)</script>",
                "\"><img src=x onerror=alert(1)>",
                "a/b?c=d&e#f%00+;x=\\",
                "\u202Egnp.exe\u2028\u00e4\uD83D\uDE00",
                "</title>{{7*7}}'\"`"
            })
    void hostileIds_comeBackAsTheyAre_inJson(String id) throws Exception {
        try (Application application = withChanges()) {
            String path = "/weir/admin/policies/search/clients?client=" + URLEncoder.encode(id, StandardCharsets.UTF_8);

            HttpResponse<String> set = application.sendAsAdmin("PUT", path, "{\"weight\":2}");

            assertThat(set.statusCode()).as(set.body()).isEqualTo(200);
            HttpResponse<String> list = application.getAsAdmin("/weir/admin/policies/search/clients");
            assertThat(list.headers().firstValue("Content-Type")).hasValue("application/json");
            assertThat(list.body()).contains("\"client\":" + new String(JsonWriter.bytes(id), StandardCharsets.UTF_8));
            assertThat(application.sendAsAdmin("DELETE", path, "").statusCode()).isEqualTo(204);
        }
    }

    @Test
    void tooManyPages_areRefused_andRoomComesBack() throws Exception {
        try (Application application = readOnly()) {
            List<HttpResponse<InputStream>> open = new ArrayList<>();
            for (int i = 0; i < EventStream.MOST; i++) {
                open.add(application.events());
                assertThat(open.get(i).statusCode()).isEqualTo(200);
            }

            HttpResponse<InputStream> refused = application.events();

            assertThat(refused.statusCode()).isEqualTo(503);
            assertThat(refused.body()).asString(StandardCharsets.UTF_8).contains("at most 50 pages");
            for (HttpResponse<InputStream> page : open) {
                page.body().close();
            }
            await().until(() -> {
                HttpResponse<InputStream> again = application.events();
                again.body().close();
                return again.statusCode() == 200;
            });
        }
    }

    @Test
    void undeploy_endsOpenPages_andTheirThread() throws Exception {
        try (Application application = readOnly();
                BufferedReader reader = Application.reader(application.events())) {
            assertThat(Application.nextEvent(reader)).isNotNull();

            application.undeploy();

            while (Application.nextEvent(reader) != null) {
                // What was sent before.
            }
            await().until(() -> Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().equals("weir-dashboard")));
        }
    }

    @Test
    void neitherTokenNorRole_doesNotStart() {
        Map<String, String> open = new HashMap<>(Application.CONFIG);
        open.remove("weir.admin.token");

        assertThatThrownBy(() -> new Application(open, servlet -> {}))
                .hasStackTraceContaining("neither weir.admin.token nor weir.admin.role is set");
    }

    @ParameterizedTest
    @CsvSource({
        "change,true,unknown init-param 'change'; known are [changes]",
        "changes,yes,'init-param ''changes'' must be true or false, but is ''yes'''"
    })
    void wrongInitParam_doesNotStart_andSaysWhich(String name, String value, String message) {
        assertThatThrownBy(() -> new Application(Application.CONFIG, servlet -> servlet.setInitParameter(name, value)))
                .hasStackTraceContaining(message);
    }

    @Test
    void withoutAsyncSupported_eventsSayWhatIsMissing() throws Exception {
        try (Application application =
                new Application(Application.CONFIG, servlet -> servlet.setAsyncSupported(false))) {
            HttpResponse<String> refused = application.getAsAdmin("/weir/events");

            assertThat(refused.statusCode()).isEqualTo(500);
            assertThat(refused.body()).contains("async-supported must be true");
        }
    }
}
