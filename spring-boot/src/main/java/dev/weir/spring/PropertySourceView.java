package dev.weir.spring;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertyResolver;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * What one property source of Spring says under {@code weir.}, by the keys that Weir knows ({@link SpringKey}). A
 * source that cannot list its properties is asked for them by name.
 */
record PropertySourceView(PropertySource<?> source, PropertyResolver placeholders) implements ConfigSource {

    /** Placeholders are resolved: a value changes as well when a property changes that it names. */
    @Override
    public Map<String, String> getProperties() {
        return listed().entrySet().stream()
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> placeholders.resolvePlaceholders(entry.getValue())));
    }

    @Override
    public Set<String> getPropertyNames() {
        return listed().keySet();
    }

    @Override
    public @Nullable String getValue(String key) {
        String raw = raw(key);
        return raw == null ? null : placeholders.resolvePlaceholders(raw);
    }

    @Override
    public String getName() {
        return source.getName();
    }

    /** The value of a key as it stands in the source; null if there is none. */
    @Nullable String raw(String key) {
        if (source instanceof SystemEnvironmentPropertySource) {
            return variables(key)
                    .map(source::getProperty)
                    .filter(Objects::nonNull)
                    .findFirst()
                    .map(String::valueOf)
                    .orElse(null);
        }
        Object value = source.getProperty(key);
        return value == null ? listed().get(key) : SpringKey.text(key, value);
    }

    /** The names under which a variable of the environment may give a key, as MicroProfile Config specifies them. */
    private static Stream<String> variables(String key) {
        String word = key.replaceAll("[^A-Za-z0-9]", "_");
        return Stream.of(key, word, word.toUpperCase(Locale.ROOT));
    }

    private Map<String, String> listed() {
        if (!(source instanceof EnumerablePropertySource<?> enumerable)) {
            return Map.of();
        }
        Map<String, String> values = new HashMap<>();
        Map<String, TreeMap<Integer, String>> lists = new HashMap<>();
        for (String name : enumerable.getPropertyNames()) {
            Object value = SpringKey.isOurs(name) ? enumerable.getProperty(name) : null;
            if (value != null) {
                SpringKey key = SpringKey.of(name);
                if (key.index() == null) {
                    values.put(key.name(), SpringKey.text(key.name(), value));
                } else {
                    lists.computeIfAbsent(key.name(), none -> new TreeMap<>()).put(key.index(), String.valueOf(value));
                }
            }
        }
        lists.forEach((name, parts) -> values.put(name, String.join(", ", List.copyOf(parts.values()))));
        return values;
    }
}
