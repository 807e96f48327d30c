package dev.weir.fair;

/**
 * How a client of a pool stands when it asks.
 *
 * @param isMinimal whether its weight is 0
 * @param weight what it weighs in its lane, at least 1
 * @param share the part of the capacity that is its own now, above 0 and at most 1
 * @param isMember whether anything was remembered of it
 * @param queued the permits admitted to it that the ideal server has not drained yet
 * @param refused whether it was refused its share since it was last idle
 * @param claim the permits that {@code queued} counts already for a request that comes again; 0 if there is none
 * @param claimUntilMicros until when it may
 * @param largest the largest cost it was charged since it was last idle
 */
record FairStanding(
        String id,
        boolean isMinimal,
        long weight,
        double share,
        boolean isMember,
        double queued,
        boolean refused,
        long claim,
        long claimUntilMicros,
        long largest) {

    /** A client with nothing in the pool. */
    static FairStanding idle(String id, boolean isMinimal, long weight, double share) {
        return new FairStanding(id, isMinimal, weight, share, false, 0, false, 0, 0, 0);
    }

    /** A member, which keeps what is queued whatever its weight is now. */
    static FairStanding of(
            String id,
            boolean isMinimal,
            long weight,
            double share,
            FairMember member,
            double virtual,
            long nowMicros) {
        boolean claims = member.claim() > 0 && member.claimUntilMicros() >= nowMicros;
        return new FairStanding(
                id,
                isMinimal,
                weight,
                share,
                true,
                Math.max(0, (member.finish() - virtual) * member.weight()),
                member.refused(),
                claims ? member.claim() : 0,
                claims ? member.claimUntilMicros() : 0,
                member.largest());
    }
}
