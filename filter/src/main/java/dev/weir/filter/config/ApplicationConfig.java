package dev.weir.filter.config;

import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.spi.ConfigProviderResolver;

/**
 * The configuration of the application whose context class loader the calling thread has: that of MicroProfile Config
 * if there is an implementation, else what the process and the application say by themselves ({@link PlainConfig}).
 */
public final class ApplicationConfig {

    private ApplicationConfig() {}

    /** The configuration. Thread-safe. */
    public static Config get() {
        ConfigProviderResolver implementation;
        try {
            implementation = ConfigProviderResolver.instance();
        } catch (IllegalStateException none) {
            ClassLoader application = Thread.currentThread().getContextClassLoader();
            return PlainConfig.of(application == null ? ApplicationConfig.class.getClassLoader() : application);
        }
        return implementation.getConfig();
    }
}
