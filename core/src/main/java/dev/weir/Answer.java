package dev.weir;

import java.util.List;

/** What a store says to a {@link Call}. */
public sealed interface Answer {

    /**
     * It was decided.
     *
     * @param decisions one for each charge, in the same order
     */
    record Decided(List<Decision> decisions) implements Answer {}

    /**
     * A request was decided, and permits were lent.
     *
     * @param decision on the request; with a cost of 0, what is left beside the lease
     * @param grant the lease that the instance has from now on; {@link Grant#NONE} if it got nothing, whether the request was
     *     permitted or not: the lease that it had before is as it was
     */
    record Leased(Decision decision, Grant grant) implements Answer {}

    /**
     * Nothing was decided or charged, because the subject's overrides are others than the caller thought.
     *
     * @param overrides what they are
     */
    record Outdated(Overrides overrides) implements Answer {}
}
