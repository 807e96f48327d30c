package dev.weir.benchmarks;

/** A limiter under measurement: the one question that all of them answer. Thread-safe. */
interface Contender extends AutoCloseable {

    /** Whether the client may go on; takes one permit if so. */
    boolean tryAcquire(String client);

    /** Ends what it has opened: connections, threads. */
    @Override
    default void close() {}
}
