package dev.weir.lease;

import java.time.Duration;

/**
 * What is simulated of many instances that lease from one limit.
 *
 * @param instances how many
 * @param permitsPerInstance the limit, a second and at once, divided by the instances
 * @param load requests in all, as a part of the limit; above 1 some have to be refused
 * @param demand how the requests are divided among the instances
 * @param roundTripMicros from an instance to the store and back, a fifth more or less
 * @param partCut the part of the instances that is cut off when the measured time begins
 * @param driftPerMillion how far the clocks of instances are ahead of the true one at most, and behind it
 * @param measured how long is measured, after {@link #WARM_UP}
 * @param seed of all that is random
 */
public record ScaleSetting(
        int instances,
        long permitsPerInstance,
        double load,
        Demand demand,
        long roundTripMicros,
        double partCut,
        long driftPerMillion,
        Duration measured,
        long seed) {

    /** In it a load above the limit takes the burst. */
    public static final Duration WARM_UP = Duration.ofSeconds(3);

    /** How the requests are divided among the instances. */
    public enum Demand {
        /** Each has as many. */
        UNIFORM,
        /** The second has half as many as the first, the third a third: Zipf's law with the exponent 1. */
        ZIPF;

        double weight(int rank) {
            return this == UNIFORM ? 1 : 1.0 / (rank + 1);
        }
    }

    /** The limit of all instances together: permits a second, and at once. */
    public long permits() {
        return instances * permitsPerInstance;
    }

    /** How many instances are cut off. */
    int cut() {
        return (int) (instances * partCut);
    }
}
