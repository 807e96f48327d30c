package dev.weir.redisson;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.redisson.client.NettyHook;
import org.redisson.config.BaseConfig;
import org.redisson.config.Config;
import org.redisson.config.DelayStrategy;
import org.redisson.config.ReplicatedServersConfig;
import org.redisson.config.SingleServerConfig;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/**
 * What {@code weir.redisson.*} and {@code weir.redis.*} say, checked.
 *
 * @param config how Redisson connects
 * @param keys how the keys are called, and over how many shards clients are spread
 * @param target where Redis is, for messages: no password in it
 */
record RedissonSettings(Config config, RedisKeys keys, String target) {

    static final String URI = "weir.redisson.uri";
    static final String CONFIG = "weir.redisson.config";
    static final String PASSWORD_FILE = "weir.redisson.password-file";
    static final String SHARDS = "weir.redis.shards";
    static final String PREFIX = "weir.redis.prefix";
    static final String SHARD_SECRET = "weir.redis.shard-secret";
    static final Set<String> KEYS = Set.of(URI, CONFIG, PASSWORD_FILE, SHARDS, SHARD_SECRET, PREFIX);

    static final String DEFAULT_URI = "redis://127.0.0.1:6379";

    /**
     * Enough that they spread evenly over a few masters (21, 21 and 22 over three); few enough that the calls of many
     * clients can travel together, for which they must share a shard. A cluster of more than about six wants more.
     */
    static final int DEFAULT_SHARDS = 64;

    /** Connections carry many calls at once each; more only cost Redis memory, times the number of instances. */
    private static final int CONNECTIONS = 4;

    /**
     * A look at the nodes of a cluster waits for one of them for so long before it asks the next. Requests have
     * deadlines of their own, which are shorter.
     */
    private static final int MAX_TIMEOUT_MILLIS = 1_000;

    private static final int PING_MILLIS = 1_000;
    private static final Duration RECONNECT_DELAY = Duration.ofSeconds(1);

    /** Nodes and sentinels are asked for the masters as often as the store itself asks whether Redis is back. */
    private static final int MAX_SCAN_MILLIS = 500;

    /** As many random letters cannot be guessed, neither from shards of known ids nor from the fingerprint. */
    private static final int MIN_SECRET_BYTES = 16;

    private static final int MAX_SECRET_BYTES = 1_024;

    private static final Pattern TEXT_OF_YAML = Pattern.compile("[\\r\\n{]|: ");
    private static final Pattern A_PREFIX = Pattern.compile("[A-Za-z0-9._:-]{1,64}");

    /** @throws IllegalArgumentException if a value is wrong; names key, value and what is allowed, and no secret */
    static RedissonSettings of(Map<String, String> settings) {
        RedisKeys keys = keys(settings::get);
        String file = settings.get(CONFIG);
        String uri = settings.get(URI);
        String passwordFile = settings.get(PASSWORD_FILE);
        if (file == null) {
            RedisAddress address = RedisAddress.of(uri == null ? DEFAULT_URI : uri, passwordFile != null);
            Config config = withPassword(fromUri(address), passwordFile);
            return new RedissonSettings(config, keys, address.toString());
        }
        if (uri != null) {
            throw new IllegalArgumentException("%s=%s and %s=%s exclude each other: set one of them"
                    .formatted(URI, RedisAddress.redacted(uri), CONFIG, shownFile(file)));
        }
        return new RedissonSettings(withPassword(fromFile(file), passwordFile), keys, file);
    }

    /**
     * The configuration, with the password of a file, if there is one.
     *
     * @throws IllegalArgumentException if the file has none, or the configuration has one beside it, or sentinels
     */
    static Config withPassword(Config config, @Nullable String passwordFile) {
        if (passwordFile == null) {
            return config;
        }
        if (config.isSentinelConfig()) {
            throw new IllegalArgumentException(
                    "%s cannot be set with sentinels: Redisson would send them the password of Redis, too"
                            .formatted(PASSWORD_FILE));
        }
        ServerCredentials credentials = new ServerCredentials(config, servers(config));
        if (credentials.isSet()) {
            throw new IllegalArgumentException(
                    "%s is set, and so are credentials in the address, in the file of Redisson or in spring.data.redis.password: remove one of them"
                            .formatted(PASSWORD_FILE));
        }
        credentials.resolveBy(PasswordFile.of(passwordFile));
        return config;
    }

