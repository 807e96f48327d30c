package dev.weir.faults;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** All traffic, to all instances, from its start to its end. */
final class Load {

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Queue<Answer> answers = new ConcurrentLinkedQueue<>();
    private final List<Traffic> kinds;
    private volatile boolean isOver;

    Load(List<Traffic> kinds) {
        this.kinds = kinds;
    }

    /** Begins to ask an instance, until it ends or all is over. */
    void start(Instance instance) {
        for (Traffic traffic : kinds) {
            for (int i = 0; i < traffic.connections(); i++) {
                threads.submit(() -> send(traffic, instance));
            }
        }
    }

    private void send(Traffic traffic, Instance instance) {
        Connection connection = null;
        long dueNanos = System.nanoTime();
        for (int request = 0; !isOver; request++) {
            if (connection == null) {
                connection = connect(traffic, instance);
            }
            if (connection == null && instance.isLeaving()) {
                return;
            }
            if (connection != null && !send(traffic, request, instance, connection)) {
                connection.close();
                connection = null;
            }
            // What could not be sent in time is not made up for: there is no flood after a pause.
            dueNanos = Math.max(dueNanos + traffic.nanosBetween(), System.nanoTime() - traffic.nanosBetween());
            LockSupport.parkNanos(dueNanos - System.nanoTime());
        }
        if (connection != null) {
            connection.close();
        }
    }

    private @Nullable Connection connect(Traffic traffic, Instance instance) {
        try {
            return new Connection(instance.port());
        } catch (IOException e) {
            if (!instance.isLeaving()) {
                answers.add(
                        new Answer(traffic, instance.port(), 0, System.nanoTime(), System.nanoTime(), Answer.BROKEN));
            }
            return null;
        }
    }

    /** Returns whether the connection can be used again. */
    private boolean send(Traffic traffic, int request, Instance instance, Connection connection) {
        long sentNanos = System.nanoTime();
        int client = traffic.client(request);
        try {
            Connection.Response response = connection.get(traffic.path(request), traffic.title());
            // One that ends may send a request elsewhere, which is no rejection by a limit.
            if (response.status() != 503 || !instance.isLeaving()) {
                answers.add(
                        new Answer(traffic, instance.port(), client, sentNanos, System.nanoTime(), response.status()));
            }
            return !connection.isOver();
        } catch (IOException e) {
            // A connection that is kept may be closed between two requests by one that ends: a client sends it again.
            boolean isExcused = instance.isLeaving() && (instance.isKilled() || e instanceof EOFException);
            if (!isExcused) {
                answers.add(new Answer(traffic, instance.port(), client, sentNanos, System.nanoTime(), Answer.BROKEN));
            }
            return false;
        }
    }

    /** Ends it, and returns all that was answered. */
    List<Answer> stop() throws InterruptedException {
        isOver = true;
        threads.shutdown();
        if (!threads.awaitTermination(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("requests are not answered");
        }
        return answers();
    }

    /** What has been answered so far. */
    List<Answer> answers() {
        return new ArrayList<>(answers);
    }
}
