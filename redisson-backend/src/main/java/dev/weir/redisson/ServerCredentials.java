package dev.weir.redisson;

import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.redisson.client.DefaultCredentialsResolver;
import org.redisson.config.BaseConfig;
import org.redisson.config.ClusterServersConfig;
import org.redisson.config.Config;
import org.redisson.config.CredentialsResolver;
import org.redisson.config.MasterSlaveServersConfig;
import org.redisson.config.ReplicatedServersConfig;
import org.redisson.config.SingleServerConfig;

/**
 * User and password of a configuration. Redisson 3 has them with its servers alone; Redisson 4 has them with the
 * configuration, and logs a warning where they are set with the servers.
 */
@SuppressWarnings("deprecation") // Of Redisson 4.
final class ServerCredentials {

    private final Config config;
    private final BaseConfig<?> servers;

    /** @param servers the part of it that has the servers */
    ServerCredentials(Config config, BaseConfig<?> servers) {
        this.config = config;
        this.servers = servers;
    }

    /** What is null here stays as it is. */
    void set(@Nullable String user, @Nullable String password) {
        if (user != null) {
            either(() -> config.setUsername(user), () -> servers.setUsername(user));
        }
        if (password != null) {
            either(() -> config.setPassword(password), () -> servers.setPassword(password));
        }
    }

    void resolveBy(CredentialsResolver resolver) {
        either(() -> config.setCredentialsResolver(resolver), () -> servers.setCredentialsResolver(resolver));
    }

    private static void either(Runnable redisson4, Runnable redisson3) {
        try {
            redisson4.run();
        } catch (NoSuchMethodError isRedisson3) {
            redisson3.run();
        }
    }

    /** Whether there are credentials in any of the places for them: an address has them before all others. */
    boolean isSet() {
        return hasPassword()
                || isResolver(servers.getCredentialsResolver())
                || addresses().anyMatch(address -> address.contains("@"));
    }

    private boolean hasPassword() {
        if (servers.getPassword() != null) {
            return true;
        }
        try {
            return config.getPassword() != null || isResolver(config.getCredentialsResolver());
        } catch (NoSuchMethodError redisson3) {
            return false;
        }
    }

    /** Redisson's own has none. */
    private static boolean isResolver(@Nullable CredentialsResolver resolver) {
        return resolver != null && resolver.getClass() != DefaultCredentialsResolver.class;
    }

    private Stream<String> addresses() {
        Stream<String> all;
        if (servers instanceof SingleServerConfig single) {
            all = Stream.of(single.getAddress());
        } else if (servers instanceof ClusterServersConfig cluster) {
            all = cluster.getNodeAddresses().stream();
        } else if (servers instanceof ReplicatedServersConfig replicated) {
            all = replicated.getNodeAddresses().stream();
        } else if (servers instanceof MasterSlaveServersConfig pair) {
            all = Stream.concat(Stream.of(pair.getMasterAddress()), pair.getSlaveAddresses().stream());
        } else {
            all = Stream.empty();
        }
        return all.filter(Objects::nonNull);
    }
}
