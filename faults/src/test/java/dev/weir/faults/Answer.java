package dev.weir.faults;

/**
 * A request and what came of it.
 *
 * @param instance which one was asked
 * @param client which of the traffic's clients
 * @param sentNanos on the monotonic clock, as {@code receivedNanos}
 * @param status of HTTP; 0 if the connection broke
 */
record Answer(Traffic traffic, int instance, int client, long sentNanos, long receivedNanos, int status) {

    static final int BROKEN = 0;

    boolean isAdmitted() {
        return status == 200;
    }

    /** Neither admitted nor rejected by a limit. */
    boolean isWrong() {
        return !isAdmitted() && status != 429;
    }

    /** Whether it took more than half of the time that the store has to answer an instance. */
    boolean isSlow() {
        return nanos() - traffic.ownWaitNanos() > Trial.DEADLINE_MILLIS * 500_000;
    }

    long nanos() {
        return receivedNanos - sentNanos;
    }
}
