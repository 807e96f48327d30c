package dev.weir.store;

import java.util.concurrent.ThreadFactory;

/** Threads that do not keep an application from ending. */
public final class DaemonThread {

    private DaemonThread() {}

    public static ThreadFactory named(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}
