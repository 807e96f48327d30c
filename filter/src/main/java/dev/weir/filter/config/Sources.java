package dev.weir.filter.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;

/** All sources of one configuration, and among them the file that is watched. Not thread-safe. */
public final class Sources {

    /** For how long a Config may go on with what it has read before; Payara's does so for a minute. */
    private static final long KEPT_NANOS = Duration.ofMinutes(2).toNanos();

    /** Between two looks meanwhile. */
    private static final long AGAIN_NANOS = Duration.ofSeconds(5).toNanos();

    private final Config config;
    private final KeyCatalog catalog;
    private final @Nullable ConfigFile file;
    private final RawSources raw;
    private boolean hasLooked;
    private long lookedAtNanos = System.nanoTime();
    private long keptUntilNanos = lookedAtNanos;

    public Sources(Config config, KeyCatalog catalog) {
        this.config = config;
        this.catalog = catalog;
        this.raw = new RawSources(config);
        ConfigFileSource source = StreamSupport.stream(config.getConfigSources().spliterator(), false)
                .filter(ConfigFileSource.class::isInstance)
                .map(ConfigFileSource.class::cast)
                .findFirst()
                .orElse(null);
        file = path(config)
                .map(path -> new ConfigFile(path, source == null ? new ConfigFileSource() : source, source != null))
                .orElse(null);
        if (file != null) {
            file.open();
        } else if (source != null) {
            source.say(
                    ConfigKeys.CONFIG_FILE.pattern().toString(),
                    Map.of()); // An earlier limiter on this Config may have had a file.
        }
    }

    private static Optional<Path> path(Config config) {
        try {
            return Optional.ofNullable(config.getConfigValue(
                                    ConfigKeys.CONFIG_FILE.pattern().toString())
                            .getValue())
                    .filter(text -> !text.isBlank())
                    .map(String::strip)
                    .map(ConfigKeys.CONFIG_FILE.kind().read());
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // It is reported when values are judged.
        }
    }

    /** What is given now. */
    public ConfigSnapshot look() {
        lookedAtNanos = System.nanoTime();
        if (hasLooked && raw.haveChanged()) {
            keptUntilNanos = lookedAtNanos + KEPT_NANOS;
        }
        hasLooked = true;
        raw.remember();
        ConfigSnapshot given = ConfigSnapshot.read(config, catalog, file == null ? List.of() : file.problems());
        Set<String> known = new HashSet<>(given.values().keySet());
        catalog.patterns().forEach(pattern -> known.add(pattern.toString()));
        raw.know(known);
        return given;
    }

    /**
     * Whether to {@link #look} again is worth it: the sources say something else than at the last look, or did so a
     * short time ago, and the {@code Config} may not have read it yet.
     */
    boolean mayHaveChanged() {
        long nowNanos = System.nanoTime();
        boolean mayBeKept = keptUntilNanos - nowNanos > 0 && nowNanos - lookedAtNanos >= AGAIN_NANOS;
        return mayBeKept || raw.haveChanged();
    }

    /** Reads the file again; whether it says something new. */
    boolean refreshFile() throws InterruptedException {
        return file != null && file.refresh();
    }

    /** The directory to watch, if there is a file. */
    Optional<Path> directory() {
        return Optional.ofNullable(file).map(ConfigFile::directory);
    }
}
