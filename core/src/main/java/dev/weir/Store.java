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
     * <p>The same step compares the version of the subject's {@link Overrides}: if the store has another than the call, it
     * neither decides nor charges, and answers what it has.
     *
     * <p>Time is the store's own, never the instance's. Must not block the calling thread, and must charge at most once: a
     * call that may have been received is not sent again. A client that has its whole limit takes no room.
     *
     * @return the answer; completes with a {@link StoreException} if the store fails. The caller may cancel it, when it is no
     *     longer waiting: whether the charges were made is then unknown
     */
    CompletableFuture<Answer> tryAcquire(Call call);

    /**
     * Decides a request on a pool, and on the client's own limit if it has one, together and atomically: both are charged, or
     * none is. What is true of time, of blocking and of charging once is as for other calls.
     *
     * <p>Overrides take no part in it: they are kept with the client, and a pool with the others who share it. The caller
     * resolves them, and asks for them now and then.
     *
     * @return the decision; completes with a {@link StoreException} if the store fails
     */
    CompletableFuture<Decision> tryAcquire(PoolCall call);

    /**
     * As {@link #tryAcquire(Call)}, for one charge, and lends permits in advance: at most what is wanted, what is left, and together
     * with those of all other instances a tenth of the limit's capacity (under a window: of what is left of it); none at all under
     * a {@link SlidingLog}. Fewer or none is no failure.
     *
     * <p>What is lent counts as used, and does not come back by time before the lease has ended: so that no more is
     * admitted over any interval than the limit says, however many instances hold leases, and whatever becomes of them. A
     * lease ends no later than the window it was taken from. What is left is given back by a call that wants nothing.
     *
     * @return {@link Answer.Leased} or {@link Answer.Outdated}
     */
    CompletableFuture<Answer> lease(LeaseCall call);

    /** What is set for a subject; {@link Overrides#NONE} if nothing is. */
    CompletableFuture<Overrides> overrides(Subject subject);

    /**
     * Sets what holds for a subject from the next call on, durably and in one step, if its version is still the expected one.
     *
     * @param expected the version that is to be replaced; {@link Overrides#NO_VERSION} if nothing may be set yet
     * @param next what to set, under a new version of the store's choice; empty to set nothing
     * @return whether it was set; if not, somebody else was faster
     */
    CompletableFuture<Boolean> replace(Subject subject, long expected, Overrides next);

    /**
     * Everything of a kind that is set, page by page.
     *
     * @param from what the page before said, or an empty string for the first
     * @param most about how many entries a page should have, at least 1
     * @return the page; completes with an {@link IllegalArgumentException} if {@code from} cannot be what a page said
     */
    CompletableFuture<Page> list(Subject.Kind kind, String from, int most);

    /**
     * Tells the store that this instance lives, and asks how many do. It takes the same way as a decision and needs the
     * same of the store, so an answer means that decisions can be made again.
     *
     * @param instanceId this instance's id
     * @return the number of instances, this one included, that were heard of in the last few seconds
     */
    CompletableFuture<Integer> heartbeat(String instanceId);

    /** The ids of the instances that were heard of in the last few seconds, in no order. */
    CompletableFuture<List<String>> instances();

    /** Gives back what the store holds, connections for instance; calls after it fail. */
    @Override
    void close();
}
