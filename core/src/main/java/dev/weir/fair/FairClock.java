package dev.weir.fair;

/**
 * How far the ideal server is with the work that a pool has admitted. Its clients are in two lanes: those that have a
 * weight, and those of weight 0, which together get {@link #RESERVED} of the capacity, each the same, while others have
 * work. Each lane has all of it while the other has none. Not thread-safe.
 */
final class FairClock {

    /** The part of the capacity for clients of weight 0. */
    static final double RESERVED = 0.01;

    private final FairTuning tuning;
    private final FairLane weighted = new FairLane();
    private final FairLane minimal = new FairLane();
    private long atMicros;
    private double undrained;
    private double forgiven;

    FairClock(FairTuning tuning) {
        this.tuning = tuning;
    }

    /**
     * Lets time pass.
     *
     * @param believedMicros how far ahead of {@code nowMicros} the clock may have been
     * @param perMicro permits that the pool drains per microsecond
     * @param used permits in use of the pool at {@code nowMicros}
     */
    void advance(long nowMicros, long believedMicros, double perMicro, double used) {
        if (used == 0) {
            clear(nowMicros);
            return;
        }
        if (atMicros - nowMicros > believedMicros) {
            atMicros = nowMicros;
        }
        if (nowMicros > atMicros) {
            double permits = undrained + (nowMicros - atMicros) * perMicro;
            double repaid = Math.min(forgiven, permits * tuning.repaid());
            forgiven = Math.min(forgiven - repaid, used);
            undrained = drain(permits - repaid, perMicro);
            atMicros = nowMicros;
            weighted.rebase(tuning.largestVirtual());
            minimal.rebase(tuning.largestVirtual());
        }
    }

    /** Forgets everything: an empty pool owes no client anything. */
    void clear(long nowMicros) {
        weighted.clear();
        minimal.clear();
        undrained = 0;
        forgiven = 0;
        atMicros = nowMicros;
    }

    /** What is left of the permits because too many clients finished for one decision. */
    private double drain(double permits, double perMicro) {
        double weightedBefore = weighted.virtual();
        double minimalBefore = minimal.virtual();
        double weightedBusy = 0;
        double minimalBusy = 0;
        double left = permits;
        for (int i = 0; left > 0 && weighted.weight() + minimal.weight() > 0 && i < tuning.mostLeaving(); i++) {
            double ofWeighted = partOf(weighted, minimal, partOfBoth(false));
            double ofMinimal = partOf(minimal, weighted, partOfBoth(true));
            double weightedNeeds = ofWeighted == 0 ? Double.POSITIVE_INFINITY : weighted.needed() / ofWeighted;
            double minimalNeeds = ofMinimal == 0 ? Double.POSITIVE_INFINITY : minimal.needed() / ofMinimal;
            double served = Math.max(0, Math.min(left, Math.min(weightedNeeds, minimalNeeds)));
            serve(weighted, served * ofWeighted, weightedNeeds <= served);
            serve(minimal, served * ofMinimal, minimalNeeds <= served);
            weightedBusy += ofWeighted == 0 ? 0 : served;
            minimalBusy += ofMinimal == 0 ? 0 : served;
            left -= served;
        }
        average(weighted, weightedBefore, weightedBusy, perMicro);
        average(minimal, minimalBefore, minimalBusy, perMicro);
        return weighted.weight() + minimal.weight() == 0 ? 0 : left;
    }

    private static void serve(FairLane lane, double permits, boolean finishes) {
        if (finishes) {
            lane.finishNext();
        } else if (permits > 0) {
            lane.serve(permits);
        }
    }

    private void average(FairLane lane, double before, double busy, double perMicro) {
        if (busy > 0) {
            lane.average(before, busy, busy / perMicro, tuning.smoothingMicros());
        }
    }

    private static double partOf(FairLane lane, FairLane other, double ofBoth) {
        return lane.weight() == 0 ? 0 : other.weight() == 0 ? 1 : ofBoth;
    }

    FairLane lane(boolean isMinimal) {
        return isMinimal ? minimal : weighted;
    }

    /**
     * The part of the capacity for a member of a lane: now or on average of late, whichever is more; at most 1.
     *
     * @param weight the member's
     * @param sum of all in its lane
     * @param isShared whether others have work in the other lane
     */
    double share(boolean isMinimal, long weight, long sum, boolean isShared) {
        double part = isShared ? partOfBoth(isMinimal) : 1;
        return Math.min(1, Math.max(part * weight / sum, lane(isMinimal).pace() * weight));
    }

    private static double partOfBoth(boolean isMinimal) {
        return isMinimal ? RESERVED : 1 - RESERVED;
    }

    int size() {
        return weighted.size() + minimal.size();
    }

    /** Permits that no member owes any more although they are in use: all repay them. */
    void forgive(double permits) {
        forgiven += permits;
    }
}
