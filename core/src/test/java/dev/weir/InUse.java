package dev.weir;

/** What is in use of a token bucket that sees all that is admitted, whatever its burst is. */
final class InUse {

    private final double perNano;
    private double now;
    private double most;
    private long atNanos;

    InUse(long perSecond) {
        this.perNano = perSecond / 1e9;
    }

    /** One permit more. */
    void admitted(long nowNanos) {
        now = Math.max(0, now - (nowNanos - atNanos) * perNano) + 1;
        most = Math.max(most, now);
        atNanos = nowNanos;
    }

    /** As of the last permit. */
    double now() {
        return now;
    }

    double most() {
        return most;
    }
}
