package dev.weir.filter.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigValue;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.eclipse.microprofile.config.spi.Converter;
import org.jspecify.annotations.Nullable;

/**
 * The configuration of an application that has the API of MicroProfile Config and no implementation of it: system
 * properties (ordinal 400), the environment (300), the file that {@code weir.config.file} names (200), what web.xml
 * says (150) and {@code META-INF/microprofile-config.properties} (100), in the order and with the names of variables
 * that MicroProfile Config specifies.
 *
 * <p>It has no expressions, profiles or converters: a value with <code>${</code> in it has no value, and is so
 * reported.
 *
 * <p>Thread-safe.
 *
 * @see <a href="https://download.eclipse.org/microprofile/microprofile-config-3.1/microprofile-config-spec-3.1.html">
 *     MicroProfile Config 3.1</a>
 */
public final class PlainConfig implements Config {

    private static final String OF_APPLICATION = "META-INF/microprofile-config.properties";

    private final List<ConfigSource> sources;

    PlainConfig(List<ConfigSource> sources) {
        this.sources = sources.stream()
                .sorted(Comparator.comparingInt(ConfigSource::getOrdinal).reversed())
                .toList();
    }

    /**
     * The configuration of this process.
     *
     * @param application finds the application's own file
     * @throws UncheckedIOException if that cannot be read
     */
    public static PlainConfig of(ClassLoader application) {
        List<ConfigSource> sources = new ArrayList<>();
        sources.add(new Source("system properties", 400, () -> copy(System.getProperties()), List::of));
        sources.add(environment(System.getenv()));
        sources.add(new ConfigFileSource());
        sources.add(new DescriptorSource());
        try {
            for (URL file : Collections.list(application.getResources(OF_APPLICATION))) {
                Map<String, String> values = read(file);
                sources.add(new Source(file.toString(), 100, () -> values, List::of));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(OF_APPLICATION + " cannot be read", e);
        }
        return new PlainConfig(sources);
    }

    static ConfigSource environment(Map<String, String> variables) {
        return new Source("environment", 300, () -> variables, PlainConfig::variables);
    }

    private static Map<String, String> read(URL file) throws IOException {
        Properties properties = new Properties();
        try (InputStream in = file.openStream()) {
            properties.load(in);
        }
        return copy(properties);
    }

    /** Other threads may write system properties meanwhile. */
    private static Map<String, String> copy(Properties properties) {
        Map<String, String> copy = new HashMap<>();
        properties.stringPropertyNames().forEach(name -> {
            String value = properties.getProperty(name);
            if (value != null) {
                copy.put(name, value);
            }
        });
        return copy;
    }

    @Override
    public ConfigValue getConfigValue(String key) {
        for (ConfigSource source : sources) {
            String raw = source.getValue(key);
            if (raw != null) {
                return new Found(key, raw, source.getName(), source.getOrdinal());
            }
        }
        return new Found(key, null, null, 0);
    }

    @Override
    public Iterable<String> getPropertyNames() {
        Set<String> names = new LinkedHashSet<>();
        sources.forEach(source -> names.addAll(source.getPropertyNames()));
        return names;
    }

    @Override
    public Iterable<ConfigSource> getConfigSources() {
        return sources;
    }

    @Override
    public <T> T getValue(String key, Class<T> type) {
        return getOptionalValue(key, type).orElseThrow(() -> new NoSuchElementException(key + " has no value"));
    }

    @Override
    public <T> Optional<T> getOptionalValue(String key, Class<T> type) {
        if (type != String.class) {
            throw new IllegalArgumentException("only text can be read without an implementation of MicroProfile Config,"
                    + " but %s is asked for as %s".formatted(key, type.getName()));
        }
        return Optional.ofNullable(getConfigValue(key).getValue())
                .filter(text -> !text.isEmpty())
                .map(type::cast);
    }

    @Override
    public <T> Optional<Converter<T>> getConverter(Class<T> type) {
        return Optional.empty();
    }

    @Override
    public <T> T unwrap(Class<T> type) {
        throw new IllegalArgumentException("nothing to unwrap as " + type.getName());
    }

    /** The names under which a variable of the environment may give a key, in the order in which they are tried. */
    private static List<String> variables(String key) {
        return List.of(key, KeyName.word(key), KeyName.inEnvironment(key));
    }

    /**
     * A source.
     *
     * @param values what it says now
     * @param lookUp the names under which it may have a key
     */
    private record Source(
            String name, int ordinal, Supplier<Map<String, String>> values, Function<String, List<String>> lookUp)
            implements ConfigSource {

        @Override
        public Map<String, String> getProperties() {
            return values.get();
        }

        @Override
        public Set<String> getPropertyNames() {
            return values.get().keySet();
        }

        @Override
        public @Nullable String getValue(String key) {
            Map<String, String> now = values.get();
            return lookUp.apply(key).stream()
                    .map(now::get)
                    .filter(Objects::nonNull)
                    .findFirst()
                    .orElse(null);
        }

        @Override
        public String getName() {
            return name;
        }

        @Override
        public int getOrdinal() {
            return ordinal;
        }
    }

    /** What a source says of a key; no value if none does. */
    private record Found(
            String key, @Nullable String raw, @Nullable String source, int ordinal) implements ConfigValue {

        @Override
        public String getName() {
            return key;
        }

        @Override
        public @Nullable String getValue() {
            return raw == null || raw.contains("${") ? null : raw;
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
            return ordinal;
        }
    }
}
