package dev.weir.store;

import dev.weir.limit.Pool;
import dev.weir.limit.SlidingLog;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Where usage lives, and where requests are decided. Thread-safe.
 *
 * <p>A store is all that instances of an application share. To add one, implement this interface, extend
 * {@code StoreContract} in a test, and offer it through a {@link StoreProvider}. One without scripts has calls decided
 * by {@link SubjectUse}. Deadlines, retries, and what happens when a store fails are not a store's business:
 * {@code Weir} bounds the wait for every answer.
 *
 * <p>{@code Weir} first makes calls that are refused, for names that no client uses: a store keeps nothing of them.
 */
public interface Store extends AutoCloseable {

    /**
     * Decides the charges of one request together and atomically: if each limit has its cost left, all are charged;
     * otherwise none is.
     *
     * <p>A charge may be on a {@linkplain Charge#share share} of a {@link Pool}: then the pool and the client's own
     * limit, if it has one, are decided together by the rules of the pool. A store that keeps pools elsewhere than
     * clients need not compare versions there.
     *
     * <p>The same step compares the version of the subject's {@link Overrides}: if the store has another than the call,
     * it neither decides nor charges, and answers what it has.
     *
     * <p>Time is the store's own, never the instance's. Must not block the calling thread, and must charge at most
     * once: a call that may have been received is not sent again. A client that has its whole limit takes no room.
     *
     * @return the answer; completes with a {@link StoreException} if the store fails. The caller may cancel it, when it
     *     is no longer waiting: whether the charges were made is then unknown
     */
    CompletableFuture<StoreReply> tryAcquire(StoreRequest call);

    /**
     * Gives back what a call has charged, because the request was refused after all, by another subject. Its limits may
     * have been charged by others since; what time has given back already is not given back again. A charge that the
     * state does not show any more under the same numbers, and any if the subject's overrides have changed since, or if
     * callers' timestamps have a say in the state, is not given back: permits may be lost, but, as long as the limit
     * stays the same in between, never created. What is lent stays in use. It is sent at most once, whatever becomes of
     * it.
     *
     * <p>Must not block the calling thread.
     *
     * @param charged a call whose charges were all made, and that is given back only once
     * @param atMicros when they were made, as the {@linkplain StoreReply.Decided#atMicros answer} said
     * @return completes when it is done; with a {@link StoreException} if the store fails, and then it is unknown
     *     whether it was
     */
    CompletableFuture<@Nullable Void> giveBack(StoreRequest charged, long atMicros);

    /**
     * Charges what an instance has admitted by itself while it could not ask: every charge, atomically, whatever is
     * left of its limit. What is in use may be more than the limit's capacity from then on, as far as it can be counted
     * exactly; it drains as ever, and until it fits nothing more is admitted.
     *
     * <p>A charge on a share takes from one of two: from the client's own limit, where there is one beside the pool; or
     * from the pool. That is repaid by all its clients: each instance has divided by weight what it admitted, and the
     * subject says nothing.
     *
     * <p>The versions of overrides are not compared: what was admitted stays admitted. Must not block the calling
     * thread, and must charge at most once: a call that may have been received is not sent again.
     *
     * @param owed without a timestamp; its version and whether it is strict say nothing
     * @return completes when it is done; with a {@link StoreException} if the store fails
     */
    CompletableFuture<@Nullable Void> owe(StoreRequest owed);

    /**
     * As {@link #tryAcquire}, for one charge, and lends permits in advance: at most what is wanted, what is left, and
     * together with those of all other instances a tenth of the limit's capacity (under a window: of what is left of
     * it; from a pool: a quarter of its burst), and no more than comes back in a second; none at all under a
     * {@link SlidingLog}. Fewer or none is no failure.
     *
     * <p>What is lent counts as used, and does not come back by time before the lease has ended: so that no more is
     * admitted over any interval than the limit says, however many instances hold leases, and whatever becomes of them.
     * A lease ends no later than the window it was taken from. What is left is given back by a call that wants nothing.
     *
     * @return {@link StoreReply.Leased} or {@link StoreReply.Outdated}
     */
    CompletableFuture<StoreReply> lease(LeaseCall call);

    /** What is set for a subject; {@link Overrides#NONE} if nothing is. */
    CompletableFuture<Overrides> overrides(Subject subject);

    /**
     * Sets what holds for a subject in every later call, durably and in one step, if its version is still the expected
     * one. Where nothing is set for a bucket any more, the same step forgets what of it is in use.
     *
     * @param expected the version that is to be replaced; {@link Overrides#NO_VERSION} if nothing may be set yet
     * @param next what to set, under a new version of the store's choice; empty to set nothing
     * @return whether it was set; if not, another change came first
     */
    CompletableFuture<Boolean> replace(Subject subject, long expected, Overrides next);

    /**
     * Announces what is set from now on, until this store is closed: each {@link #replace} that has set something, by
     * whichever instance, calls {@link ChangeListener#onChange} of every listener, soon and at most once or twice.
     *
     * <p>An announcement makes a change hold at once where permits are leased or refusals are remembered. It is no more
     * than that: every call carries a version, so without announcements a change holds within a second. A store that
     * cannot announce has nothing to do here. One that may have lost announcements, because a connection broke for
     * instance, calls {@link ChangeListener#onGap} as soon as it announces again, and when it announces for the first
     * time.
     *
     * <p>Must not block the calling thread, and does not fail if the store is away: it announces once it is there.
     */
    void listen(ChangeListener listener);

    /**
     * Everything of a kind that is set, page by page.
     *
     * @param from what the page before said, or an empty string for the first
     * @param most about how many entries a page should have, at least 1
     * @return the page; completes with an {@link IllegalArgumentException} if {@code from} cannot be what a page said
     */
    CompletableFuture<Page> list(Subject.Kind kind, String from, int most);

    /**
     * Reports to the store that this instance is live, and asks how many are. It takes the same way as a decision and
     * needs the same of the store, so an answer means that decisions can be made again.
     *
     * @param instanceId this instance's id
     * @return the number of instances, this one included, that sent a heartbeat in the last few seconds
     */
    CompletableFuture<Integer> heartbeat(String instanceId);

    /**
     * This store, if it is one of this process's own memory; empty if an answer may take time or fail to come.
     */
    default Optional<NearStore> near() {
        return Optional.empty();
    }

    /** The ids of the instances that sent a heartbeat in the last few seconds, in no order. */
    CompletableFuture<List<String>> instances();

    /**
     * Why what is kept here may be lost although the store answers, in a few words for an operator: memory that is
     * full, for instance. Empty if all is well, and by default. Must not block.
     */
    default Optional<String> degraded() {
        return Optional.empty();
    }

    /**
     * What the store has counted so far; nothing by default. Asked about once a second, for metrics. Must not block.
     */
    default StoreCounts counts() {
        return StoreCounts.NONE;
    }

    /** Gives back what the store holds, connections for instance; calls after it fail. */
    @Override
    void close();
}
