package dev.weir.benchmarks;

import dev.weir.RateLimiter;
import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A client of a pool in real time, as some threads of one instance.
 *
 * @param perSecond how often it asks, if it is polite
 * @param untilSeconds when it leaves
 */
record FairAsker(Kind kind, String id, long weight, int threads, double perSecond, double untilSeconds) {

    /** How a client asks. */
    enum Kind {
        /** Again at once; when refused, after the wait that the refusal states, and up to a tenth later. */
        GREEDY,
        /** Again after a millisecond, whatever wait is stated. */
        HAMMERING,
        /** At random moments, whatever wait is stated. */
        POLITE
    }

    /** A request that was answered, by the monotonic clock, which all processes of a machine share. */
    record Asked(String id, boolean permitted, long beforeNanos, long afterNanos) {

        String line() {
            return "%s %b %d %d".formatted(id, permitted, beforeNanos, afterNanos);
        }

        static Asked of(String line) {
            String[] parts = line.split(" ");
            return new Asked(
                    parts[0], Boolean.parseBoolean(parts[1]), Long.parseLong(parts[2]), Long.parseLong(parts[3]));
        }
    }

    /** As an argument of a process. */
    String text() {
        return "%s:%s:%d:%d:%s:%s".formatted(kind, id, weight, threads, perSecond, untilSeconds);
    }

    static FairAsker of(String text) {
        String[] parts = text.split(":");
        return new FairAsker(
                Kind.valueOf(parts[0]),
                parts[1],
                Long.parseLong(parts[2]),
                Integer.parseInt(parts[3]),
                Double.parseDouble(parts[4]),
                Double.parseDouble(parts[5]));
    }

    /** Its threads, which end by themselves. */
    List<Thread> threads(RateLimiter limiter, long startNanos, ConcurrentLinkedQueue<Asked> into) {
        long endNanos = startNanos + (long) (untilSeconds * TimeUnit.SECONDS.toNanos(1));
        List<Thread> all = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
            all.add(new Thread(() -> run(limiter, startNanos, endNanos, into), id + "-" + i));
        }
        return all;
    }

    private void run(RateLimiter limiter, long startNanos, long endNanos, ConcurrentLinkedQueue<Asked> into) {
        long nextNanos = startNanos;
        while (true) {
            sleepUntil(nextNanos);
            long beforeNanos = System.nanoTime();
            if (beforeNanos >= endNanos) {
                return;
            }
            Decision decision = limiter.tryAcquire(id);
            long afterNanos = System.nanoTime();
            into.add(new Asked(id, decision.permitted(), beforeNanos, afterNanos));
            nextNanos = switch (kind) {
                case GREEDY -> afterNanos + statedWait(decision);
                case HAMMERING -> afterNanos + TimeUnit.MILLISECONDS.toNanos(1);
                case POLITE -> nextNanos + pauseNanos();
            };
        }
    }

    private static long statedWait(Decision decision) {
        long micros = decision instanceof Rejected rejected ? rejected.retryAfterMicros() : 0;
        return (long) (micros * 1e3 * (1 + 0.1 * ThreadLocalRandom.current().nextDouble()));
    }

    /** Its threads together ask so often: late answers of one do not keep it from asking. */
    private long pauseNanos() {
        double perThread = perSecond / threads;
        return (long) (-Math.log(1 - ThreadLocalRandom.current().nextDouble()) / perThread * 1e9);
    }

    /** Real clients in real time: this is what they do when they wait. */
    private static void sleepUntil(long nanos) {
        for (long left = nanos - System.nanoTime(); left > 0; left = nanos - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
