package dev.weir.spring;

import java.util.Map;
import java.util.Set;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;

/** Values of keys that hold where the application does not set them: it says the same in Spring's own properties. */
record Defaults(Map<String, String> getProperties) implements ConfigSource {

    static final Defaults NONE = new Defaults(Map.of());

    @Override
    public Set<String> getPropertyNames() {
        return getProperties.keySet();
    }

    @Override
    public @Nullable String getValue(String key) {
        return getProperties.get(key);
    }

    @Override
    public String getName() {
        return "Spring's own properties";
    }
}
