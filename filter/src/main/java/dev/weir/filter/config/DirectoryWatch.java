package dev.weir.filter.config;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A pause that ends early when something happens in a directory. The directory, not the file: a link that is swapped,
 * as a mounted ConfigMap's is, fires no event for the file.
 *
 * <p>Only there to be quick. On network file systems, or where the system has no watch, no permission or no thread for
 * it, it is an ordinary pause.
 */
final class DirectoryWatch implements AutoCloseable {

    private static final long DEBOUNCE_MILLIS = 50;

    private final @Nullable Path directory;
    private final @Nullable WatchService service;
    private @Nullable WatchKey registered;

    /** @param directory where to look; nothing ends a pause early if there is none */
    DirectoryWatch(Optional<Path> directory) {
        this.directory = directory.orElse(null);
        this.service = directory.map(DirectoryWatch::service).orElse(null);
    }

    private static @Nullable WatchService service(Path directory) {
        try {
            return directory.getFileSystem().newWatchService();
        } catch (IOException | RuntimeException | Error e) {
            return null;
        }
    }

    void pause(Duration longest) throws InterruptedException {
        if (service == null || !isRegistered(service)) {
            Thread.sleep(longest.toMillis()); // Nothing can end it early; the caller looks again after it anyway.
            return;
        }
        try {
            WatchKey key = service.poll(longest.toNanos(), TimeUnit.NANOSECONDS);
            if (key != null) {
                Thread.sleep(DEBOUNCE_MILLIS); // One change to a file is several events: they are taken as one.
                key.pollEvents();
                if (!key.reset()) {
                    registered = null; // The directory is gone; it may come back.
                }
            }
        } catch (ClosedWatchServiceException e) {
            throw new InterruptedException("closed");
        }
    }

    private boolean isRegistered(WatchService service) {
        if (registered == null && directory != null) {
            try {
                registered = directory.register(
                        service,
                        StandardWatchEventKinds.ENTRY_CREATE,
                        StandardWatchEventKinds.ENTRY_MODIFY,
                        StandardWatchEventKinds.ENTRY_DELETE);
            } catch (IOException | RuntimeException | Error e) {
                return false;
            }
        }
        return registered != null;
    }

    @Override
    public void close() {
        try {
            if (service != null) {
                service.close();
            }
        } catch (IOException e) {
            // Nothing is lost with it.
        }
    }
}
