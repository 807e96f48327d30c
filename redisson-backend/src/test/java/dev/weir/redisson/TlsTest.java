package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.limit.Limit;
import dev.weir.store.Charge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Redis that is reached by TLS alone. Its certificate is made here, so that none but the test's store trusts it. */
class TlsTest {

    private static final Charge HALF = new Charge("tls", Limit.tokenBucket(2, Duration.ofDays(1)), 1);

    @TempDir
    private static Path directory;

    private static RedisServer redis;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    private static Map<String, String> config(TlsEntrance entrance, Path trust) throws IOException {
        String yaml = """
            sslTruststore: "%s"
            sslTruststorePassword: "%s"
            singleServerConfig:
              address: "%s"
            """.formatted(trust.toUri(), TlsEntrance.PASSWORD, entrance.uri());
        Path file = directory.resolve("redisson-%d.yaml".formatted(System.nanoTime()));
        return Map.of(RedissonSettings.CONFIG, Files.writeString(file, yaml).toString());
    }

    @Test
    void certificateThatIsTrusted_redisDecides() throws IOException {
        try (TlsEntrance entrance = new TlsEntrance(redis.port(), directory, "ip:127.0.0.1");
                RedissonStore store = Opened.store(config(entrance, entrance.trust(directory)))) {
            for (int i = 0; i < 3; i++) {
                assertThat(Asked.of(store, "alice", HALF).join().get(0).permitted())
                        .isEqualTo(i < 2);
            }
            assertThat(redis.send("EXISTS", new RedisKeys(64).usage("alice", "tls")))
                    .isEqualTo(1L);
        }
    }

    @Test
    void defaultTrust_ownCertificate_nothingIsSent() {
        try (TlsEntrance entrance = new TlsEntrance(redis.port(), directory, "ip:127.0.0.1")) {
            assertRefused(
                    entrance, Map.of(RedissonSettings.URI, entrance.uri()), "unable to find valid certification path");
        }
    }

    @Test
    void trustInAnother_nothingIsSent() throws IOException {
        try (TlsEntrance entrance = new TlsEntrance(redis.port(), directory, "ip:127.0.0.1");
                TlsEntrance other = new TlsEntrance(redis.port(), directory, "ip:127.0.0.1")) {
            assertRefused(
                    entrance, config(entrance, other.trust(directory)), "unable to find valid certification path");
        }
    }

    @Test
    void nameOfAnotherHost_nothingIsSent() throws IOException {
        try (TlsEntrance entrance = new TlsEntrance(redis.port(), directory, "dns:redis.example.com")) {
            assertRefused(entrance, config(entrance, entrance.trust(directory)), "subject alternative names");
        }
    }

    private static void assertRefused(TlsEntrance entrance, Map<String, String> settings, String why) {
        long commands = commands();
        try (LogLines log = new LogLines();
                RedissonStore store = new RedissonStoreProvider().open(settings)) {
            assertThatThrownBy(() -> Asked.of(store, "bob", HALF).join()).isInstanceOf(CompletionException.class);
            assertThat(log.all()).anySatisfy(line -> assertThat(line).contains("cannot be reached", why));
        }
        assertThat(entrance.connections()).isPositive();
        assertThat(commands() - commands).as("commands, but for those that ask").isEqualTo(1);
    }

    private static long commands() {
        String stats = (String) redis.send("INFO", "stats");
        return Long.parseLong(stats.lines()
                .filter(line -> line.startsWith("total_commands_processed:"))
                .findFirst()
                .orElseThrow()
                .split(":")[1]
                .strip());
    }
}
