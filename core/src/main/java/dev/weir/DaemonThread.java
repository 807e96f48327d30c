package dev.weir;

import java.util.concurrent.ThreadFactory;

/** Threads that do not keep an application from ending. */
final class DaemonThread {

    private DaemonThread() {}

    static ThreadFactory named(String name) {
        return task -> {
            Thread thread = new Thread(task, name);
            thread.setDaemon(true);
            return thread;
        };
    }
}
