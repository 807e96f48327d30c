package dev.weir.redisson;

import org.jspecify.annotations.Nullable;
import org.redisson.config.BaseConfig;
import org.redisson.config.Config;
import org.redisson.config.CredentialsResolver;

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

    void set(@Nullable String user, @Nullable String password) {
        try {
            config.setUsername(user).setPassword(password);
        } catch (NoSuchMethodError redisson3) {
            servers.setUsername(user);
            servers.setPassword(password);
        }
    }

    void resolveBy(CredentialsResolver resolver) {
        try {
            config.setCredentialsResolver(resolver);
        } catch (NoSuchMethodError redisson3) {
            servers.setCredentialsResolver(resolver);
        }
    }

    /** Whether there is a password, in either place. */
    boolean hasPassword() {
        try {
            return config.getPassword() != null || servers.getPassword() != null;
        } catch (NoSuchMethodError redisson3) {
            return servers.getPassword() != null;
        }
    }
}
