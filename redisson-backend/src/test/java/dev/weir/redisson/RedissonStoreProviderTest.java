package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.store.StoreProvider;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.redisson.config.Config;

class RedissonStoreProviderTest {

    private final RedissonStoreProvider provider = new RedissonStoreProvider();

    @Test
    void serviceLoader_jarOnThePath_findsProviderAndItsKeys() {
        assertThat(ServiceLoader.load(StoreProvider.class))
                .hasOnlyElementsOfType(RedissonStoreProvider.class)
                .hasSize(1)
                .first()
                .satisfies(found -> {
                    assertThat(found.name()).isEqualTo("redisson");
                    assertThat(found.keys())
                            .containsExactlyInAnyOrder(
                                    "weir.redisson.uri",
                                    "weir.redisson.config",
                                    "weir.redisson.password-file",
                                    "weir.redis.shards",
                                    "weir.redis.shard-secret",
                                    "weir.redis.prefix");
                });
    }

    @Test
    void page_tableOfKeys_namesThemTheirDefaultsAndRanges() throws IOException {
        List<String> rows = Files.readAllLines(Path.of("..", "docs", "configuration.md")).stream()
                .dropWhile(line -> !line.equals("## The store redisson"))
                .skip(1)
                .takeWhile(line -> !line.startsWith("## "))
                .filter(line -> line.startsWith("| `weir."))
                .toList();

        assertThat(rows).extracting(row -> row.split("`")[1]).containsExactlyInAnyOrderElementsOf(provider.keys());
        assertThat(rows)
                .anyMatch(row ->
                        row.startsWith("| `%s` | %s |".formatted(RedissonSettings.URI, RedissonSettings.DEFAULT_URI)))
                .anyMatch(row -> row.startsWith("| `%s` | none |".formatted(RedissonSettings.CONFIG)))
                .anyMatch(row -> row.startsWith("| `%s` | %d | %d to %d |"
                        .formatted(
                                RedissonSettings.SHARDS,
                                RedissonSettings.DEFAULT_SHARDS,
                                RedisKeys.MIN_SHARDS,
                                RedisKeys.MAX_SHARDS)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "localhost",
                "localhost:6379",
                "http://localhost:6379",
                "redis:/localhost",
                "redis://",
                "redis://:6379",
                "redis://local host",
                "redis://localhost:0",
                "redis://localhost:70000",
                "redis://localhost/first",
                "redis://localhost/12345",
                "redis://localhost?db=1",
                "redis://a:6379,redis://b:6379"
            })
    void open_wrongUri_refusedNamingKeyValueAndForm(String uri) {
        assertThatThrownBy(() -> provider.open(Map.of("weir.redisson.uri", uri)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weir.redisson.uri must be redis://")
                .hasMessageContaining("'" + uri + "'");
    }

    /** It may be the password of a user, where the host was forgotten. */
    @Test
    void open_noPortBehindTheColon_refusedWithoutIt() {
        assertThatThrownBy(() -> provider.open(Map.of("weir.redisson.uri", "redis://localhost:port")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weir.redisson.uri must be redis://")
                .hasMessageContaining("'redis://localhost:***'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"redis://user:secret@host:port", "http://:secret@host", "redis://se cret@secret@host"})
    void open_wrongUriWithPassword_refusedWithoutIt(String uri) {
        assertThatThrownBy(() -> provider.open(Map.of("weir.redisson.uri", uri)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("//***@host")
                .hasMessageNotContaining("secret");
    }

    /** However the address is broken; and a value of one key may have been meant for another. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "user:secret@host",
                "redis:/user:secret@host",
                "redis:user:secret@host",
                "redis://user:se/secret@host:1",
                "redis://user:se@secret@host/x",
                "redis://host?password=secret",
                "redis://host:secret",
                "redis://user:secret/host:6379",
                "redis://host/1?user=a&auth=secret&db=1"
            })
    void open_addressThatIsNone_refusedWithoutItsPassword(String address) {
        for (String key : List.of("weir.redisson.uri", "weir.redisson.config")) {
            assertThatThrownBy(() -> provider.open(Map.of(key, address)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll(key, "host")
                    .satisfies(e -> assertThat(stackTrace(e)).doesNotContain("secret"));
        }
    }

    /** The file itself, where its name should be. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "singleServerConfig:\n  password: secret\n  address: \"redis://host:6379\"",
                "{singleServerConfig: {password: secret}}",
                "password: secret"
            })
    void open_yamlInsteadOfAFile_refusedWithoutIt(String yaml) {
        assertThatThrownBy(() -> provider.open(Map.of("weir.redisson.config", yaml)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weir.redisson.config must name a Redisson YAML file")
                .satisfies(e -> assertThat(stackTrace(e)).doesNotContain("secret"));
        assertThatThrownBy(() -> provider.open(Map.of("weir.redisson.config", yaml, "weir.redisson.uri", "redis://a")))
                .hasMessageContaining("exclude each other")
                .hasMessageNotContaining("secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "16385", "many", "", "64.0", "99999999999"})
    void open_wrongShards_refusedNamingKeyValueAndRange(String shards) {
        assertThatThrownBy(() -> provider.open(Map.of("weir.redis.shards", shards)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("weir.redis.shards must be a whole number from 1 to 16384, but is '%s'", shards);
    }

    @Test
    void open_uriAndConfig_refused() {
        assertThatThrownBy(() -> provider.open(
                        Map.of("weir.redisson.uri", "redis://:secret@a", "weir.redisson.config", "redisson.yaml")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weir.redisson.uri")
                .hasMessageContaining("weir.redisson.config=redisson.yaml")
                .hasMessageNotContaining("secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"threads: 2", "singleServerConfig: [", "noSuchServers:\n  x: 1", "", "42"})
    void open_wrongFile_refusedNamingKeyAndFile(String yaml, @TempDir Path directory) throws IOException {
        String file =
                Files.writeString(directory.resolve("redisson.yaml"), yaml).toString();

        assertThatThrownBy(() -> provider.open(Map.of("weir.redisson.config", file)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weir.redisson.config")
                .hasMessageContaining(file);
    }

    /** What is wrong is quoted by the reader of YAML, together with the lines around it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "singleServerConfig:\n  pasword: \"hunter2\"\n",
                "password: hunter2\nsingleServerConfig: [\n",
                "singleServerConfig:\n  password: \"hunter2\n  x: 1\n",
                "singleServerConfig:\n  timeout: many\n  password: hunter2\n",
                "singleServerConfig:\n  timeout: hunter2\n",
                "singleServerConfig:\n  password: [hunter2]\n  x: 1\n",
                "clusterServersConfig:\n  nodeAddresses: \"hunter2\"\n  x: [\n",
                "singleServerConfig:\n  address: redis://h:1\npassword: hunter2\nhunter2: 1\n",
                "singleServerConfig:\n  address: redis://h:1\n  credentialsResolver: !<hunter2> {}\n",
                "hunter2",
                "password hunter2 & *hunter2"
            })
    void open_wrongFileWithAPassword_isNotShownAnywhere(String yaml, @TempDir Path directory) throws IOException {
        String file =
                Files.writeString(directory.resolve("redisson.yaml"), yaml).toString();

        assertThatThrownBy(() -> provider.open(Map.of("weir.redisson.config", file)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(file)
                .satisfies(e -> assertThat(stackTrace(e)).doesNotContain("hunter2"));
    }

    /** Redisson reads addresses only when it connects. No attempt can succeed, so the start is refused. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "singleServerConfig:\n  address: \"http://me:hunter2@127.0.0.1:1\"\n",
                "singleServerConfig:\n  address: \"redis://me:hun/hunter2@127.0.0.1\"\n",
                "singleServerConfig:\n  address: \"me:hunter2@127.0.0.1\"\n",
                "clusterServersConfig:\n  nodeAddresses: [\"http://me:hunter2@127.0.0.1:1\"]\n"
            })
    void open_fileWithAnAddressThatIsNone_refusedWithoutIt(String yaml, @TempDir Path directory) throws Exception {
        Path file = Files.writeString(directory.resolve("redisson.yaml"), yaml);

        try (LogLines logged = new LogLines()) {
            assertThatThrownBy(() -> provider.open(Map.of("weir.redisson.config", file.toString())))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(file.toString())
                    .satisfies(e -> assertThat(stackTrace(e)).doesNotContain("hun"));
            assertThat(logged.all()).isEmpty();
        }
    }

    /** What is wrong is still said, so that the file can be mended. */
    @Test
    void open_fileWithAKeyThatIsNone_namesItsLine(@TempDir Path directory) throws IOException {
        Path file = Files.writeString(
                directory.resolve("redisson.yaml"), "singleServerConfig:\n  address: \"redis://h:1\"\n  pasword: x\n");

        assertThatThrownBy(() -> provider.open(Map.of("weir.redisson.config", file.toString())))
                .hasMessageContaining("line 3");
    }

    private static String stackTrace(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    /** Nothing listens there; and nothing is asked whether it does. */
    @Test
    void check_connectsToNothing() {
        provider.check(Map.of("weir.redisson.uri", "redis://127.0.0.1:1"));

        assertThatThrownBy(() -> provider.check(Map.of("weir.redis.shards", "0")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weir.redis.shards");
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().startsWith("weir-redisson"));
    }

    @Test
    void open_noSuchFile_refusedNamingKeyAndFile() {
        assertThatThrownBy(() -> provider.open(Map.of("weir.redisson.config", "nowhere.yaml")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("weir.redisson.config")
                .hasMessageContaining("nowhere.yaml");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "singleServerConfig:\n  address: \"redis://127.0.0.1:6379\"\n",
                "clusterServersConfig:\n  nodeAddresses: [\"redis://127.0.0.1:6379\"]\n  scanInterval: 9000\n",
                "sentinelServersConfig:\n  masterName: m\n  sentinelAddresses: [\"redis://127.0.0.1:6379\"]\n",
                "replicatedServersConfig:\n  nodeAddresses: [\"redis://127.0.0.1:6379\"]\n",
                "masterSlaveServersConfig:\n  masterAddress: \"redis://127.0.0.1:6379\"\n"
            })
    void settings_anyTopology_waitsForNothingLongerThanASecond(String yaml, @TempDir Path directory)
            throws IOException {
        String file =
                Files.writeString(directory.resolve("redisson.yaml"), yaml).toString();

        Config config =
                RedissonSettings.of(Map.of("weir.redisson.config", file)).config();

        assertThat(RedissonSettings.servers(config).getRetryAttempts()).isZero();
        assertThat(RedissonSettings.servers(config).getTimeout()).isEqualTo(1_000);
        assertThat(RedissonSettings.servers(config).getConnectTimeout()).isEqualTo(1_000);
        for (int attempt = 0; attempt < 100; attempt++) {
            assertThat(RedissonSettings.servers(config).getReconnectionDelay().calcDelay(attempt))
                    .isBetween(Duration.ZERO, Duration.ofSeconds(1));
        }
        if (config.isClusterConfig()) {
            assertThat(config.useClusterServers().getScanInterval()).isEqualTo(500);
        } else if (config.isSentinelConfig()) {
            assertThat(config.useSentinelServers().getScanInterval()).isEqualTo(500);
        }
    }

    @Test
    void settings_shorterTimeoutsOfAFile_stay(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("redisson.yaml");
        Files.writeString(
                file,
                "singleServerConfig:\n  address: \"redis://127.0.0.1:6379\"\n  timeout: 300\n  connectTimeout: 400\n");

        Config config = RedissonSettings.of(Map.of("weir.redisson.config", file.toString()))
                .config();

        assertThat(config.useSingleServer().getTimeout()).isEqualTo(300);
        assertThat(config.useSingleServer().getConnectTimeout()).isEqualTo(400);
    }

    @Test
    void settings_none_localRedisAnd64Shards() {
        RedissonSettings settings = RedissonSettings.of(Map.of());

        assertThat(settings.config().useSingleServer().getAddress()).isEqualTo("redis://127.0.0.1:6379");
        assertThat(settings.keys().shards()).isEqualTo(64);
        assertThat(settings.config().getPassword()).isNull();
    }

    @Test
    void settings_everythingInTheUri_understood() {
        Config config = RedissonSettings.of(Map.of("weir.redisson.uri", " rediss://app:p%40ss@[::1]:7000/5 "))
                .config();

        assertThat(config.useSingleServer().getAddress()).isEqualTo("rediss://[::1]:7000");
        assertThat(config.useSingleServer().getDatabase()).isEqualTo(5);
        assertThat(config.getUsername()).isEqualTo("app");
        assertThat(config.getPassword()).isEqualTo("p@ss");
    }
}
