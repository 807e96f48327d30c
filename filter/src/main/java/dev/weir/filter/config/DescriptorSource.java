package dev.weir.filter.config;

import io.quarkus.runtime.annotations.StaticInitSafe;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;

/**
 * What a web application says of its limits in web.xml, as a source of MicroProfile Config: above the application's
 * {@code META-INF/microprofile-config.properties} (ordinal 100) and below the file that {@code weir.config.file} names
 * (200), so that what is said where the application runs counts.
 *
 * <p>It is found by {@link java.util.ServiceLoader}, and empty until {@code RateLimits} is made for a servlet context.
 */
@StaticInitSafe // Quarkus deploys servlets before it has started.
public final class DescriptorSource implements ConfigSource {

    private static final int ORDINAL = 150;

    private volatile Map<String, String> values = Map.of();

    /** A source of no application yet. */
    public DescriptorSource() {}

    /**
     * Lets a configuration have what an application says.
     *
     * @throws ConfigurationException if the configuration has no source of this kind, and there is something to say
     */
    public static void say(Config config, Map<String, String> values) {
        Optional<DescriptorSource> source = StreamSupport.stream(
                        config.getConfigSources().spliterator(), false)
                .filter(DescriptorSource.class::isInstance)
                .map(DescriptorSource.class::cast)
                .findFirst();
        if (source.isEmpty() && !values.isEmpty()) {
            throw new ConfigurationException(List.of("%s (web.xml): this Config was built without %s"
                    .formatted(values.keySet(), DescriptorSource.class.getName())));
        }
        source.ifPresent(found -> found.values = Map.copyOf(values));
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
        return "web.xml";
    }

    @Override
    public int getOrdinal() {
        return ORDINAL;
    }
}
