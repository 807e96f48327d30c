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

    /** Of one look: a source that says something else each time must not hold it up. */
    private static final int MOST_READS = 3;

    private final Config config;
    private final KeyCatalog catalog;
    private final @Nullable ConfigFile file;
    private final RawSources raw;
    private long lookedAtNanos = System.nanoTime();
    private long keptUntilNanos = lookedAtNanos;

    public Sources(Config config, KeyCatalog catalog) {
        this.config = config;
        this.catalog = catalog;
        this.raw = new RawSources(config);
        this.file = opened(config);
    }

    /**
     * Opens the file of a configuration, so that the configuration has what stands there. A limiter does so by itself:
     * this is for what asks for a value before there is a limiter.
     */
    public static void openFile(Config config) {
        opened(config);
    }

    private static @Nullable ConfigFile opened(Config config) {
        ConfigFileSource source = StreamSupport.stream(config.getConfigSources().spliterator(), false)
                .filter(ConfigFileSource.class::isInstance)
                .map(ConfigFileSource.class::cast)
                .findFirst()
                .orElse(null);
        ConfigFile file = path(config)
                .map(path -> new ConfigFile(path, source == null ? new ConfigFileSource() : source, source != null))
                .orElse(null);
        if (file != null) {
            file.open();
        } else if (source != null) {
            source.say(
                    ConfigKeys.CONFIG_FILE.pattern().toString(),
                    Map.of()); // An earlier limiter on this Config may have had a file.
        }
        return file;
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

    /**
     * What is given now. It is read key by key: where a source has changed meanwhile, it is read again, or a limit of
     * before might be in force with a period of after.
     */
    public ConfigSnapshot look() {
        lookedAtNanos = System.nanoTime();
        ConfigSnapshot given = read();
        for (int again = 1; again < MOST_READS && haveChanged(); again++) {
            given = read();
        }
        Set<String> known = new HashSet<>(given.values().keySet());
        catalog.patterns().forEach(pattern -> known.add(pattern.toString()));
        raw.know(known);
        return given;
    }

    private ConfigSnapshot read() {
        raw.remember();
        return ConfigSnapshot.read(config, catalog, file == null ? List.of() : file.problems());
    }

    /** Whether to {@link #look} again is worth it: what the sources say is not what they said then. */
    boolean haveChanged() {
        return noted(raw.haveChanged());
    }

    private boolean noted(boolean isChange) {
        if (isChange) {
            keptUntilNanos = System.nanoTime() + KEPT_NANOS;
        }
        return isChange;
    }

    /** Whether they have changed a short time ago, so that the {@code Config} may not have read it yet. */
    boolean haveJustChanged() {
        return keptUntilNanos - System.nanoTime() > 0;
    }

    /** Whether to {@link #look} again for that. */
    boolean areDueAgain() {
        return haveJustChanged() && System.nanoTime() - lookedAtNanos >= AGAIN_NANOS;
    }

    /** Reads the file again; whether it says something new. */
    boolean refreshFile() throws InterruptedException {
        return file != null && noted(file.refresh());
    }

    /** What the file says is in force from now on. */
    void accept() {
        if (file != null) {
            file.accept();
        }
    }

    /** What the sources say together is not in force. */
    void refuse() {
        if (file != null) {
            file.refuse();
        }
    }

    /** The directory to watch, if there is a file. */
    Optional<Path> directory() {
        return Optional.ofNullable(file).map(ConfigFile::directory);
    }
}
