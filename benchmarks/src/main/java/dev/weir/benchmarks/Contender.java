package dev.weir.benchmarks;

import java.util.Collection;

/** A limiter under measurement: the one question that all of them answer. Thread-safe. */
interface Contender extends AutoCloseable {

    /** Whether the client may go on; takes one permit if so. */
    boolean tryAcquire(String client);

    /** Sets up, before any clock runs, what has to be set up once for each client; most need nothing. */
    default void expect(Collection<String> clients) {}

    /** Ends what it has opened: connections, threads. */
    @Override
    default void close() {}
}
