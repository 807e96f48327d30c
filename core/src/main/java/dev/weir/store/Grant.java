package dev.weir.store;

/**
 * Permits that a store has given to an instance in advance.
 *
 * @param permits how many, 0 or more; those of the lease that this one carries on included
 * @param epoch by what the store will know the lease again: what is said of a lease of another epoch has no effect
 * @param lifeMicros how long the store holds the permits back, counted from when it decided. The instance has to stop
 *     before: it counts from before it asked, and subtracts a margin for clocks that run at different speeds
 */
public record Grant(long permits, long epoch, long lifeMicros) {

    /** No lease. */
    public static final Grant NONE = new Grant(0, 0, 0);
}
