package dev.weir.limit;

/**
 * What of a bucket's use is leased: counted by the epoch in which the leases end, so that those of an instance that
 * has died are forgotten by themselves, however often the others renew theirs.
 *
 * @param current permits of leases that end with this epoch
 * @param next permits of leases that end with the next
 * @param epochEndMicros when this epoch ends; the next one is {@link #EPOCH_MICROS} long
 * @param closedUntilMicros until when no permits are leased, because a request waits for so many that it would
 *     never find them otherwise; 0 if none does
 */
public record OutstandingLeases(long current, long next, long epochEndMicros, long closedUntilMicros) {

    /** The longest that a lease lives. */
    public static final long EPOCH_MICROS = 1_000_000;

    /** Nothing is leased, and no request waits for that. */
    public static final OutstandingLeases NONE = new OutstandingLeases(0, 0, 0, 0);

    public long permits() {
        return current + next;
    }

    /** Whether this says no more than {@link #NONE}. */
    public boolean isNothing() {
        return permits() == 0 && closedUntilMicros == 0;
    }

    boolean isOver(long nowMicros) {
        return permits() == 0 && !isClosed(nowMicros);
    }

    public boolean isClosed(long nowMicros) {
        return closedUntilMicros > nowMicros;
    }

    OutstandingLeases nextEpoch() {
        return new OutstandingLeases(next, 0, epochEndMicros + EPOCH_MICROS, closedUntilMicros);
    }

    /** As it is by a clock that was set forward by {@code micros}, or back. */
    OutstandingLeases later(long micros) {
        long closedUntil = closedUntilMicros == 0 ? 0 : closedUntilMicros + micros;
        return new OutstandingLeases(current, next, epochEndMicros + micros, closedUntil);
    }

    /**
     * Closed until the leases that are out have ended, and for an epoch more: time for a patient client to come
     * back.
     */
    public OutstandingLeases closed() {
        long lastEndMicros = next > 0 ? epochEndMicros + EPOCH_MICROS : epochEndMicros;
        return new OutstandingLeases(current, next, epochEndMicros, lastEndMicros + EPOCH_MICROS);
    }

    public OutstandingLeases opened() {
        return new OutstandingLeases(current, next, epochEndMicros, 0);
    }

    /**
     * With which epoch a lease ends that is taken at {@code nowMicros}: an epoch is named by the time of its end.
     */
    public long epochOf(long nowMicros) {
        long endMicros = nowMicros + EPOCH_MICROS;
        if (permits() == 0) {
            return endMicros;
        }
        return endMicros <= epochEndMicros ? epochEndMicros : epochEndMicros + EPOCH_MICROS;
    }

    /** With more permits that end with {@code epoch}, which {@link #epochOf} has returned. */
    public OutstandingLeases plus(long permits, long epoch) {
        if (permits() == 0) {
            return new OutstandingLeases(permits, 0, epoch, closedUntilMicros);
        }
        return epoch == epochEndMicros
                ? new OutstandingLeases(current + permits, next, epochEndMicros, closedUntilMicros)
                : new OutstandingLeases(current, next + permits, epochEndMicros, closedUntilMicros);
    }

    /** Whether a lease of so many permits that ends with {@code epoch} can be among those counted here. */
    public boolean counts(long permits, long epoch) {
        return epoch == epochEndMicros && permits <= current
                || epoch == epochEndMicros + EPOCH_MICROS && permits <= next;
    }

    public OutstandingLeases minus(long permits, long epoch) {
        return epoch == epochEndMicros
                ? new OutstandingLeases(current - permits, next, epochEndMicros, closedUntilMicros)
                : new OutstandingLeases(current, next - permits, epochEndMicros, closedUntilMicros);
    }
}
