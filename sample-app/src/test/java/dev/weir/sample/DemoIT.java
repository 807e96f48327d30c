package dev.weir.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/** {@code --demo} as a newcomer starts it: real processes and a real Redis that is killed. */
class DemoIT {

    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void demo_threeInstancesWithTraffic_surviveRedis_andAllEndWithIt() throws Exception {
        try (SampleProcess demo = SampleProcess.start("--demo");
                EventReader events = new EventReader(demo.root())) {
            JsonNode state = JSON.readTree(demo.get("/demo").body());
            String token = state.get("token").asText();
            List<ProcessHandle> started = demo.handle().descendants().toList();
            assertThat(started).as("two instances and Redis").hasSize(3);

            events.await("decisions of all three", event -> eachOf(event, one -> decisions(one) > 0));
            events.await(
                    "all sharing",
                    event -> eachOf(event, one -> one.at("/instances").asInt() == 3));
            answersOnlyThisMachine_andChangesOnlyWithTheToken(demo);

            assertThat(demo.put("/demo/redis", token, "{\"on\":false}").body()).contains("\"redisRuns\":false");
            JsonNode down = events.await(
                    "the ladder",
                    event -> eachOf(event, one -> !one.at("/store/up").asBoolean()));
            events.await(
                    "decisions on the ladder",
                    event -> eachOf(event, one -> decisions(one) > decisions(sameOf(down, one)) + 5));

            assertThat(demo.put("/demo/redis", token, "{\"on\":true}").body()).contains("\"redisRuns\":true");
            events.await(
                    "shared again",
                    event -> eachOf(event, one -> one.at("/store/up").asBoolean()));
            assertThat(demo.getAsAdmin("/admin/policies/search/clients/carol", token)
                            .body())
                    .as("what was set at run time has survived")
                    .contains("\"weight\":3");

            assertThat(demo.put("/demo/traffic/frank", token, "{\"on\":false}").body())
                    .contains("\"policy\":\"feed\",\"perSecond\":80,\"on\":false");
            assertThat(demo.put("/demo/traffic/frank", token, "{}").statusCode())
                    .isEqualTo(400);
            assertThat(demo.put("/demo/traffic/no-one", token, "{\"on\":true}").statusCode())
                    .isEqualTo(404);

            List<ProcessHandle> all = demo.handle().descendants().toList();
            assertThat(demo.terminate()).isZero();
            assertThat(all).noneMatch(ProcessHandle::isAlive);
        }
    }

    /** How two instances and Redis end when the demo is killed and can end nothing. DemoKilledIT kills a whole demo. */
    @Test
    void part_whoseDemoIsGone_ends_andEndsTheProcessThatWasNamed() throws Exception {
        Process redis = new ProcessBuilder("sleep", "600").start();
        try (SampleProcess part = SampleProcess.start("--demo-part", "--store", "memory")) {
            part.input(redis.pid() + "\n");

            await().atMost(Duration.ofSeconds(20)).until(() -> !part.handle().isAlive() && !redis.isAlive());
        } finally {
            redis.destroyForcibly();
        }
    }

    @Test
    void instanceId_withDemo_isOneLineAndExitCode2() throws Exception {
        SampleProcess.Exit exit = SampleProcess.run("--demo", "--instance-id", "mine");

        assertThat(exit.code()).isEqualTo(2);
        assertThat(exit.errors()).singleElement().asString().contains("--instance-id does not go with --demo");
    }

    private static void answersOnlyThisMachine_andChangesOnlyWithTheToken(SampleProcess demo) throws IOException {
        assertThat(demo.send("PUT", "/demo/redis").statusCode()).isEqualTo(401);
        assertThat(demo.send("PUT", "/demo/traffic/frank").statusCode()).isEqualTo(401);
        assertThat(demo.put("/demo/redis", "wrong", "{\"on\":false}").statusCode())
                .isEqualTo(401);
        assertThat(demo.get("/admin/buckets").statusCode()).isEqualTo(401);
        assertThat(demo.get("/demo", "Origin", "http://elsewhere.example")
                        .headers()
                        .map())
                .as("a page of another site cannot read the token")
                .doesNotContainKey("access-control-allow-origin");
        assertThat(demo.statusLineAs("elsewhere.example", "/demo"))
                .as("under a name that another site has given to this machine")
                .contains(" 403 ");
        assertThat(demo.statusLineAs("localhost", "/demo")).contains(" 200 ");
        assertThatThrownBy(() -> new Socket("127.0.0.2", demo.port()).close())
                .as("on another address than localhost")
                .isInstanceOf(ConnectException.class);
    }

    private static long decisions(JsonNode one) {
        return StreamSupport.stream(one.at("/policies").spliterator(), false)
                .mapToLong(policy -> policy.at("/permitted").asLong()
                        + policy.at("/rejected").asLong())
                .sum();
    }

    private static boolean eachOf(JsonNode event, java.util.function.Predicate<JsonNode> wanted) {
        List<JsonNode> instances = StreamSupport.stream(event.at("/instances").spliterator(), false)
                .toList();
        return instances.size() == 3 && instances.stream().allMatch(wanted);
    }

    private static JsonNode sameOf(JsonNode event, JsonNode one) {
        return StreamSupport.stream(event.at("/instances").spliterator(), false)
                .filter(other -> other.at("/instance").equals(one.at("/instance")))
                .findFirst()
                .orElseThrow();
    }
}
