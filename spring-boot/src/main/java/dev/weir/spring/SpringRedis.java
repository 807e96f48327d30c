package dev.weir.spring;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.redisson.config.BaseMasterSlaveServersConfig;
import org.redisson.config.Config;
import org.redisson.config.ReadMode;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Where the application's Redis is, as {@code spring.data.redis.*} says. Spring Boot's own class for that has another
 * name in each of its versions.
 */
record SpringRedis(
        @Nullable String url,
        @Nullable String host,
        @DefaultValue("6379") int port,
        @Nullable String username,
        @Nullable String password,
        @DefaultValue("0") int database,
        @DefaultValue Ssl ssl,
        @Nullable Sentinel sentinel,
        @Nullable Nodes cluster,
        @Nullable Nodes masterreplica) {

    private static final String PREFIX = "spring.data.redis";

    /** As many as the store's own client has: each carries many calls at once. */
    private static final int CONNECTIONS = 4;

    /** Encryption. */
    record Ssl(
            @DefaultValue("false") boolean enabled,
            @Nullable String bundle) {}

    /** The nodes of a cluster: {@code host:port}. */
    record Nodes(List<String> nodes) {}

    /** The sentinels that know the master: {@code host:port}. */
    record Sentinel(
            String master,
            List<String> nodes,
            @Nullable String username,
            @Nullable String password) {

        Sentinel {
            username = nullIfEmpty(username);
            password = nullIfEmpty(password);
        }

        /** No password in it. */
        @Override
        public String toString() {
            return PREFIX + ".sentinel.*";
        }
    }

    SpringRedis {
        username = nullIfEmpty(username);
        password = nullIfEmpty(password);
    }

    /** As a placeholder leaves it that names nothing. */
    private static @Nullable String nullIfEmpty(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }

    static SpringRedis of(ConfigurableEnvironment environment) {
        return Binder.get(environment).bindOrCreate(PREFIX, SpringRedis.class);
    }

    /** The address of a single server; empty if there is none, or it is not a single one. */
    Optional<String> uri() {
        if (sentinel != null || cluster != null || masterreplica != null || (url == null && host == null)) {
            return Optional.empty();
        }
        requireNoBundle();
        if (url != null) {
            return Optional.of(url);
        }
        // A user without a password has one in a file, or needs none: Spring's own client logs in so, too.
        boolean hasUser = username != null || password != null;
        String userInfo = hasUser ? encoded(username) + ":" + encoded(password) + "@" : "";
        return Optional.of("%s%s%s:%d/%d".formatted(scheme(), userInfo, host, port, database));
    }

    private static String encoded(@Nullable String text) {
        return text == null
                ? ""
                : URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private String scheme() {
        return ssl.enabled ? "rediss://" : "redis://";
    }

    /**
     * How Redisson connects to several servers, but for {@link #username} and {@link #password}; empty if there are
     * none.
     *
     * @throws IllegalArgumentException if the properties say what cannot be taken over
     */
    Optional<Config> servers() {
        if (masterreplica != null) {
            throw notTaken("masterreplica.nodes");
        }
        Config config = new Config().setThreads(2).setNettyThreads(2);
        if (sentinel != null) {
            few(config.useSentinelServers()
                    .setMasterName(sentinel.master)
                    .addSentinelAddress(addresses(sentinel.nodes))
                    .setSentinelUsername(sentinel.username)
                    .setSentinelPassword(sentinel.password)
                    .setDatabase(database));
        } else if (cluster != null) {
            few(config.useClusterServers().addNodeAddress(addresses(cluster.nodes)));
        } else {
            return Optional.empty();
        }
        requireNoBundle();
        return Optional.of(config);
    }

    private static void few(BaseMasterSlaveServersConfig<?> servers) {
        servers.setReadMode(ReadMode.MASTER);
        servers.setMasterConnectionPoolSize(CONNECTIONS).setMasterConnectionMinimumIdleSize(CONNECTIONS);
    }

    private String[] addresses(List<String> nodes) {
        return nodes.stream().map(node -> scheme() + node.strip()).toArray(String[]::new);
    }

    /** No password in it. */
    @Override
    public String toString() {
        return PREFIX + ".*";
    }

    private void requireNoBundle() {
        if (ssl.bundle != null) {
            throw notTaken("ssl.bundle");
        }
    }

    private static IllegalArgumentException notTaken(String key) {
        return new IllegalArgumentException(
                "%s.%s cannot be taken over for limits: name the Redis in weir.redisson.config, or make a RedissonClient bean"
                        .formatted(PREFIX, key));
    }
}
