package dev.weir.filter.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.jspecify.annotations.Nullable;

/**
 * What the sources of a configuration said when it was read last, as it stands there: to find that nothing has changed
 * without reading it again, which takes a thousand times as long. An expression may name any key, so all keys count.
 *
 * <p>A source need not list all that it serves: one that keeps secrets may know them by name only. So each is asked for
 * the known keys that it does not list. Not thread-safe.
 */
final class RawSources {

    /** What a source lists, and what else of the known keys it serves. */
    private record Said(Map<String, String> listed, Map<String, String> unlisted) {}

    private final Config config;
    private List<Said> seen = List.of();
    private Collection<String> known = List.of();

    RawSources(Config config) {
        this.config = config;
    }

    /**
     * Remembers what the sources say now: before they are read, so that what changes meanwhile is seen the next time.
     */
    void remember() {
        List<Said> now = new ArrayList<>();
        for (ConfigSource source : config.getConfigSources()) {
            Said said = said(source);
            // What our own source lists never changes, so that the very same map shows at once that nothing has.
            now.add(source instanceof ConfigFileSource ? said : new Said(new HashMap<>(said.listed), said.unlisted));
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

    private Said said(ConfigSource source) {
        Map<String, String> listed = source.getProperties();
        return new Said(listed, listsAll(source) ? Map.of() : unlisted(source, listed));
    }

    /** The sources that come with an implementation do: the environment, system properties, files. So do our own. */
    private boolean listsAll(ConfigSource source) {
        return source.getClass().getPackage() == RawSources.class.getPackage()
                || source.getClass().getPackage() == config.getClass().getPackage();
    }

    private Map<String, String> unlisted(ConfigSource source, Map<String, String> listed) {
        Map<String, String> unlisted = new HashMap<>();
        for (String key : known) {
            @Nullable String value = listed.containsKey(key) ? null : source.getValue(key);
            if (value != null) {
                unlisted.put(key, value);
            }
        }
        return unlisted;
    }
}
