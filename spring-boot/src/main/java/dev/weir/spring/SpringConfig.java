package dev.weir.spring;

import dev.weir.filter.config.ConfigFileSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigValue;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.eclipse.microprofile.config.spi.Converter;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;

/**
 * What a Spring {@link ConfigurableEnvironment} says under {@code weir.}, as a {@link Config}: in the order of its
 * property sources, with its placeholders resolved. It is read anew each time, so changes of the environment show.
 *
 * <p>The file that {@code weir.config.file} names lies above the application's own files, and below the environment
 * variables and all that Spring places above these: system properties and the command line.
 *
 * <p>Thread-safe.
 */
final class SpringConfig implements Config {

    private final ConfigurableEnvironment environment;
    private final ConfigFileSource file = new ConfigFileSource();
    private final Defaults defaults;

    SpringConfig(ConfigurableEnvironment environment) {
        this(environment, Defaults.NONE);
    }

    private SpringConfig(ConfigurableEnvironment environment, Defaults defaults) {
        this.environment = environment;
        this.defaults = defaults;
    }

    /** The same, with what holds where the environment says nothing. */
    SpringConfig with(Map<String, String> defaults) {
        return new SpringConfig(environment, new Defaults(defaults));
    }

    @Override
    public Iterable<ConfigSource> getConfigSources() {
        List<ConfigSource> sources = new ArrayList<>();
        int belowVariables = 0;
        for (PropertySource<?> source : environment.getPropertySources()) {
            if (!ConfigurationPropertySources.isAttachedConfigurationPropertySource(source)) {
                sources.add(new PropertySourceView(source, environment));
            }
            if (source.getName().equals(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME)) {
                belowVariables = sources.size();
            }
        }
        sources.add(belowVariables, file);
        sources.add(defaults);
        return sources;
    }

    @Override
    public ConfigValue getConfigValue(String key) {
        for (ConfigSource source : getConfigSources()) {
            String raw = source instanceof PropertySourceView view ? view.raw(key) : source.getValue(key);
            if (raw != null) {
                return new Found(key, resolved(raw), raw, source.getName());
            }
        }
        return new Found(key, null, null, null);
    }

    private @Nullable String resolved(String raw) {
        try {
            return environment.resolveRequiredPlaceholders(raw);
        } catch (IllegalArgumentException unresolved) {
            return null;
        }
    }

    @Override
    public Iterable<String> getPropertyNames() {
        Set<String> names = new LinkedHashSet<>();
        getConfigSources().forEach(source -> names.addAll(source.getPropertyNames()));
        return names;
    }

    @Override
    public <T> T getValue(String key, Class<T> type) {
        return getOptionalValue(key, type).orElseThrow(() -> new NoSuchElementException(key + " has no value"));
    }

    @Override
    public <T> Optional<T> getOptionalValue(String key, Class<T> type) {
        return Optional.ofNullable(getConfigValue(key).getValue())
                .filter(text -> !text.isEmpty())
                .map(text -> environment.getConversionService().convert(text, type));
    }

    @Override
    public <T> Optional<Converter<T>> getConverter(Class<T> type) {
        return Optional.empty();
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        return type.cast(environment);
    }

    /** What a source says of a key; no value if none does, or if a placeholder in it has none. */
    private record Found(
            String key,
            @Nullable String value,
            @Nullable String raw,
            @Nullable String source) implements ConfigValue {

        @Override
        public String getName() {
            return key;
        }

        @Override
        public @Nullable String getValue() {
            return value;
        }

        @Override
        public @Nullable String getRawValue() {
            return raw;
        }

        @Override
        public @Nullable String getSourceName() {
            return source;
        }

        @Override
        public int getSourceOrdinal() {
            return ConfigSource.DEFAULT_ORDINAL;
        }
    }
}
