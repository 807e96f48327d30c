package dev.weir.fair;

/**
 * The constants of the fair pool. They are no settings: each was found by simulation, holds for pools of any size, and
 * a test shows what goes wrong without it.
 *
 * @param greed how many times its share of what is free a client may have in the bucket: clients at their thresholds
 *     then leave 1 / (1 + greed) of the bucket free for others, however many they are
 * @param newcomer the part of what is free that a client may have that was not refused since it was last idle: a polite
 *     client among very many has a share of less than one request
 * @param smoothingMicros over how long shares are averaged: clients with little demand come and go with each request,
 *     and the momentary shares of all clients change with them
 * @param horizonMicros how many microseconds of its share a client may owe at most: a client that took an idle bucket
 *     alone must not wait for ever when others join and its share falls
 * @param burstsOwed but at least so many times the microseconds in which a whole burst drains: or the queues of a slow
 *     pool with a large burst would be forgiven while they are in use
 * @param costsOwed but at least so many times the largest cost that the client was charged: or it could take a large
 *     cost, far above its share, and have it forgiven at the next small one
 * @param repaid the part of the capacity that repays what was forgiven so: without it the bucket stays shorter for all
 * @param claimMicros how long a request that the pool refused keeps its place beyond the end of the wait that it was
 *     given: in a bucket of a few requests nothing else would record which client was served last
 * @param retryMicros the longest wait that is stated for a share, unless no share at all would make it shorter: shares
 *     change, and a client that sleeps on an old one loses its turn to those that ask all the time
 * @param mostLeaving how many clients one decision takes out of the clock at most, so that none takes long
 * @param largestVirtual a virtual time of that many tokens begins anew at 0: doubles would be too coarse a few bits
 *     later
 */
public record FairTuning(
        double greed,
        double newcomer,
        double smoothingMicros,
        double horizonMicros,
        double burstsOwed,
        double costsOwed,
        double repaid,
        long claimMicros,
        double retryMicros,
        int mostLeaving,
        double largestVirtual) {

    public static final FairTuning DEFAULT =
            new FairTuning(4, 0.1, 200_000, 1_000_000, 1.25, 4, 0.02, 250_000, 50_000, 128, 0x1p43);
}
