package dev.weir.sample.traffic;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** The requests of one source: how many are due, and whether it sends at all. Thread-safe. */
public final class Flow {

    private static final long BURST_EVERY_NANOS = TimeUnit.SECONDS.toNanos(4);
    private static final double SECOND = 1e9;

    /** More do not leave at a time: a slow machine gets less traffic, not ever more of it. */
    private static final int MOST_IN_FLIGHT = 40;

    private final TrafficSource source;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final LongAdder sent = new LongAdder();
    private volatile boolean on = true;
    private volatile long awayUntilNanos = System.nanoTime();
    private long askedAtNanos = System.nanoTime();
    private double due;

    public Flow(TrafficSource source) {
        this.source = source;
    }

    public TrafficSource source() {
        return source;
    }

    public boolean isOn() {
        return on;
    }

    public void turn(boolean next) {
        on = next;
    }

    public long sent() {
        return sent.sum();
    }

    /** How many requests are to be sent now; only one thread asks. */
    public int due(long nowNanos) {
        boolean isBursty = source.manner() == TrafficSource.Manner.BURSTY;
        long elapsed = nowNanos - askedAtNanos;
        if (isBursty && elapsed < BURST_EVERY_NANOS) {
            return 0;
        }
        askedAtNanos = nowNanos;
        if (!on || nowNanos - awayUntilNanos < 0) {
            due = 0;
            return 0;
        }
        // After a pause of this process there is no catching up.
        double seconds = Math.min(elapsed / SECOND, isBursty ? BURST_EVERY_NANOS / SECOND : 0.5);
        due += source.perSecond() * seconds;
        int most = isBursty ? Integer.MAX_VALUE : MOST_IN_FLIGHT - inFlight.get();
        int now = Math.max(0, Math.min((int) due, most));
        due -= (int) due;
        return now;
    }

    public void left() {
        inFlight.incrementAndGet();
        sent.increment();
    }

    /** @param retryAfterSeconds what a rejection says; 0 if it was none */
    public void answered(long retryAfterSeconds) {
        inFlight.decrementAndGet();
        if (retryAfterSeconds > 0 && source.manner() == TrafficSource.Manner.POLITE) {
            awayUntilNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(retryAfterSeconds);
        }
    }
}
