package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.store.StoreException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;

/** In which form scripts run, and what happens where Redis does not take it. */
class ScriptRunnerTest {

    private RedisServer redis;
    private RedissonClient client;
    private ScriptRunner runner;

    @BeforeEach
    void start() {
        open(RedisServer.start(), "");
    }

    private void open(RedisServer server, String user) {
        redis = server;
        Config config = new Config();
        config.useSingleServer()
                .setAddress(server.uri().replace("//", "//" + user))
                .setConnectionMinimumIdleSize(1);
        client = Redisson.create(config);
        runner = new ScriptRunner(client);
    }

    private void openAnew(RedisServer server, String user) {
        client.shutdown();
        if (server != redis) {
            redis.close();
        }
        open(server, user);
    }

    @AfterEach
    void close() {
        client.shutdown();
        redis.close();
    }

    /** A script that needs a part, and then one that needs none. */
    private int counted() {
        int alive = runner.run(
                        LuaScript.HEARTBEAT,
                        List.of("weir:{instances}", "weir:{instances}:shards"),
                        reply -> ((Long) reply.get(1)).intValue(),
                        "64",
                        "5000000",
                        "a")
                .join();
        assertThat(listed().join()).containsExactly("0");
        return alive;
    }

    private CompletableFuture<List<Object>> listed() {
        return runner.run(LuaScript.LIST, List.of("weir:{0}:overrides"), reply -> reply, "0", "10");
    }

    private long calls(String command) {
        return stat(command, "calls");
    }

    private long stat(String command, String name) {
        return Pattern.compile("cmdstat_" + Pattern.quote(command) + ":.*?\\b" + name + "=(\\d+)")
                .matcher((String) redis.send("INFO", "commandstats"))
                .results()
                .mapToLong(match -> Long.parseLong(match.group(1)))
                .sum();
    }

    private List<String> libraries() {
        return ((List<?>) redis.send("FUNCTION", "LIST"))
                .stream().map(library -> (String) ((List<?>) library).get(1)).toList();
    }

    private void awaitFunctions() {
        await().until(() -> {
            long before = calls("fcall") - stat("fcall", "failed_calls");
            counted();
            return calls("fcall") - stat("fcall", "failed_calls") == before + 2;
        });
    }

    @Test
    void run_nothingLoaded_answersAndFromThenOnByFunctions() {
        assertThat(counted()).isEqualTo(1);
        awaitFunctions();
        long scripts = calls("evalsha") + calls("eval");

        assertThat(counted()).isEqualTo(1);

        assertThat(libraries()).containsExactly(FunctionLibrary.NAME);
        assertThat(calls("evalsha") + calls("eval")).isEqualTo(scripts);
    }

    @Test
    void run_libraryThereAlready_functionsAtOnce() {
        counted();
        awaitFunctions();
        openAnew(redis, ""); // Redisson runs a script of its own when it connects.
        redis.send("CONFIG", "RESETSTAT");

        counted();

        assertThat(calls("fcall")).isEqualTo(2);
        assertThat(List.of(calls("evalsha"), calls("eval"), calls("function|load")))
                .containsOnly(0L);
    }

    @Test
    void run_functionsFlushedUnderManyCalls_allAnsweredAndLoadedOnceEach() {
        counted();
        awaitFunctions();
        redis.send("CONFIG", "RESETSTAT");
        for (int i = 0; i < 5; i++) {
            redis.send("FUNCTION", "FLUSH");
            List<CompletableFuture<List<Object>>> answers =
                    IntStream.range(0, 40).mapToObj(n -> listed()).toList();
            assertThat(answers).allSatisfy(answer -> assertThat(answer.join()).containsExactly("0"));
            awaitFunctions();
        }
        assertThat(calls("function|load") - stat("function|load", "failed_calls"))
                .isEqualTo(5);
    }

    @Test
    void run_otherVersionsLibrary_staysBeside() {
        redis.send("FUNCTION", "LOAD", "#!lua name=weir_other\nredis.register_function('weir_other', function() end)");

        counted();
        awaitFunctions();

        assertThat(libraries()).containsExactlyInAnyOrder("weir_other", FunctionLibrary.NAME);
    }

    @Test
    void run_noRightToCallFunctions_scriptsAndOneLine() {
        redis.send("ACL SETUSER weir on >secret ~* &* +@all -fcall".split(" "));
        assertScriptsAlone("NOPERM");
        assertThat(stat("fcall", "rejected_calls")).isEqualTo(1);
        assertThat(libraries()).isEmpty();
    }

    @Test
    void run_noRightToLoadFunctions_scriptsAndOneLine() {
        redis.send("ACL SETUSER weir on >secret ~* &* +@all -function".split(" "));
        assertScriptsAlone("NOPERM");
        assertThat(stat("fcall", "failed_calls")).isEqualTo(1);
    }

    private void assertScriptsAlone(String why) {
        try (LogLines log = new LogLines()) {
            openAnew(redis, "weir:secret@");
            for (int i = 0; i < 10; i++) {
                assertThat(counted()).isEqualTo(1);
            }
            await().until(() -> !log.all().isEmpty());
            assertThat(log.all())
                    .singleElement()
                    .asString()
                    .startsWith("INFO Redis takes no functions")
                    .contains(why);
            assertThat(calls("evalsha")).isGreaterThanOrEqualTo(20);
        }
    }

