package dev.weir.sample.dashboard;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.eclipse.jetty.ee10.servlets.EventSource;
import org.jspecify.annotations.Nullable;

/**
 * Sends an event to every open page once a second: one event for all of them, and none while no page is open.
 * Thread-safe.
 */
final class EventStream implements AutoCloseable {

    /** More are refused: a page of a browser needs one. */
    static final int MOST = 50;

    private static final Logger LOG = System.getLogger(EventStream.class.getName());
    private static final long PERIOD_MILLIS = 1_000;

    private final Supplier<String> event;
    private final Set<EventSource.Emitter> pages = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "dashboard-events");
        thread.setDaemon(true);
        return thread;
    });
    private @Nullable Future<?> ticking;

    EventStream(Supplier<String> event) {
        this.event = event;
    }

    /** A page that is about to listen. */
    EventSource page() {
        return new EventSource() {
            private EventSource.@Nullable Emitter open;

            @Override
            public void onOpen(Emitter emitter) {
                open = emitter;
                add(emitter);
            }

            @Override
            public void onClose() {
                if (open != null) {
                    remove(open);
                }
            }
        };
    }

    boolean isFull() {
        return pages.size() >= MOST || ticker.isShutdown();
    }

    private synchronized void add(EventSource.Emitter page) {
        pages.add(page);
        if (ticking == null && !ticker.isShutdown()) {
            ticking = ticker.scheduleWithFixedDelay(this::tick, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    private synchronized void remove(EventSource.Emitter page) {
        pages.remove(page);
        if (pages.isEmpty() && ticking != null) {
            ticking.cancel(false);
            ticking = null;
        }
    }

    private void tick() {
        try {
            String data = event.get();
            pages.forEach(page -> send(page, data));
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "The dashboard's event could not be made", e); // And the next one is tried.
        }
    }

    private void send(EventSource.Emitter page, String data) {
        try {
            page.data(data);
        } catch (IOException | IllegalStateException gone) {
            remove(page);
        }
    }

    @Override
    public void close() {
        ticker.shutdownNow();
        pages.forEach(EventSource.Emitter::close);
    }
}
