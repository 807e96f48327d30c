package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.weir.limit.Limit;
import dev.weir.store.Charge;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A Redis with a port for TLS. Its certificate is made here, so that none but the test's store trusts it. The plain
 * port is the test's own.
 */
class TlsTest {

    private static final Charge HALF = new Charge("tls", Limit.tokenBucket(2, Duration.ofDays(1)), 1);

    @TempDir
    private static Path directory;

    private static RedisServer redis;

    @BeforeAll
    static void start() {
        redis = RedisServer.start();
        boolean hasTls = !((List<?>) redis.send("CONFIG", "GET", "tls-port")).isEmpty();
        assumeThat(hasTls || RedisBinary.isEmbedded())
                .as("the redis-server on the path is built with TLS")
                .isTrue();
        assertThat(hasTls).as("the embedded Redis is built with TLS").isTrue();
    }

    @AfterAll
    static void stop() {
        redis.close();
    }

    /**
     * Redis has this key from now on.
     *
     * @param client whose certificate alone Redis trusts, and which it demands; null if it demands none
     * @return the address
     */
    private static String serve(TlsKey server, TlsKey client) throws IOException, GeneralSecurityException {
        int port = RedisServer.freePort();
        TlsKey trusted = client == null ? server : client;
        assertThat(redis.send(
                        "CONFIG",
                        "SET",
                        "tls-cert-file",
                        server.certificatePem().toString(),
                        "tls-key-file",
                        server.keyPem().toString(),
                        "tls-ca-cert-file",
                        trusted.certificatePem().toString(),
                        "tls-auth-clients",
                        client == null ? "no" : "yes",
                        "tls-port",
                        Integer.toString(port)))
                .isEqualTo("OK");
        return "rediss://127.0.0.1:" + port;
    }

    private static TlsKey key(String name) throws Exception {
        return new TlsKey(directory, name);
    }

    private static TlsKey key() throws Exception {
        return key("ip:127.0.0.1");
    }

    /** As docs/operations.md has it. */
    private static Map<String, String> config(String uri, TlsKey trusted, TlsKey own)
            throws IOException, GeneralSecurityException {
        String yaml = """
            sslTruststore: "%s"
            sslTruststorePassword: "%s"
            singleServerConfig:
              address: "%s"
            """.formatted(trusted.truststore().toUri(), TlsKey.PASSWORD, uri);
        if (own != null) {
            yaml = """
                sslKeystore: "%s"
                sslKeystorePassword: "%s"
                """.formatted(own.keystore().toUri(), TlsKey.PASSWORD) + yaml;
        }
        Path file = directory.resolve("redisson-%d.yaml".formatted(System.nanoTime()));
        return Map.of(RedissonSettings.CONFIG, Files.writeString(file, yaml).toString());
    }

    private static void assertDecides(Map<String, String> settings) {
        redis.send("FLUSHALL");
        try (RedissonStore store = Opened.store(settings)) {
            for (int i = 0; i < 3; i++) {
                assertThat(Asked.of(store, "alice", HALF).join().get(0).permitted())
                        .isEqualTo(i < 2);
            }
            assertThat(redis.send("EXISTS", new RedisKeys(64).usage("alice", "tls")))
                    .isEqualTo(1L);
        }
    }

    @Test
    void certificateThatIsTrusted_redisDecides() throws Exception {
        TlsKey server = key();
        assertDecides(config(serve(server, null), server, null));
    }

    @Test
    void clientsCertificateIsDemanded_redisDecidesForTheOneThatItTrusts_andNothingIsSentWithNoneOrAnother()
            throws Exception {
        TlsKey server = key();
        TlsKey client = key("dns:weir");
        String uri = serve(server, client);
        assertDecides(config(uri, server, client));

        assertRefused(config(uri, server, null), "");
        assertRefused(config(uri, server, key("dns:weir")), "");
    }

    @Test
    void defaultTrust_ownCertificate_nothingIsSent() throws Exception {
        assertRefused(Map.of(RedissonSettings.URI, serve(key(), null)), "unable to find valid certification path");
    }

    @Test
    void trustInAnother_nothingIsSent() throws Exception {
        assertRefused(config(serve(key(), null), key(), null), "unable to find valid certification path");
    }

    @Test
    void nameOfAnotherHost_nothingIsSent() throws Exception {
        TlsKey server = key("dns:redis.example.com");
        assertRefused(config(serve(server, null), server, null), "subject alternative names");
    }

    private static void assertRefused(Map<String, String> settings, String why) {
        long commands = commands();
        try (LogLines log = new LogLines();
                RedissonStore store = new RedissonStoreProvider().open(settings)) {
            assertThatThrownBy(() -> Asked.of(store, "bob", HALF).join()).isInstanceOf(CompletionException.class);
            assertThat(log.all()).anySatisfy(line -> assertThat(line).contains("cannot be reached", why));
        }
        assertThat(commands() - commands)
                .as("commands, but for the one that asks")
                .isEqualTo(1);
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