    /** The keys in Redis, wherever that is. */
    static RedisKeys keys(UnaryOperator<@Nullable String> settings) {
        Sharding sharding = Sharding.of(shards(settings.apply(SHARDS)), shardSecret(settings.apply(SHARD_SECRET)));
        return new RedisKeys(prefix(settings.apply(PREFIX)), sharding);
    }

    private static String prefix(@Nullable String value) {
        return value == null ? "" : checkedPrefix(value);
    }

    /** What keys begin with. No brace: it would change the slots of a cluster. No wildcard of access control lists. */
    static String checkedPrefix(String prefix) {
        if (!A_PREFIX.matcher(prefix).matches()) {
            throw new IllegalArgumentException(
                    "%s must be 1 to 64 letters, digits, dots, hyphens, underscores and colons, but is '%s'"
                            .formatted(PREFIX, prefix));
        }
        return prefix + ":";
    }

    static int checkedShards(int shards) {
        if (shards < RedisKeys.MIN_SHARDS || shards > RedisKeys.MAX_SHARDS) {
            throw wrongShards(Integer.toString(shards));
        }
        return shards;
    }

    private static int shards(@Nullable String value) {
        if (value == null) {
            return DEFAULT_SHARDS;
        }
        try {
            return checkedShards(Integer.parseInt(value.trim()));
        } catch (NumberFormatException e) {
            throw wrongShards(value);
        }
    }

    private static byte @Nullable [] shardSecret(@Nullable String value) {
        if (value == null) {
            return null;
        }
        byte[] secret = value.getBytes(StandardCharsets.UTF_8);
        if (secret.length < MIN_SECRET_BYTES || secret.length > MAX_SECRET_BYTES) {
            throw new IllegalArgumentException("%s must have %d to %d bytes in UTF-8, but has %d"
                    .formatted(SHARD_SECRET, MIN_SECRET_BYTES, MAX_SECRET_BYTES, secret.length));
        }
        return secret;
    }

    private static IllegalArgumentException wrongShards(String value) {
        return new IllegalArgumentException("%s must be a whole number from %d to %d, but is '%s'"
                .formatted(SHARDS, RedisKeys.MIN_SHARDS, RedisKeys.MAX_SHARDS, value));
    }

    private static Config fromUri(RedisAddress address) {
        Config config = new Config();
        // Few threads: what they carry are short messages. With one for the network, no call goes from thread to thread
        // before it is sent.
        config.setThreads(2).setNettyThreads(1);
        SingleServerConfig server = config.useSingleServer()
                .setAddress(address.server())
                .setDatabase(address.database())
                .setConnectionPoolSize(CONNECTIONS)
                .setConnectionMinimumIdleSize(CONNECTIONS)
                .setSubscriptionConnectionMinimumIdleSize(0)
                // A connection whose other end has vanished without a word would otherwise be trusted for minutes.
                .setPingConnectionInterval(PING_MILLIS);
        new ServerCredentials(config, server).set(address.user(), address.password());
        return reconnecting(config);
    }

    private static Config fromFile(String file) {
        if (!new File(file).isFile()) {
            throw wrongFile(file, "there is no such file");
        }
        Config config;
        try {
            config = Config.fromYAML(new File(file));
        } catch (IOException | RuntimeException e) {
            // Without the cause or its message: they quote the lines around a mistake, and these may hold the password.
            throw wrongFile(file, "it cannot be read" + line(e));
        }
        if (config == null) {
            throw wrongFile(file, "it is empty");
        }
        config.setLazyInitialization(false);
        try {
            return reconnecting(config);
        } catch (IllegalArgumentException e) {
            throw wrongFile(file, String.valueOf(e.getMessage()));
        }
    }

