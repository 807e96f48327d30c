package dev.weir.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.redisson.RedisServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.redisson.Redisson;
import org.redisson.api.RScript;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.StringCodec;
import org.redisson.config.Config;

/** What {@code docs/operations/keys.md} says of Redis, held to what an instance leaves there. */
class KeysPageIT {

    private static final Path OPERATIONS = Path.of("..", "docs", "operations");
    private static final String LIMITS = """
            weir.store-deadline=10s
            weir.policy.bucket-like.limit=10
            weir.policy.bucket-like.period=1h
            weir.policy.fixed.limit=10
            weir.policy.fixed.period=1d
            weir.policy.fixed.algorithm=fixed-window
            weir.policy.sliding.limit=10
            weir.policy.sliding.period=1h
            weir.policy.sliding.algorithm=sliding-window
            weir.policy.log.limit=10
            weir.policy.log.period=1h
            weir.policy.log.algorithm=sliding-log
            weir.policy.parts.limit=10
            weir.policy.parts.period=1h
            weir.policy.parts.split=50,50
            weir.pool.backend.limit=50
            weir.pool.backend.period=1m
            weir.pool.backend.burst=50
            weir.policy.pooled.pool=backend
            weir.policy.both.pool=backend
            weir.policy.both.limit=10
            weir.policy.both.period=1h
            weir.admin.token=%s
            """.formatted(SampleProcess.ADMIN_TOKEN);

    @TempDir
    private Path directory;

    @Test
    void keysAndFormats_areThoseThatAnInstanceLeaves() throws Exception {
        Path limits = Files.writeString(directory.resolve("limits.properties"), LIMITS);
        try (RedisServer redis = RedisServer.start();
                SampleProcess sample = SampleProcess.start("--config", limits.toString(), "--redis", redis.uri())) {
            for (String policy : List.of("bucket-like", "fixed", "sliding", "log", "parts", "pooled", "both")) {
                sample.get("/try/" + policy + "?client=alice");
                assertThat(sample.get("/try/" + policy + "?client=alice").statusCode())
                        .as(policy)
                        .isEqualTo(200);
            }
            sample.admin("PUT", "/admin/policies/fixed/clients/alice", "{\"weight\":3}");
            sample.admin("POST", "/admin/buckets", "{\"id\":\"tenant-1\",\"rate\":1,\"burst\":10}");
            for (int i = 0; i < 10; i++) { // What a second gives back takes ten to be gone.
                sample.get("/try/bucket/tenant-1");
            }
            RedissonClient client = connected(redis.uri());
            try {
                Set<String> keys = keys(client);
                everyKey_isInTheTable(keys);
                usage_isSaidInWords(client, keys);
            } finally {
                client.shutdown();
            }
        }
    }

    private static RedissonClient connected(String uri) {
        Config config = new Config();
        config.useSingleServer().setAddress(uri);
        return Redisson.create(config);
    }

    private static Set<String> keys(RedissonClient client) {
        return StreamSupport.stream(client.getKeys().getKeys().spliterator(), false)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static void everyKey_isInTheTable(Set<String> keys) throws Exception {
        List<Pattern> patterns = Pattern.compile("`((?:weir)?:[^`]+)`(?=[^\n|]* \\|)")
                .matcher(table())
                .results()
                .map(KeysPageIT::pattern)
                .toList();

        assertThat(patterns).hasSizeGreaterThan(9);
        assertThat(keys)
                .hasSizeGreaterThan(12)
                .allSatisfy(key -> assertThat(patterns)
                        .anyMatch(pattern -> pattern.matcher(key).matches()));
    }

    private static String table() throws Exception {
        return Files.readString(OPERATIONS.resolve("keys.md"))
                .lines()
                .filter(line -> line.startsWith("| `weir:"))
                .collect(Collectors.joining("\n"));
    }

    /** Words in capitals stand for names; a key that begins with a colon, for the end of the one before it. */
    private static Pattern pattern(MatchResult key) {
        String whole = key.group(1).startsWith(":") ? "weir:{pool:POOL}" + key.group(1) : key.group(1);
        String names = whole.replace("{", "\\{").replace("}", "\\}").replace("$", "\\$");
        return Pattern.compile(names.replaceAll("\\b(?:USAGE|CLIENT|ID|POOL|N)\\b", "[^:{}]+"));
    }

    private static void usage_isSaidInWords(RedissonClient client, Set<String> keys) throws Exception {
        assertThat(said(client, keys, "bucket-like:alice"))
                .matches(
                        "token bucket: (1\\.99\\d|2\\.000) permits in use \\d+\\.\\d+ s ago; 0\\.0027\\d* a second come back");
        assertThat(said(client, keys, "fixed:alice"))
                .matches("fixed window of 86400 s: 2 permits used, changed -?\\d+\\.\\d+ s ago");
        assertThat(said(client, keys, "sliding:alice"))
                .matches("sliding window of 3600 s: 2 permits used in a window, 0 in the one before; changed .*");
        assertThat(said(client, keys, "log:alice"))
                .matches("sliding log: 2 permits in 2 entries, of which those of the last 3600 s count; changed .*");
        assertThat(said(client, keys, "both:alice")).startsWith("token bucket: ");
        assertThat(said(client, keys, "$bucket:tenant-1")).startsWith("token bucket: ");
        assertThat(eval(client, "weir:{0}:search:no-one")).isEqualTo("nothing: the client has its whole limit");
        assertThat(eval(client, "weir:{pool:backend}:state")).startsWith("none of usage: ");
    }

    private static String said(RedissonClient client, Set<String> keys, String end) throws Exception {
        return eval(
                client,
                keys.stream().filter(key -> key.endsWith(":" + end)).findFirst().orElseThrow());
    }

    private static String eval(RedissonClient client, String key) throws Exception {
        return client.getScript(StringCodec.INSTANCE)
                .eval(
                        RScript.Mode.READ_ONLY,
                        Files.readString(OPERATIONS.resolve("usage.lua")),
                        RScript.ReturnType.STRING,
                        List.of(key));
    }
}
