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
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;
import org.redisson.config.Credentials;

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
    void passwordIsChanged_redisDecides_alsoOverNewConnections(boolean isFileOfRedisson) throws IOException {
        try (Weir weir = open(isFileOfRedisson ? byFileOfRedisson() : byUri())) {
            assertThat(decide(weir)).isTrue();

            redis.send("ACL", "SETUSER", "weir", ">second");
            Files.writeString(file, "second");
            redis.send("ACL", "SETUSER", "weir", "<first");
            assertThat(decide(weir)).as("by the connections that are there").isTrue();

            assertThat((long) redis.send("CLIENT", "KILL", "USER", "weir")).isPositive();
            await().until(() -> isConnected() && weir.storeUp());
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

    private boolean isConnected() {
        return ((String) redis.send("CLIENT", "LIST")).contains("user=weir");
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

    @Test
    void fileIsGoneForAWhile_storeComesBackByItself() throws Exception {
        try (Weir weir = open(byUri())) {
            Files.delete(file);
            redis.send("CLIENT", "KILL", "USER", "weir");
            await().until(() -> !weir.storeUp());

            Files.writeString(file, "first");

            await().until(weir::storeUp);
            assertThat(decide(weir)).isTrue();
        }
    }

    @Test
    void cluster_eachNodeIsAskedByIt() throws Exception {
        try (RedisCluster cluster = RedisCluster.start()) {
            cluster.masters().forEach(node -> node.send("ACL", "SETUSER", "weir", "on", ">first", "~*", "&*", "+@all"));
            Path config = cluster.config(directory);
            Files.writeString(
                    config, Files.readString(config).replace("  nodeAddresses", "  username: weir\n  nodeAddresses"));

            try (Weir weir = open(Map.of(
                    RedissonSettings.CONFIG, config.toString(), RedissonSettings.PASSWORD_FILE, file.toString()))) {
                for (int i = 0; i < 20; i++) {
                    assertThat(weir.limiter("search").tryAcquire("client-" + i).reason())
                            .isEqualTo(Reason.OK);
                }
                assertThat(cluster.masters())
                        .allSatisfy(node ->
                                assertThat((String) node.send("CLIENT", "LIST")).contains("user=weir"));
            }
        }
    }

    /** A user that stands alone in an address is one; with a colon behind it, too. */
    @ParameterizedTest
    @ValueSource(strings = {"weir@", "weir:@"})
    void userInTheAddress(String user) {
        Map<String, String> settings = Map.of(
                RedissonSettings.URI,
                redis.uri().replace("redis://", "redis://" + user),
                RedissonSettings.PASSWORD_FILE,
                file.toString());
        try (Weir weir = open(settings)) {
            assertThat(decide(weir)).isTrue();
            assertThat(isConnected()).isTrue();
        }
    }

    private void assertRefused(String why) {
        assertThatThrownBy(() -> new RedissonStoreProvider().check(byUri()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "weir.redisson.password-file must name a file with a password, one line of 1 to 1,024 bytes in UTF-8, but '%s' is not one: %s",
                        file, why);
    }

    @Test
    void fileWithoutAPassword_refused() throws IOException {
        Files.writeString(file, "");
        assertRefused("it is empty");
        Files.writeString(file, "\n");
        assertRefused("it is empty");
    }

    @Test
    void fileThatIsTooLong_refusedWithoutItsContent() throws IOException {
        Files.writeString(file, "x".repeat(1_025));
        assertRefused("it is longer");
        Files.writeString(file, "x".repeat(1_024) + "\r\nx");
        assertRefused("it is longer");

        Files.writeString(file, "x".repeat(1_024) + "\r\n");
        new RedissonStoreProvider().check(byUri());
    }

    @Test
    void fileWithMoreThanALine_orNoText_refused() throws IOException {
        Files.writeString(file, "first\nsecond\n");
        assertRefused("it has several lines");
        Files.write(file, new byte[] {'a', (byte) 0xff, 'b'});
        assertRefused("it is not UTF-8");
    }

    @Test
    void fileOfWindows_byteOrderMarkAndLineBreakAreNotOfThePassword() throws IOException {
        Files.writeString(file, "\uFEFFfirst\r\n");
        try (Weir weir = open(byUri())) {
            assertThat(decide(weir)).isTrue();
            assertThat(isConnected()).isTrue();
        }

        Files.writeString(file, "\uFEFF\r\n");
        assertRefused("it is empty");
        Files.writeString(file, "\uFEFF" + "x".repeat(1_024) + "\r\n");
        new RedissonStoreProvider().check(byUri());
        Files.writeString(file, "\uFEFF" + "x".repeat(1_025));
        assertRefused("it is longer");
    }

    /** A pipe would be waited for without end. */
    @Test
    @Timeout(value = 30, threadMode = ThreadMode.SEPARATE_THREAD) // No interrupt ends the wait for a pipe.
    void noRegularFile_refused() throws Exception {
        Files.delete(file);
        assertRefused("there is no such file");
        Files.createDirectory(file);
        assertRefused("there is no such file");
        Files.delete(file);
        assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor())
                .isZero();
        assertRefused("there is no such file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"hunter2", "/hunter2", "hunter2/hunter2", "hunter2\0"})
    void valueThatMayBeThePassword_refusedWithoutIt(String value) {
        assertThatThrownBy(() -> new RedissonStoreProvider().check(Map.of(RedissonSettings.PASSWORD_FILE, value)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weir.redisson.password-file")
                .hasMessageContaining("not shown")
                .hasMessageNotContaining("hunter2");
    }

    /** Not the file's, but what else an address may have before its at sign; by what Redis demands. */
    @ParameterizedTest
    @CsvSource({
        "'', ''",
        "@, ''",
        ":@, ''",
        "secret@, secret",
        ":secret@, secret",
        "default:secret@, secret",
        "open:@, secret"
    })
    void addressWithoutAFile(String userInfo, String demanded) {
        redis.send("ACL", "SETUSER", "open", "on", "nopass", "~*", "&*", "+@all");
        if (!demanded.isEmpty()) {
            redis.send("CONFIG", "SET", "requirepass", demanded);
        }
        Map<String, String> settings =
                Map.of(RedissonSettings.URI, redis.uri().replace("redis://", "redis://" + userInfo));
        try (Weir weir = open(settings)) {
            assertThat(decide(weir)).isTrue();
        }
    }

    @Test
    void passwordBesideIt_refusedWithoutIt() throws IOException {
        String uri = redis.uri().replace("redis://", "redis://weir:hunter2@");
        String server = "singleServerConfig:\n  address: \"%s\"\n";

        assertRefusedBesidePassword(RedissonSettings.URI, uri);
        for (String yaml : List.of(
                server.formatted(redis.uri()) + "  password: hunter2\n",
                server.formatted(redis.uri()) + "password: hunter2\n",
                server.formatted(uri),
                "clusterServersConfig:\n  nodeAddresses: [\"redis://a:1\", \"%s\"]\n".formatted(uri),
                "replicatedServersConfig:\n  nodeAddresses: [\"%s\"]\n".formatted(uri),
                "masterSlaveServersConfig:\n  masterAddress: \"redis://a:1\"\n  slaveAddresses: [\"%s\"]\n"
                        .formatted(uri))) {
            assertRefusedBesidePassword(RedissonSettings.CONFIG, config(yaml));
        }
    }

    @Test
    void configurationWithItsOwnPassword_keepsIt() {
        Config config = new Config().setUsername("weir").setPassword("first");
        config.useSingleServer().setAddress(redis.uri());

        try (RedissonStore store = RedissonStore.connecting(config, null, null, key -> null)) {
            assertThat(store.heartbeat("one").join()).isEqualTo(1);
            assertThat(isConnected()).isTrue();
        }
    }

    @Test
    void applicationsOwnClientBesideIt_warnedOf() {
        Config config = new Config();
        config.useSingleServer().setAddress(redis.uri());
        RedissonClient client = Redisson.create(config);
        try (LogLines log = new LogLines();
                RedissonStore store =
                        RedissonStore.using(client, Map.of(RedissonSettings.PASSWORD_FILE, file.toString())::get)) {
            assertThat(store.heartbeat("one").join()).isEqualTo(1);
            assertThat(log.atLeastWarnings())
                    .singleElement()
                    .asString()
                    .contains("weir.redisson.password-file is set, and not used");
        } finally {
            client.shutdown();
        }
    }

    @Test
    void applicationsOwnResolverBesideIt_refused() {
        Config config = new Config()
                .setCredentialsResolver(
                        address -> CompletableFuture.completedFuture(new Credentials("weir", "hunter2")));
        config.useSingleServer().setAddress(redis.uri());

        assertThatThrownBy(() -> RedissonStore.connecting(
                        config, null, null, Map.of(RedissonSettings.PASSWORD_FILE, file.toString())::get))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weir.redisson.password-file is set, and so are credentials");
    }

    private String config(String yaml) throws IOException {
        return Files.writeString(directory.resolve("redisson.yaml"), yaml).toString();
    }

    private void assertRefusedBesidePassword(String key, String value) {
        Map<String, String> settings = Map.of(key, value, RedissonSettings.PASSWORD_FILE, file.toString());
        assertThatThrownBy(() -> new RedissonStoreProvider().check(settings))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weir.redisson.password-file is set, and so are credentials")
                .hasMessageNotContaining("hunter2");
    }

    /** Their password, if they have one, need not be that of Redis. */
    @Test
    void sentinels_refused() throws IOException {
        String config = config("sentinelServersConfig:\n  masterName: m\n  sentinelAddresses: [\"redis://a:1\"]\n");

        assertThatThrownBy(() -> new RedissonStoreProvider()
                        .check(Map.of(
                                RedissonSettings.CONFIG, config, RedissonSettings.PASSWORD_FILE, file.toString())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weir.redisson.password-file cannot be set with sentinels");
    }
}
