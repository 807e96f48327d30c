package dev.weir.filter.config;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The file of configuration, as it was when it was last readable. A file that goes away after it was refused counts as
 * it was when it was last accepted: an error that is gone with its file keeps no other source from being read. Not
 * thread-safe.
 *
 * <p>Its bytes show whether it has changed: a file of this size costs no more to read than to look at, and neither a
 * coarse clock, nor an equal size, nor a swapped link can hide a change.
 */
final class ConfigFile {

    private static final Logger LOG = System.getLogger(ConfigFile.class.getName());
    private static final long SETTLE_MILLIS = 100;
    private static final int SETTLE_TRIES = 12;
    private static final int TRIES_IF_BROKEN_OFF = 6;

    private final Path path;
    private final ConfigFileSource source;
    private final boolean registered;
    private byte @Nullable [] bytes;
    private List<String> problems = List.of();
    private Map<String, String> said = Map.of();
    private Map<String, String> accepted = Map.of();
    private boolean refused;
    private boolean away;

    /** @param registered whether the source is one of the configuration's, so that its values are read */
    ConfigFile(Path path, ConfigFileSource source, boolean registered) {
        this.path = path;
        this.source = source;
        this.registered = registered;
    }

    Path directory() {
        Path parent = path.toAbsolutePath().getParent();
        return parent == null ? path.toAbsolutePath() : parent;
    }

    /** What is wrong with the file as a whole, as last read. */
    List<String> problems() {
        return problems;
    }

    /** What the file says is in force from now on. */
    void accept() {
        accepted = said;
        refused = false;
    }

    /** What the file says is not in force, because of an error there or elsewhere. */
    void refuse() {
        refused = true;
    }

    /** Reads the file for the first time. */
    void open() {
        if (!registered) {
            problems = List.of("%s = '%s': this Config was built without %s"
                    .formatted(ConfigKeys.CONFIG_FILE.pattern(), path, ConfigFileSource.class.getName()));
            return;
        }
        try {
            take(read());
        } catch (IOException e) {
            problems = List.of("%s = '%s': %s".formatted(ConfigKeys.CONFIG_FILE.pattern(), path, why(e)));
        }
    }

    /**
     * Reads the file again if it has changed and is no longer being written. A file that is away is no file that says
     * nothing: what is in force of it goes on.
     *
     * @return whether it says something new
     */
    boolean refresh() throws InterruptedException {
        try {
            byte[] now = read();
            if (away) {
                LOG.log(Level.INFO, "{0} is back", path);
                away = false;
            }
            Optional<byte[]> settled = Arrays.equals(now, bytes) ? Optional.empty() : settled(now);
            settled.ifPresent(this::take);
            return settled.isPresent();
        } catch (ClosedByInterruptException e) {
            throw new InterruptedException("closed while reading");
        } catch (IOException e) {
            if (!away) {
                LOG.log(Level.WARNING, "{0}: {1}; what is in force stays in force", path, why(e));
                away = true;
                return false; // An editor may be about to write it again.
            }
            return e instanceof NoSuchFileException && fallBack();
        }
    }

    private boolean fallBack() {
        if (!refused || !source.getProperties().equals(said)) {
            return false;
        }
        problems = List.of();
        say(accepted);
        bytes = null; // If it comes back as it was, it is refused again.
        return true;
    }

    private void say(Map<String, String> values) {
        source.say(path.toString(), values);
        said = source.getProperties();
        refused = false;
    }

    /**
     * An editor may write in place, and half a file can be as valid as a whole one: it must hold still for a moment;
     * for a longer one if it is empty, or breaks off within a line.
     */
    private Optional<byte[]> settled(byte[] first) throws IOException, InterruptedException {
        byte[] before = first;
        int still = 0;
        for (int i = 0; i < SETTLE_TRIES; i++) {
            Thread.sleep(SETTLE_MILLIS); // Long enough for the next piece of a file that is being written.
            byte[] now = read();
            still = Arrays.equals(before, now) ? still + 1 : 0;
            if (still > 0 && (isWhole(now) || still == TRIES_IF_BROKEN_OFF)) {
                return Optional.of(now);
            }
            before = now;
        }
        return Optional.empty();
    }

    private static boolean isWhole(byte[] content) {
        return content.length > 0 && content[content.length - 1] == '\n';
    }

    private void take(byte[] now) {
        FileText text = FileText.parse(path, now);
        problems = text.problems();
        if (text.values().isPresent()) {
            say(text.values().get());
        } else if (refused) {
            say(accepted); // Else the errors of before would stand beside those of now.
        }
        bytes = now; // Last, so that what fails here is tried again.
    }

    private byte[] read() throws IOException {
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            throw new IOException("not a regular file");
        }
        try (InputStream in = Files.newInputStream(path)) {
            return in.readNBytes(FileText.MAX_BYTES + 1);
        }
    }

    private static String why(IOException e) {
        if (e instanceof NoSuchFileException) {
            return "there is no such file";
        }
        return e.getClass() == IOException.class
                ? String.valueOf(e.getMessage())
                : "cannot be read (" + e.getClass().getSimpleName() + ")";
    }
}
