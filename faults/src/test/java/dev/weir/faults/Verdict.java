package dev.weir.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What was seen of one fault.
 *
 * @param admissions those of each traffic; of one whose clients have limits of their own, the worst client's
 * @param isBounded whether there is a bound on them
 * @param lightRejected how many requests of clients far below their limit were rejected
 * @param waited the longest beside what the request's policy lets it wait, without the machine's stalls
 * @param stalled how much of the same request's time the machine had stalled
 * @param wrong answers but 200, 429 and 503, and broken connections
 * @param shared how long after the fault's end decisions were shared again; empty if they were not
 * @param lines how many lines the instance has logged that has logged the most
 * @param linesAllowed how many it may log
 * @param failures what else went wrong
 */
record Verdict(
        Map<Traffic, Admissions> admissions,
        boolean isBounded,
        long lightRejected,
        Duration waited,
        Duration stalled,
        long wrong,
        Optional<Duration> shared,
        int lines,
        int linesAllowed,
        List<String> failures) {

    /** The deadline, and what everything but the store may take. */
    static final Duration LONGEST_WAIT = Duration.ofMillis(50 + 50);

    static final Duration SHARED_WITHIN = Duration.ofSeconds(2);

    static Verdict of(
            Allowance allowance,
            List<Answer> answers,
            Stalls stalls,
            Optional<Duration> shared,
            int lines,
            List<String> failures) {
        Map<Traffic, Admissions> admissions = new EnumMap<>(Traffic.class);
        for (Traffic traffic : Traffic.values()) {
            admissions.put(traffic, admissions(traffic, answers, allowance));
        }
        Answer slowest = answers.get(0);
        long longest = Long.MIN_VALUE;
        for (Answer each : answers) {
            long nanos = wait(each, stalls);
            if (nanos > longest) {
                longest = nanos;
                slowest = each;
            }
        }
        return new Verdict(
                admissions,
                allowance.isBounded(),
                answers.stream()
                        .filter(each -> each.traffic() == Traffic.LIGHT && !each.isAdmitted() && !each.isWrong())
                        .count(),
                Duration.ofNanos(longest),
                Duration.ofNanos(stalls.nanosBetween(slowest.sentNanos(), slowest.receivedNanos())),
                answers.stream().filter(Answer::isWrong).count(),
                shared,
                lines,
                allowance.lines(),
                failures);
    }

    private static long wait(Answer answer, Stalls stalls) {
        return answer.nanos()
                - answer.traffic().ownWaitNanos()
                - stalls.nanosBetween(answer.sentNanos(), answer.receivedNanos());
    }

    private static Admissions admissions(Traffic traffic, List<Answer> answers, Allowance allowance) {
        long from = answers.stream().mapToLong(Answer::sentNanos).min().orElseThrow();
        long to = answers.stream().mapToLong(Answer::receivedNanos).max().orElseThrow();
        Map<Integer, List<Answer>> byLimit = answers.stream()
                .filter(each -> each.traffic() == traffic && each.isAdmitted())
                .collect(Collectors.groupingBy(each -> traffic.isCountedByClient() ? each.client() : 0));
        return byLimit.values().stream()
                .map(each -> Admissions.of(traffic, each, to - from, allowance.permits(traffic)))
                .reduce((one, other) -> one.tooMany() >= other.tooMany() ? one : other)
                .orElseThrow(() -> new AssertionError("none was admitted: " + traffic));
    }

    boolean isWaitTooLong() {
        return waited.compareTo(LONGEST_WAIT) > 0;
    }

    boolean isSharedLate() {
        return shared.isEmpty() || shared.get().compareTo(SHARED_WITHIN) > 0;
    }

    /** What is not as it should be, in words; empty if all is well. */
    List<String> wrongs() {
        List<String> wrongs = new ArrayList<>(failures);
        if (isBounded) {
            admissions.forEach((traffic, seen) -> {
                if (seen.isExceeded()) {
                    wrongs.add("%s: %d more than allowed in %.3f s"
                            .formatted(traffic.title(), seen.tooMany(), seen.tooManyNanos() / 1e9));
                }
            });
        }
        if (lightRejected > 0) {
            wrongs.add(lightRejected + " requests of light clients were rejected");
        }
        if (isWaitTooLong()) {
            wrongs.add("a request took %d ms, and %d more in which the machine stalled"
                    .formatted(waited.toMillis(), stalled.toMillis()));
        }
        if (wrong > 0) {
            wrongs.add(wrong + " wrong answers");
        }
        if (isSharedLate()) {
            wrongs.add("shared again after " + shared);
        }
        if (lines > linesAllowed) {
            wrongs.add("%d lines logged of %d".formatted(lines, linesAllowed));
        }
        return wrongs;
    }
}
