package dev.weir.faults;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * How long the request took that was slowest because of its limit. A machine that is busy, or stops a process, makes
 * all requests slow, also those that no limit is for; such requests are sent all the time. From each limited request is
 * taken what the slowest of them took of those that the same instance had at the same time: one of them, not their sum,
 * though a limited request has more threads to wait for. An instance that has just started loads classes and compiles,
 * now for one request and now for another: in that time it is the slowest of all of it.
 *
 * @param traffic which one it belonged to
 * @param nanos without what the policy lets the request wait for its turn
 * @param freeNanos what the slowest request without a limit took meanwhile
 */
record Waits(Traffic traffic, long nanos, long freeNanos) {

    /** What all but the store may take. */
    private static final int ELSE_MILLIS = 50;

    private static final long NANOS_PER_MILLI = 1_000_000;

    /** What is asked for so long after the first request is of an instance that has started meanwhile. */
    private static final long JOINED_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** For so long is such an instance cold. */
    private static final long COLD_NANOS = TimeUnit.SECONDS.toNanos(2);

    static Waits of(List<Answer> answers) {
        long firstNanos = first(answers);
        return answers.stream().collect(Collectors.groupingBy(Answer::instance)).values().stream()
                .map(ofOne -> ofInstance(ofOne, first(ofOne) - firstNanos > JOINED_NANOS))
                .flatMap(Optional::stream)
                .max(Comparator.comparingLong(Waits::byLimit))
                .orElseThrow();
    }

    private static long first(List<Answer> answers) {
        return answers.stream().mapToLong(Answer::sentNanos).min().orElseThrow();
    }

    private static Optional<Waits> ofInstance(List<Answer> answers, boolean hasJoined) {
        TreeMap<Long, Answer> free = answers.stream()
                .filter(each -> each.traffic() == Traffic.FREE)
                .collect(Collectors.toMap(Answer::receivedNanos, each -> each, (one, other) -> one, TreeMap::new));
        long warmNanos = hasJoined ? first(answers) + COLD_NANOS : Long.MIN_VALUE;
        return answers.stream()
                .filter(each -> each.traffic() != Traffic.FREE)
                .map(each -> of(each, free, warmNanos))
                .max(Comparator.comparingLong(Waits::byLimit));
    }

    private static Waits of(Answer limited, TreeMap<Long, Answer> free, long warmNanos) {
        boolean isCold = limited.sentNanos() < warmNanos;
        long freeNanos = isCold
                ? slowest(free, Long.MIN_VALUE, Math.max(warmNanos, limited.receivedNanos()))
                : slowest(free, limited.sentNanos(), limited.receivedNanos());
        return new Waits(limited.traffic(), limited.nanos() - limited.traffic().ownWaitNanos(), freeNanos);
    }

    /** Requests without a limit have one connection to each instance: the one that ends first was sent first. */
    private static long slowest(TreeMap<Long, Answer> freeByEnd, long fromNanos, long toNanos) {
        return freeByEnd.tailMap(fromNanos).values().stream()
                .takeWhile(each -> each.sentNanos() <= toNanos)
                .mapToLong(Answer::nanos)
                .max()
                .orElse(0);
    }

    private long byLimit() {
        return nanos - freeNanos;
    }

    boolean isTooLong() {
        return byLimit() > (Trial.DEADLINE_MILLIS + ELSE_MILLIS + Trial.SLACK_MILLIS) * NANOS_PER_MILLI;
    }

    @Override
    public String toString() {
        return "%s %d ms (%d)".formatted(traffic.title(), nanos / NANOS_PER_MILLI, freeNanos / NANOS_PER_MILLI);
    }
}
