package dev.weir.redisson;

import io.netty.util.concurrent.GlobalEventExecutor;

/**
 * Loads the classes that Netty needs after the end of an application. A second after its last work, its global thread
 * runs a task of its own, and ends; later the finalizer of its allocator frees memory. The class loader of a web
 * application that has been stopped finds no class any more, not even one of the JDK. If the thread then needs one for
 * the first time, it never ends, and the loader is never collected.
 */
final class LateClasses {

    /** Used by the finalizer of the allocator since Netty 4.2. */
    private static final String[] OF_ALLOCATOR = {
        "io.netty.util.concurrent.ConcurrentSkipListIntObjMultimap$EntryIterator"
    };

    /** The first thread of Netty's global executor. Its end has loaded all that a second thread needs for its own. */
    private static final Thread FIRST_GLOBAL = GlobalEventExecutor.INSTANCE
            .submit(Thread::currentThread)
            .syncUninterruptibly()
            .getNow();

    private LateClasses() {}

    /** Begins; it takes about a second, and holds up nothing. */
    static void load() {
        for (String name : OF_ALLOCATOR) {
            load(name);
        }
    }

    /** Waits until all is loaded, which it is if the application has run for a second or two. */
    static void await() {
        NettyThreads.join(FIRST_GLOBAL);
    }

    private static void load(String name) {
        try {
            Class.forName(name);
        } catch (ClassNotFoundException e) {
            // Another version of Netty, which has no such class and so does not need it.
        }
    }
}
