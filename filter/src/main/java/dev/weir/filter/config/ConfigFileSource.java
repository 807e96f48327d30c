package dev.weir.filter.config;

import io.quarkus.runtime.annotations.StaticInitSafe;
import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;

/**
 * The file that {@code weir.config.file} names, as a source of MicroProfile Config: above the application's own
 * {@code META-INF/microprofile-config.properties} (ordinal 100), below the environment (300) and system properties
 * (400).
 *
 * <p>It is found by {@link java.util.ServiceLoader}; an application that builds a {@code Config} by hand and without
 * discovered sources adds one. It is empty until {@code RateLimits} is made from that {@code Config}, or asked for it,
 * because which file it is may be said by any other source; from then on it follows the file.
 */
@StaticInitSafe // Quarkus deploys servlets before it has started.
public final class ConfigFileSource implements ConfigSource {

    private static final int ORDINAL = 200;

    private volatile Map<String, String> values = Map.of();
    private volatile String name = "weir.config.file";

    /** A source that has no file yet. */
    public ConfigFileSource() {}

    void say(String file, Map<String, String> values) {
        this.name = file;
        this.values = Map.copyOf(values);
    }

    @Override
    public Map<String, String> getProperties() {
        return values;
    }

    @Override
    public Set<String> getPropertyNames() {
        return values.keySet();
    }

    @Override
    public @Nullable String getValue(String key) {
        return values.get(key);
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public int getOrdinal() {
        return ORDINAL;
    }
}
