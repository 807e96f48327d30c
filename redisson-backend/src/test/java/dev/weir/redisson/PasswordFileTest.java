package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.OnStoreFailure;
import dev.weir.Policy;
import dev.weir.Weir;
import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The password comes from a file, and is changed while instances run. */
class PasswordFileTest {

    @TempDir
    private Path directory;

    private final RedisServer redis = RedisServer.start();
    private Path file;

    @BeforeEach
    void setUp() throws IOException {
        file = Files.writeString(directory.resolve("password"), "first\n");
        redis.send("ACL", "SETUSER", "weir", "on", ">first", "~*", "&*", "+@all");
    }

    @AfterEach
    void stop() {
        redis.close();
    }

    private Map<String, String> byUri() {
        return Map.of(
                RedissonSettings.URI,
                redis.uri().replace("redis://", "redis://weir@"),
                RedissonSettings.PASSWORD_FILE,
                file.toString());
    }

    private Map<String, String> byFileOfRedisson() throws IOException {
        Path config = Files.writeString(directory.resolve("redisson.yaml"), """
                singleServerConfig:
                  address: "%s"
                  username: "weir"
                """.formatted(redis.uri()));
        return Map.of(RedissonSettings.CONFIG, config.toString(), RedissonSettings.PASSWORD_FILE, file.toString());
    }

    private static Weir open(Map<String, String> settings) {
        return Weir.builder()
                .store(Opened.store(settings))
                .storeDeadline(Duration.ofSeconds(10))
                .policy(Policy.of("search", Limit.tokenBucket(10, Duration.ofDays(1)))
                        .onStoreFailure(OnStoreFailure.REJECT))
                .build();
    }

    /** By the steps of docs/operations.md: the user has two passwords until every instance has the new one. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void passwordIsChanged_noDecisionIsMadeWithoutRedis_noneIsAdmittedMore(boolean isFileOfRedisson)
            throws IOException {
        try (Weir weir = open(isFileOfRedisson ? byFileOfRedisson() : byUri())) {
            assertThat(decide(weir)).isTrue();

            redis.send("ACL", "SETUSER", "weir", ">second");
            Files.writeString(file, "second");
            redis.send("ACL", "SETUSER", "weir", "<first");
            assertThat(decide(weir)).as("by the connections that are there").isTrue();

            assertThat((long) redis.send("CLIENT", "KILL", "USER", "weir")).isPositive();
            await().until(weir::storeUp);
            int permitted = 2;
            for (int i = 0; i < 20; i++) {
                permitted += decide(weir) ? 1 : 0;
            }
            assertThat(permitted).isEqualTo(10);
        }
    }

    /** @return whether it was permitted, by Redis */
    private static boolean decide(Weir weir) {
        Decision decision = weir.limiter("search").tryAcquire("alice");
        assertThat(decision.reason()).isNotEqualTo(Reason.STORE_UNAVAILABLE);
        return decision.permitted();
    }

    @Test
    void passwordIsWrongForAWhile_storeComesBackByItself() throws Exception {
        try (Weir weir = open(byUri())) {
            redis.send("ACL", "SETUSER", "weir", "<first", ">second");
            redis.send("CLIENT", "KILL", "USER", "weir");
            await().until(() -> !weir.storeUp());

            Files.writeString(file, "second");

            await().until(weir::storeUp);
            assertThat(decide(weir)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n"})
    void fileWithoutAPassword_refused(String content) throws IOException {
        Files.writeString(file, content);

        assertThatThrownBy(() -> new RedissonStoreProvider().check(byUri()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "weir.redisson.password-file must name a file with a password of 1 to 1,024 bytes in UTF-8, but '%s' is not one: it is empty",
                        file);
    }

    @Test
    void fileThatIsTooLong_refusedWithoutItsContent() throws IOException {
        Files.writeString(file, "x".repeat(1_025));

        assertThatThrownBy(() -> new RedissonStoreProvider().check(byUri()))
                .hasMessageContaining("it is longer")
                .hasMessageNotContaining("xx");

        Files.writeString(file, "x".repeat(1_024) + "\r\n");
        new RedissonStoreProvider().check(byUri());
    }

    /** It may be the password itself. */
    @Test
    void noSuchFile_refused() {
        assertThatThrownBy(() ->
                        new RedissonStoreProvider().check(Map.of(RedissonSettings.PASSWORD_FILE, directory.toString())))
                .hasMessageContaining(directory.toString())
                .hasMessageContaining("it cannot be read");
        assertThatThrownBy(() -> new RedissonStoreProvider().check(Map.of(RedissonSettings.PASSWORD_FILE, "nowhere\0")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weir.redisson.password-file");
    }

    @Test
    void passwordBesideIt_refusedWithoutIt() throws IOException {
        String uri = redis.uri().replace("redis://", "redis://weir:hunter2@");
        String server = "singleServerConfig:\n  address: \"%s\"\n".formatted(redis.uri());

        assertRefusedBesidePassword(RedissonSettings.URI, uri);
        assertRefusedBesidePassword(RedissonSettings.CONFIG, config(server + "  password: hunter2\n"));
        assertRefusedBesidePassword(RedissonSettings.CONFIG, config(server + "password: hunter2\n"));
    }

    private String config(String yaml) throws IOException {
        return Files.writeString(directory.resolve("redisson.yaml"), yaml).toString();
    }

    private void assertRefusedBesidePassword(String key, String value) {
        Map<String, String> settings = Map.of(key, value, RedissonSettings.PASSWORD_FILE, file.toString());
        assertThatThrownBy(() -> new RedissonStoreProvider().check(settings))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weir.redisson.password-file is set, and another password beside it")
                .hasMessageNotContaining("hunter2");
    }
}