    private static IllegalArgumentException wrongFile(String file, String why) {
        return new IllegalArgumentException(
                "%s must name a Redisson YAML file with one of singleServerConfig, clusterServersConfig, sentinelServersConfig, masterSlaveServersConfig and replicatedServersConfig, but '%s' is not one: %s"
                        .formatted(CONFIG, shownFile(file), why));
    }

    /** The name of a file; unless it looks like the address or the text that should be in the file. */
    private static String shownFile(String file) {
        if (TEXT_OF_YAML.matcher(file).find()) {
            return "...";
        }
        return file.contains(":") ? RedisAddress.redacted(file) : file;
    }

    /** The line of the innermost mistake. */
    private static String line(Exception e) {
        String line = "";
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
                line = ", because of line " + (marked.getProblemMark().getLine() + 1);
            }
        }
        return line;
    }

    /**
     * Attempts to connect again stay at most a second apart, however long Redis was away, and each is a single one,
     * because the store makes the next. No node is given up, and none is waited for longer than a second. All of this
     * holds whatever a file says.
     */
    static Config reconnecting(Config config) {
        // Every call names its codec. Without one here Redisson makes its own, for which the application would need
        // Kryo.
        config.setCodec(TextCodec.INSTANCE);
        // The store sends hashes itself, and the text where a node does not know it: Redisson would send a hash instead
        // again.
        config.setUseScriptCache(false);
        if (!(config.getNettyHook() instanceof BrokenSubscriptions)) { // A caller may use its configuration again.
            NettyHook given = config.getNettyHook();
            NettyHook all = config.isClusterConfig() ? new Pipelining(given) : given;
            config.setNettyHook(new BrokenSubscriptions(new AlwaysTried(all)));
        }
        BaseConfig<?> servers = servers(config);
        servers.setRetryAttempts(0);
        servers.setReconnectionDelay(atMost(servers.getReconnectionDelay()));
        servers.setConnectTimeout(Math.min(servers.getConnectTimeout(), MAX_TIMEOUT_MILLIS));
        servers.setTimeout(Math.min(servers.getTimeout(), MAX_TIMEOUT_MILLIS));
        if (config.isClusterConfig()) {
            int interval = config.useClusterServers().getScanInterval();
            config.useClusterServers().setScanInterval(Math.min(interval, MAX_SCAN_MILLIS));
        } else if (config.isSentinelConfig()) {
            int interval = config.useSentinelServers().getScanInterval();
            config.useSentinelServers().setScanInterval(Math.min(interval, MAX_SCAN_MILLIS));
        }
        return config;
    }

    static BaseConfig<?> servers(Config config) {
        if (config.isSingleConfig()) {
            return config.useSingleServer();
        }
        if (config.isClusterConfig()) {
            return config.useClusterServers();
        }
        if (config.isSentinelConfig()) {
            return config.useSentinelServers();
        }
        return masterSlaveOrReplicated(config);
    }

    /**
     * Which of the two is set, Redisson shows only by refusing the other; where neither is, it makes one without nodes.
     */
    private static BaseConfig<?> masterSlaveOrReplicated(Config config) {
        ReplicatedServersConfig replicated;
        try {
            replicated = config.useReplicatedServers();
        } catch (IllegalStateException masterSlaveIsSet) {
            return config.useMasterSlaveServers();
        }
        if (replicated.getNodeAddresses().isEmpty()) {
            throw new IllegalArgumentException("no server in it");
        }
        return replicated;
    }

    private static DelayStrategy atMost(DelayStrategy delay) {
        return attempt -> {
            Duration asked = delay.calcDelay(attempt);
            return asked.compareTo(RECONNECT_DELAY) < 0 ? asked : RECONNECT_DELAY;
        };
    }
}
