package dev.weir.filter.metrics;

import dev.weir.limit.Decision;

/**
 * How a decision came out: the tag {@code outcome} of {@code weir_decisions_total} and {@code weir_cost_total}, in
 * lower case; and {@code weir.outcome} in traces.
 */
public enum Outcome {
    PERMITTED,
    REJECTED,
    COST_ABOVE_LIMIT,
    STALE,
    FUTURE,
    QUEUE_FULL,
    /** Permitted, but only because the policy or the filter is in shadow mode. */
    SHADOW_REJECTED,
    PERMITTED_WITHOUT_STORE,
    REJECTED_WITHOUT_STORE;

    /** Whether such requests take what they cost. */
    boolean takes() {
        return this == PERMITTED || this == PERMITTED_WITHOUT_STORE;
    }

    /** The outcome of a decision. */
    public static Outcome of(Decision decision) {
        boolean permitted = decision.permitted();
        return switch (decision.reason()) {
            case STORE_UNAVAILABLE -> permitted ? PERMITTED_WITHOUT_STORE : REJECTED_WITHOUT_STORE;
            case COST_ABOVE_LIMIT -> permitted ? SHADOW_REJECTED : COST_ABOVE_LIMIT;
            case STALE -> permitted ? SHADOW_REJECTED : STALE;
            case FUTURE -> permitted ? SHADOW_REJECTED : FUTURE;
            case QUEUE_FULL -> QUEUE_FULL;
            case LIMIT, SHARE, CAPACITY -> permitted ? SHADOW_REJECTED : REJECTED;
            case OK -> permitted ? PERMITTED : REJECTED;
        };
    }
}
