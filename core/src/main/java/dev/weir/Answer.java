package dev.weir;

import java.util.List;

/** What a store says to a {@link Call}. */
public sealed interface Answer {

    /**
     * It was decided.
     *
     * @param atMicros when, on the store's clock: microseconds since the epoch
     * @param decisions one for each charge, in the same order
     */
    record Decided(long atMicros, List<Decision> decisions) implements Answer {}

    /**
     * Nothing was decided or charged, because the subject's overrides are others than the caller thought.
     *
     * @param overrides what they are
     */
    record Outdated(Overrides overrides) implements Answer {}
}
