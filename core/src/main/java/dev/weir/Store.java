package dev.weir;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Where usage lives, and where requests are decided. Thread-safe.
 *
 * <p>A store is all that instances of an application share. To add one, implement this interface, extend
 * {@code StoreContract} in a test, and offer it through a {@link StoreProvider}. Deadlines, retries, and what happens
 * when a store fails are not a store's business: {@link Weir} bounds the wait for every answer.
 */
public interface Store extends AutoCloseable {

    /**
     * Decides the charges of one request together and atomically: if each limit has its cost left, all are charged;
     * otherwise none is.
     *
     * <p>Time is the store's own, never the instance's. Must not block the calling thread, and must charge at most once: a
     * call that may have been received is not sent again. A client that has its whole limit takes no room.
     *
     * @param client the client's id, 1 to 256 bytes in UTF-8
     * @param charges at least one, each of another policy
     * @return one decision per charge, in the same order; completes with a {@link StoreException} if the store fails. The
     *     caller may cancel it, when it is no longer waiting: whether the charges were made is then unknown
     */
    CompletableFuture<List<Decision>> tryAcquire(String client, List<Charge> charges);

    /**
     * Tells the store that this instance lives, and asks how many do. It takes the same way as a decision and needs the
     * same of the store, so an answer means that decisions can be made again.
     *
     * @param instanceId this instance's id
     * @return the number of instances, this one included, that were heard of in the last few seconds
     */
    CompletableFuture<Integer> heartbeat(String instanceId);

    /** Gives back what the store holds, connections for instance; calls after it fail. */
    @Override
    void close();
}
