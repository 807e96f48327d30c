package dev.weir.store;

import dev.weir.limit.Decision;
import java.util.List;

/** What a store says to a {@link StoreRequest}. */
public sealed interface StoreReply {

    /**
     * It was decided.
     *
     * @param atMicros when, on the store's clock: microseconds since the epoch; or {@link #NOT_GIVEN_BACK}
     * @param decisions one for each charge, in the same order
     * @param againAfterMicros if the charges were made: how long until the same would pass once more, if no other
     *     request takes permits before; 0 if they would at once, or if that is not known
     */
    record Decided(long atMicros, List<Decision> decisions, long againAfterMicros) implements StoreReply {

        /**
         * Instead of a time: nothing was charged at the store by that call, because permits that had been lent, or a
         * refusal that was remembered, decided it. Later than any clock shows, so that no store ever gives back what it
         * never charged.
         */
        public static final long NOT_GIVEN_BACK = Long.MAX_VALUE;

        /** One that does not say when the same would pass once more. */
        public Decided(long atMicros, List<Decision> decisions) {
            this(atMicros, decisions, 0);
        }

        /** One that charged nothing at the store. */
        public static Decided uncharged(Decision decision) {
            return new Decided(NOT_GIVEN_BACK, List.of(decision));
        }
    }

    /**
     * A request was decided, and permits were lent.
     *
     * @param decision on the request; with a cost of 0, what is left beside the lease
     * @param grant the lease that the instance has from now on; {@link Grant#NONE} if it got nothing, whether the
     *     request was permitted or not: the lease that it had before is as it was
     * @param againAfterMicros as in {@link Decided}; of one permit, if no request was waiting
     */
    record Leased(Decision decision, Grant grant, long againAfterMicros) implements StoreReply {}

    /**
     * Nothing was decided or charged, because the subject's overrides are others than the caller thought.
     *
     * @param overrides what they are
     */
    record Outdated(Overrides overrides) implements StoreReply {}
}