    /** As a Redis before 7 answers, and a service that keeps functions from its users. */
    @Test
    void run_commandUnknown_scriptsAndOneLine() {
        try (LogLines log = new LogLines()) {
            openAnew(RedisServer.start("--rename-command", "FCALL", ""), "");
            for (int i = 0; i < 10; i++) {
                assertThat(counted()).isEqualTo(1);
            }
            assertThat(log.all()).singleElement().asString().contains("unknown command");
        }
    }

    @Test
    void run_errorInAFunction_isTheCallsOwnAndNoScriptFollows() {
        counted();
        awaitFunctions();
        redis.send("SET", "weir:{instances}", "no sorted set");
        redis.send("CONFIG", "RESETSTAT");

        assertThat(runner.run(LuaScript.LEAVE, List.of("weir:{instances}"), reply -> reply, "a"))
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableThat()
                .havingCause()
                .isInstanceOf(StoreException.class)
                .withMessageContaining("WRONGTYPE");
        assertThat(calls("fcall")).isEqualTo(1);
        assertThat(calls("evalsha") + calls("eval")).isZero();
    }

    /** The call may have run, or may run yet. */
    @Test
    void run_answerIsLate_nothingFollows() {
        counted();
        awaitFunctions();
        redis.send("CONFIG", "RESETSTAT");
        redis.send("CLIENT", "PAUSE", Long.toString(ScriptRunner.PATIENCE.toMillis() + 500), "ALL");

        assertThat(listed())
                .failsWithin(Duration.ofSeconds(10))
                .withThrowableThat()
                .havingCause()
                .withMessageContaining("did not answer within");

        await().until(() -> calls("fcall") == 1);
        assertThat(List.of(calls("evalsha"), calls("eval"))).containsOnly(0L);
        counted();
        assertThat(calls("fcall")).isEqualTo(3);
    }

    /** The others have the library, and their answers may hide that of the one that takes none. */
    @Test
    void run_oneMasterOfAClusterTakesNoLibrary_loadedNowAndThenAtMost(@TempDir Path directory) throws IOException {
        try (RedisCluster cluster = RedisCluster.start()) {
            RedissonClient all =
                    Redisson.create(Config.fromYAML(cluster.config(directory).toFile()));
            try {
                listOnAllShards(new ScriptRunner(all), Duration.ofSeconds(1)); // Loads it.
                for (RedisServer denying : cluster.masters()) {
                    denying.send("ACL", "SETUSER", "default", "-function|load");
                    denying.send("FUNCTION", "FLUSH");
                    denying.send("CONFIG", "RESETSTAT");
                    listOnAllShards(new ScriptRunner(all), Duration.ofSeconds(2));
                    assertThat((String) denying.send("INFO", "commandstats"))
                            .containsPattern("cmdstat_function\\|load:calls=0,.*rejected_calls=[1-3],");
                    denying.send("ACL", "SETUSER", "default", "+function|load");
                }
            } finally {
                all.shutdown();
            }
        }
    }

    private static void listOnAllShards(ScriptRunner runner, Duration time) {
        long endNanos = System.nanoTime() + time.toNanos();
        for (int i = 0; System.nanoTime() < endNanos; i++) {
            List<String> keys = List.of("weir:{%d}:clients".formatted(i % 64));
            assertThat(runner.run(LuaScript.LIST, keys, reply -> reply, "0", "10")
                            .join())
                    .containsExactly("0");
        }
    }

    /** What keeps Redis from writing keeps it from running any function, but only those scripts that write. */
    @ParameterizedTest
    @CsvSource({"maxmemory,1,0,maxmemory", "min-replicas-to-write,1,0,replicas"})
    void run_redisCannotWrite_whatOnlyReadsIsAnswered(String setting, String full, String ample, String why) {
        counted();
        awaitFunctions();
        redis.send("CONFIG", "SET", setting, full);

        assertThat(listed().join()).containsExactly("0");
        assertThatThrownBy(this::counted).hasMessageContaining(why);

        redis.send("CONFIG", "SET", setting, ample);
        assertAllByFunctions();
    }

    /** It cannot save what it keeps, because a directory is where the file must be. */
    @Test
    void run_redisCannotSave_whatOnlyReadsIsAnswered() {
        counted();
        awaitFunctions();
        File notAFile = new File((String) ((List<?>) redis.send("CONFIG", "GET", "dir")).get(1), "dump.rdb");
        assertThat(notAFile.mkdir()).isTrue();
        redis.send("CONFIG", "SET", "save", "3600 1");
        redis.send("BGSAVE");
        await().until(() -> ((String) redis.send("INFO", "persistence")).contains("rdb_last_bgsave_status:err"));

        assertThat(listed().join()).containsExactly("0");
        assertThatThrownBy(this::counted).hasMessageContaining("MISCONF");

        assertThat(notAFile.delete()).isTrue();
        redis.send("SAVE");
        assertAllByFunctions();
    }

    private void assertAllByFunctions() {
        redis.send("CONFIG", "RESETSTAT");
        assertThat(counted()).isEqualTo(1);
        assertThat(calls("fcall")).isEqualTo(2);
    }
}
