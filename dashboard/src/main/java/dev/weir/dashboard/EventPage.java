package dev.weir.dashboard;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A page that listens. Nothing here blocks: while its connection takes no more, only the latest event waits for it, and
 * those before are dropped. So a slow reader holds one event and no thread, and misses what it is too slow for; the
 * server ends its connection when nothing has moved for the idle time-out. Thread-safe.
 */
final class EventPage implements WriteListener {

    private final AsyncContext async;
    private final ServletOutputStream out;
    private final Consumer<EventPage> onEnd;
    private byte @Nullable [] next;
    private boolean isOpen;
    private boolean isUnflushed = true; // The headers, at first.
    private boolean hasEnded;

    /** @param onEnd is notified once: when the reader is gone, or at {@link #close} */
    EventPage(AsyncContext async, Consumer<EventPage> onEnd) throws IOException {
        this.async = async;
        this.out = async.getResponse().getOutputStream();
        this.onEnd = onEnd;
    }

    void start() {
        try {
            out.setWriteListener(this);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Sends it now or, in place of what waits already, as soon as the connection takes it. */
    void send(byte[] event) {
        try {
            synchronized (this) {
                next = event;
                write();
            }
        } catch (IOException | RuntimeException gone) { // Whatever the server throws, the other pages get theirs.
            close();
        }
    }

    @Override
    public synchronized void onWritePossible() throws IOException {
        isOpen = true;
        write();
    }

    private void write() throws IOException {
        while (isOpen && !hasEnded && out.isReady()) {
            byte[] event = next;
            if (event != null) {
                next = null;
                out.write(event);
                isUnflushed = true;
            } else if (isUnflushed) {
                isUnflushed = false;
                out.flush();
            } else {
                return;
            }
        }
    }

    @Override
    public void onError(Throwable gone) {
        close();
    }

    /** Ends the response. */
    void close() {
        synchronized (this) {
            if (hasEnded) {
                return;
            }
            hasEnded = true;
            next = null;
        }
        onEnd.accept(this);
        try {
            async.complete();
        } catch (IllegalStateException e) {
            // The server has ended it already.
        }
    }
}
