package dev.weir.fair;

/**
 * What a fair pool remembers of a client that has something in it.
 *
 * @param weight the weight that its lane counts it with, at least 1
 * @param finish the virtual time at which its work is drained
 * @param refused whether it was refused its share since it was last idle
 * @param claim the permits of a request that the pool refused, which its finish already counts; 0 if there is none
 * @param claimUntilMicros how long that request may come again as if it had not been counted
 * @param largest the largest cost it was charged since it was last idle
 */
record FairMember(long weight, double finish, boolean refused, long claim, long claimUntilMicros, long largest) {

    FairMember finishing(double otherFinish) {
        return new FairMember(weight, otherFinish, refused, claim, claimUntilMicros, largest);
    }
}
