package dev.weir.dashboard;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends an event to every open page once a second: one event for all of them, and none while no page is open. Bounded:
 * at most {@value #MOST} pages, each with one event that it has not taken yet. Thread-safe.
 */
final class EventStream implements AutoCloseable {

    /** More are refused: a page of a browser needs one. */
    static final int MOST = 50;

    private static final Logger LOG = System.getLogger(EventStream.class.getName());
    private static final long PERIOD_MILLIS = 1_000;

    private final Supplier<String> event;
    private final Set<EventPage> pages = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread thread = new Thread(work, "weir-dashboard");
        thread.setDaemon(true);
        return thread;
    });
    private int reserved;
    private @Nullable Future<?> ticking;

    /** @param event makes the next one, without line breaks */
    EventStream(Supplier<String> event) {
        this.event = event;
    }

    /** Whether there is room for one more page, which is then to be {@link #open opened}. */
    synchronized boolean reserve() {
        if (reserved >= MOST || ticker.isShutdown()) {
            return false;
        }
        reserved++;
        return true;
    }

    /** Opens a page for which there is room. */
    void open(HttpServletRequest request, HttpServletResponse response) throws IOException {
        EventPage page;
        try {
            response.setContentType("text/event-stream");
            response.setCharacterEncoding("UTF-8");
            response.setHeader("Cache-Control", "no-store");
            response.setHeader("X-Accel-Buffering", "no"); // Proxies such as nginx would collect events.
            AsyncContext async = request.startAsync();
            async.setTimeout(0);
            page = new EventPage(async, this::remove);
        } catch (IOException | RuntimeException e) {
            release();
            throw e;
        }
        if (add(page)) {
            page.start();
        } else {
            page.close();
        }
    }

    /** Whether events go to a page from now on; none do after the end. */
    private synchronized boolean add(EventPage page) {
        if (ticker.isShutdown()) {
            return false;
        }
        pages.add(page);
        if (ticking == null) {
            ticking = ticker.scheduleWithFixedDelay(this::tick, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
        }
        return true;
    }

    private synchronized void remove(EventPage page) {
        pages.remove(page);
        release();
        if (pages.isEmpty() && ticking != null) {
            ticking.cancel(false);
            ticking = null;
        }
    }

    private synchronized void release() {
        reserved--;
    }

    private void tick() {
        try {
            byte[] data = ("data: " + event.get() + "\n\n").getBytes(StandardCharsets.UTF_8);
            pages.forEach(page -> page.send(data));
        } catch (RuntimeException e) {
            LOG.log(Level.WARNING, "The dashboard's event could not be made", e); // And the next one is tried.
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            ticker.shutdownNow();
        }
        pages.forEach(EventPage::close);
    }
}
