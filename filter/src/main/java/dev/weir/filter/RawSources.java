package dev.weir.filter;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;

/**
 * What the sources of a configuration said when it was read last, as it stands there: to tell that nothing has changed without
 * reading it again, which takes a thousand times as long. An expression may name any key, so all keys count.
 *
 * <p>A source that lists none of its names is asked for the keys that are known. Not thread-safe.
 */
final class RawSources {

    private final Config config;
    private List<Map<String, String>> seen = List.of();
    private Collection<String> known = List.of();

    RawSources(Config config) {
        this.config = config;
    }

    /** Remembers what the sources say now: before they are read, so that what changes meanwhile is seen the next time. */
    void remember() {
        List<Map<String, String>> now = new ArrayList<>();
        for (ConfigSource source : config.getConfigSources()) {
            // What our own source lists never changes, so that the very same map tells at once that nothing has.
            now.add(source instanceof ConfigFileSource ? said(source) : new HashMap<>(said(source)));
        }
        seen = now;
    }

    /** Says which keys may be there without being listed. */
    void know(Collection<String> keys) {
        known = List.copyOf(keys);
    }

    /** Whether any source says anything else than when it was remembered. */
    boolean haveChanged() {
        int next = 0;
        for (ConfigSource source : config.getConfigSources()) {
            if (next == seen.size() || !seen.get(next++).equals(said(source))) {
                return true;
            }
        }
        return next != seen.size();
    }

    private Map<String, String> said(ConfigSource source) {
        Map<String, String> listed = source.getProperties();
        if (!listed.isEmpty()) {
            return listed;
        }
        Map<String, String> asked = new HashMap<>();
        for (String key : known) {
            @Nullable String value = source.getValue(key);
            if (value != null) {
                asked.put(key, value);
            }
        }
        return asked;
    }
}
