package dev.weir.store;

import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A store in the memory of this process. It answers at once and is always there: its requests need no deadline, no
 * lease and no local share. Implementations are thread-safe.
 *
 * @see Store#near
 */
public interface NearStore extends Store {

    /** As {@link #tryAcquire}, on the thread of the caller. */
    StoreReply decide(StoreRequest call);

    /** What {@link #allow} comes to. */
    enum Answer {
        /** The permits were taken. */
        PERMITTED,
        /** They were not there. */
        REFUSED,
        /** Something is set for the client at run time; nothing is charged. */
        UNDECIDED
    }

    /**
     * As {@link #decide(StoreRequest)} for a client for which nothing is set at run time, without making an object of
     * the answer.
     *
     * @param policy under which name use is counted
     * @param cost at least 1
     */
    Answer allow(String client, String policy, Limit limit, long cost);

    /**
     * As {@link #decide(StoreRequest)} for the one charge that nearly all requests make, without making a call of it.
     *
     * @param kind with {@code id}: the subject whose use is charged
     * @param whole charged together with {@code charge} or not at all; null if nothing else is charged
     * @param version of the overrides from which the charges were resolved
     * @return a decision for each charge; null if other overrides are in force, and then nothing is charged
     */
    @Nullable List<Decision> decide(Subject.Kind kind, String id, Charge charge, @Nullable Charge whole, long version);
}
