package dev.weir.lease;

/**
 * What came out of a simulation; counts are of requests that were made in the measured time, of instances that are not
 * cut off, unless said.
 *
 * @param requests that were made
 * @param permitted of them
 * @param ideal of them that one exact limit would have permitted, asked for all of them in the order in which they
 *     were made and without a way to go
 * @param permittedCutOff of the requests of instances that are cut off, from what they had leased
 * @param overAdmitted by how many permits the busiest interval of the whole run was above what the limit permits
 * @param falseDenials of the whole run: see {@link ScaleSimulation}
 * @param latestMicros for how long, at most, there had been a permit when a request was made that was falsely denied
 * @param calls to the store
 */
public record ScaleOutcome(
        long requests,
        long permitted,
        long ideal,
        long permittedCutOff,
        long overAdmitted,
        long falseDenials,
        long latestMicros,
        long calls) {

    /** What was permitted of what one exact limit would have permitted. */
    public double use() {
        return (double) permitted / ideal;
    }

    public double callsPerDecision() {
        return (double) calls / requests;
    }
}
