package dev.weir.sample;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.weir.redisson.RedisServer;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import redis.embedded.RedisExecProvider;

/** Which Redis {@code --demo} uses. */
class DemoStoreIT {

    private static final String PASSWORD = "demo-password";

    @TempDir
    private Path directory;

    @Test
    void redisOfTheUser_isUsed_andItsPasswordIsNotShown() throws Exception {
        try (RedisServer redis = RedisServer.start("--requirepass", PASSWORD);
                SampleProcess demo = SampleProcess.start("--demo", "--redis", withPassword(redis.uri()))) {
            JsonNode state = state(demo);

            assertThat(state.at("/store").asText()).isEqualTo("the Redis " + redis.uri());
            assertThat(state.at("/redisRuns").isNull()).as("no button").isTrue();
            assertThat(demo.put("/demo/redis", token(state), "{\"on\":false}").statusCode())
                    .isEqualTo(409);
            assertThat(demo.handle().descendants()).as("two instances").hasSize(2);
            awaitInstances(demo, 3);
            assertThat(demo.log()).doesNotContain(PASSWORD);
        }
    }

    @Test
    void redisOnThePath_isUsed() throws Exception {
        Path seen = directory.resolve("seen");
        program(": > '%s'\nexec '%s' \"$@\"".formatted(seen, bundled()));

        try (SampleProcess demo = SampleProcess.startWith(Map.of("PATH", path()), "--demo")) {
            assertThat(seen).exists();
            assertThat(state(demo).at("/store").asText()).contains("a Redis of their own, redis-server at redis://");
            awaitInstances(demo, 3);
        }
    }

    @Test
    void redisOnThePath_thatDoesNotRun_isNamed_andTheBundledOneIsUsed() throws Exception {
        program("echo no licence for this machine; exit 1");

        try (SampleProcess demo = SampleProcess.startWith(Map.of("PATH", path()), "--demo")) {
            assertThat(demo.log())
                    .contains(directory.resolve("redis-server") + " does not run here")
                    .contains("no licence for this machine");
            assertThat(state(demo).at("/redisRuns").asBoolean()).isTrue();
            awaitInstances(demo, 3);
        }
    }

    /** Without {@code getconf} on the path, none of the bundled ones is known to be for this processor. */
    @Test
    void noRedis_eachInstanceKeepsLimitsInMemory() throws Exception {
        try (SampleProcess demo = SampleProcess.startWith(Map.of("PATH", directory.toString()), "--demo")) {
            JsonNode state = state(demo);

            assertThat(state.at("/store").asText()).isEqualTo("nothing: each keeps its own limits in memory");
            assertThat(state.at("/redisRuns").isNull()).isTrue();
            assertThat(demo.handle().descendants()).as("two instances").hasSize(2);
            awaitInstances(demo, 1);
        }
    }

    private static String withPassword(String uri) {
        return uri.replace("redis://", "redis://:" + PASSWORD + "@");
    }

    private static JsonNode state(SampleProcess demo) throws IOException {
        return new ObjectMapper().readTree(demo.get("/demo").body());
    }

    private static String token(JsonNode state) {
        return state.at("/token").asText();
    }

    /** Waits until each of the three decides, and counts as many instances that share its limits. */
    private static void awaitInstances(SampleProcess demo, int counted) throws Exception {
        try (EventReader events = new EventReader(demo.root())) {
            events.await(counted + " counted by each", event -> {
                JsonNode instances = event.at("/instances");
                for (JsonNode one : instances) {
                    if (one.at("/instances").asInt() != counted) {
                        return false;
                    }
                }
                return instances.size() == 3;
            });
        }
    }

    private String path() {
        return directory + File.pathSeparator + System.getenv("PATH");
    }

    private void program(String script) throws IOException {
        Files.createFile(
                directory.resolve("redis-server"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Files.writeString(directory.resolve("redis-server"), "#!/bin/sh\n" + script + "\n");
    }

    private static Path bundled() throws IOException {
        return RedisExecProvider.defaultProvider().get().toPath();
    }
}
