package dev.weir.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redisson.RedisServer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Limits changed at run time through one instance, seen through another, on a real Redis. */
class AdminIT {

    @TempDir
    private static Path directory;

    private static RedisServer redis;
    private static Path config;
    private static SampleProcess one;
    private static SampleProcess other;

    @BeforeAll
    static void start() throws IOException {
        config = directory.resolve("limits.properties");
        Files.writeString(config, """
                weir.admin.token=%s
                weir.store-deadline=10s
                weir.policy.search.limit=10
                weir.policy.search.period=1d
                weir.policy.search.plan.gold.limit=1000
                """.formatted(SampleProcess.ADMIN_TOKEN));
        redis = RedisServer.start();
        one = start("one");
        other = start("other");
    }

    private static SampleProcess start(String instanceId) throws IOException {
        return SampleProcess.start(
                "--store",
                "redisson",
                "--redis",
                redis.uri(),
                "--config",
                config.toString(),
                "--instance-id",
                instanceId);
    }

    @AfterAll
    static void stop() {
        one.close();
        other.close();
        redis.close();
    }

    @Test
    void bucketOfATenant_isSharedByItsRequestsOnAllInstances() {
        assertThat(one.get("/api/orders/tenant").statusCode()).isEqualTo(400);
        assertThat(one.get("/api/orders/tenant", "X-Tenant", "tenant-9").statusCode())
                .isEqualTo(404);
        one.admin("POST", "/admin/buckets", "{\"id\":\"tenant-9\",\"rate\":1,\"burst\":100}");
        one.get("/try/bucket/tenant-9?cost=99");

        HttpResponse<String> last = other.get("/api/orders/tenant", "X-Tenant", "tenant-9");

        assertThat(last.statusCode()).isEqualTo(200);
        assertThat(last.headers().firstValue("RateLimit-Policy").orElseThrow())
                .isEqualTo("\"orders\";q=10;w=10, \"bucket\";q=1;w=1");
    }

    @Test
    void buckets_createdChangedAndDeleted_holdOnTheOtherInstanceAtOnce() {
        assertThat(other.get("/try/bucket/t1").statusCode()).isEqualTo(404);
        assertThat(one.admin("POST", "/admin/buckets", "{\"id\":\"t1\",\"rate\":1,\"burst\":5}")
                        .statusCode())
                .isEqualTo(201);
        assertThat(one.admin("POST", "/admin/buckets", "{\"id\":\"t1\",\"rate\":1,\"burst\":5}")
                        .statusCode())
                .isEqualTo(409);

        assertThat(other.get("/try/bucket/t1?cost=5").statusCode()).isEqualTo(200);
        assertThat(other.get("/try/bucket/t1?cost=5").statusCode()).isEqualTo(429);
        assertThat(one.admin("PUT", "/admin/buckets/t1", "{\"rate\":1,\"burst\":50}")
                        .body())
                .isEqualTo("{\"id\":\"t1\",\"rate\":1,\"burst\":50}");
        assertThat(other.get("/try/bucket/t1?cost=40").statusCode()).isEqualTo(200);

        assertThat(other.admin("DELETE", "/admin/buckets/t1", "").statusCode()).isEqualTo(204);
        assertThat(one.admin("DELETE", "/admin/buckets/t1", "").statusCode()).isEqualTo(404);
        assertThat(one.admin("GET", "/admin/buckets/t1", "").statusCode()).isEqualTo(404);
        assertThat(one.get("/try/bucket/t1").statusCode()).isEqualTo(404);
    }

    @Test
    void client_changedThroughOne_decidedSoByTheOther() {
        assertThat(other.get("/try/search?client=alice&cost=8").statusCode()).isEqualTo(200);
        String alice = "/admin/policies/search/clients/alice";

        assertThat(one.admin("PUT", alice, "{\"weight\":3}").statusCode()).isEqualTo(200);
        assertThat(other.get("/try/search?client=alice").body()).contains("\"remaining\":21,\"limit\":30");
        one.admin("PUT", alice, "{\"limit\":500,\"periodMillis\":86400000,\"weight\":null}");
        assertThat(other.get("/try/search?client=alice").body()).contains("\"limit\":500");
        one.admin("PUT", alice, "{\"split\":[50,30,20],\"total\":100}");
        assertThat(other.get("/try/search?client=alice&bucket=1").body()).contains("\"limit\":30", "\"bucket\":1");
        assertThat(one.admin("GET", alice, "").body())
                .contains("\"limit\":100,\"periodMillis\":86400000,\"split\":[50,30,20],\"total\":100");

        assertThat(one.admin("DELETE", alice, "").statusCode()).isEqualTo(204);
        one.admin("PUT", alice, "{\"plan\":\"gold\"}");
        assertThat(other.get("/try/search?client=alice").body()).contains("\"limit\":1000");
    }

