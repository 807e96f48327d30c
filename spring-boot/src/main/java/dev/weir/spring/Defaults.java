package dev.weir.spring;

import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;

/**
 * Values of keys that the application does not set.
 *
 * @param getName where they come from, for messages
 */
record Defaults(String getName, Map<String, String> getProperties) implements ConfigSource {

    @Override
    public Set<String> getPropertyNames() {
        return getProperties.keySet();
    }

    @Override
    public @Nullable String getValue(String key) {
        return getProperties.get(key);
    }
}
