package dev.weir.faults;

import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * How long the request took that was slowest because of its limit. A machine that is busy, or stops a process, makes
 * all requests slow, also those that no limit is for; such requests are sent all the time. From each limited request is
 * taken what the slowest of them took of those that the same instance had at the same time: one of them, not their sum,
 * though a limited request has more threads to wait for.
 *
 * @param traffic which one it belonged to
 * @param nanos without what the policy lets the request wait for its turn
 * @param freeNanos what the slowest request without a limit took meanwhile
 */
record Waits(Traffic traffic, long nanos, long freeNanos) {

    /** What all but the store may take. */
    private static final int ELSE_MILLIS = 50;

    private static final long NANOS_PER_MILLI = 1_000_000;

    static Waits of(List<Answer> answers) {
        Map<Integer, TreeMap<Long, Answer>> free = answers.stream()
                .filter(each -> each.traffic() == Traffic.FREE)
                .collect(Collectors.groupingBy(
                        Answer::instance,
                        Collectors.toMap(Answer::receivedNanos, each -> each, (one, other) -> one, TreeMap::new)));
        return answers.stream()
                .filter(each -> each.traffic() != Traffic.FREE)
                .map(each -> of(each, free.getOrDefault(each.instance(), new TreeMap<>())))
                .max(Comparator.comparingLong(Waits::byLimit))
                .orElseThrow();
    }

    /** Requests without a limit have one connection to each instance: the one that ends first was sent first. */
    private static Waits of(Answer limited, TreeMap<Long, Answer> freeByEnd) {
        long free = freeByEnd.tailMap(limited.sentNanos()).values().stream()
                .takeWhile(each -> each.sentNanos() <= limited.receivedNanos())
                .mapToLong(Answer::nanos)
                .max()
                .orElse(0);
        return new Waits(limited.traffic(), limited.nanos() - limited.traffic().ownWaitNanos(), free);
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