    @Test
    void client_changed_survivesARestartOfTheApplication() throws Exception {
        one.admin("PUT", "/admin/policies/search/clients/bob", "{\"weight\":7}");

        try (SampleProcess restarted = start("restarted")) {
            assertThat(restarted.get("/try/search?client=bob").body()).contains("\"limit\":70");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/admin/policies/search/clients/a | {\"weight\":-1} | 'weight'",
                "/admin/policies/search/clients/a | {\"weight\":1.5} | 'weight'",
                "/admin/policies/search/clients/a | {\"weight\":\"3\"} | 'weight'",
                "/admin/policies/search/clients/a | {\"limit\":0} | 'limit'",
                "/admin/policies/search/clients/a | {\"periodMillis\":99999999999} | 'periodMillis'",
                "/admin/policies/search/clients/a | {\"split\":[50,49]} | 'split'",
                "/admin/policies/search/clients/a | {\"split\":50} | 'split'",
                "/admin/policies/search/clients/a | {\"limit\":5,\"total\":6} | 'total'",
                "/admin/policies/search/clients/a | {\"plan\":\"silver\"} | 'plan'",
                "/admin/policies/search/clients/a | {\"weight\":9007199254740993} | 'weight'",
                "/admin/policies/search/clients/a | {\"limit\":1e400} | 'limit'",
                "/admin/policies/search/clients/a | {\"split\":[99999999999,1]} | 'split'",
                "/admin/policies/search/clients/a | {\"wieght\":1} | 'wieght'",
                "/admin/buckets/t2 | {\"rate\":1} | 'burst'",
                "/admin/buckets/t2 | {\"id\":\"t3\",\"rate\":1,\"burst\":1} | 'id'",
            })
    void put_badBody_problemNamesTheField(String path, String body, String named) {
        HttpResponse<String> refused = one.admin("PUT", path, body);

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.headers().firstValue("Content-Type")).hasValue("application/problem+json");
        assertThat(refused.body()).contains(named);
    }

    @Test
    void put_goodAndBadFieldsTogether_changesNothing() {
        String erin = "/admin/policies/search/clients/erin";

        assertThat(one.admin("PUT", erin, "{\"weight\":3,\"plan\":\"silver\"}").statusCode())
                .isEqualTo(400);
        assertThat(one.admin("GET", erin, "").body()).contains("\"weight\":null", "\"version\":0");
        assertThat(one.admin("GET", "/admin/buckets/" + "x".repeat(257), "").statusCode())
                .isEqualTo(400);
    }

    @Test
    void put_noJsonObject_problem() {
        for (String body : new String[] {"", "null", "[]", "{", "7", "{\"weight\":"}) {
            HttpResponse<String> refused = one.admin("PUT", "/admin/policies/search/clients/a", body);
            assertThat(refused.statusCode()).as(body).isEqualTo(400);
            assertThat(refused.headers().firstValue("Content-Type")).as(body).hasValue("application/problem+json");
        }
    }

    @Test
    void anyMethodAndPath_withoutTheToken_tellsNothing() {
        one.admin("POST", "/admin/buckets", "{\"id\":\"t9\",\"rate\":1,\"burst\":7}");
        for (String method : new String[] {"GET", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"}) {
            for (String path : new String[] {"/admin/buckets/t9", "/admin/buckets/t9/", "/%61dmin/buckets/t9"}) {
                HttpResponse<String> refused = one.send(method, path);
                assertThat(refused.statusCode()).as(method + " " + path).isIn(401, 404, 405);
                assertThat(refused.body()).as(method + " " + path).doesNotContain("burst");
            }
        }
        assertThat(one.admin("GET", "/admin/buckets/t9", "").body()).contains("\"burst\":7");
    }

    @Test
    void anything_withoutTheToken_isUnauthorized() {
        for (String path : new String[] {"/admin/policies", "/admin/instances", "/admin/buckets/t1"}) {
            HttpResponse<String> refused = one.get(path);
            assertThat(refused.statusCode()).as(path).isEqualTo(401);
            assertThat(refused.headers().firstValue("WWW-Authenticate")).isPresent();
        }
        assertThat(one.admin("GET", "/admin/policies", "").statusCode()).isEqualTo(200);
        assertThat(one.admin("PUT", "/admin/policies/none/clients/a", "{\"weight\":1}")
                        .statusCode())
                .isEqualTo(404);
    }

    @Test
    void instances_areNamed() {
        assertThat(one.admin("GET", "/admin/instances", "").body()).contains("\"id\":\"one\"", "\"id\":\"other\"");
    }
}
