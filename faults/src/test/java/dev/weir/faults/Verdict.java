package dev.weir.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What was seen of one fault.
 *
 * @param admissions those of each traffic; of one whose clients have limits of their own, the worst client's
 * @param isBounded whether there is a bound on them
 * @param rejected how many requests were rejected; of clients far below their limits none may be
 * @param served what clients were given of their rate
 * @param waits how long requests took
 * @param wrong answers but 200 and 429, and broken connections
 * @param shared how long after the fault's end decisions were shared again; empty if they were not
 * @param recovery what was permitted then; empty if decisions were not shared again
 * @param lines how many messages the instance has logged that has logged the most
 * @param linesAllowed how many it may log
 * @param growth what the instances hold that they did not hold before
 * @param isWarm whether requests were fast before the fault
 * @param stalled which part of the time the machine did not let the test itself run
 * @param failures what else went wrong
 */
record Verdict(
        Map<Traffic, Admissions> admissions,
        boolean isBounded,
        Map<Traffic, Long> rejected,
        Served served,
        Waits waits,
        long wrong,
        Optional<Duration> shared,
        Optional<Recovery> recovery,
        int lines,
        int linesAllowed,
        Growth growth,
        boolean isWarm,
        double stalled,
        List<String> failures) {

    static final double MOST_STALLED = 0.03;
    static final Duration SHARED_WITHIN = Duration.ofSeconds(2).plusMillis(Trial.SLACK_MILLIS);

    /** @param endNanos when the fault ended */
    static Verdict of(
            Allowance allowance,
            List<Answer> answers,
            long endNanos,
            Optional<Duration> shared,
            int lines,
            Growth growth,
            boolean isWarm,
            double stalled,
            List<String> failures) {
        Map<Traffic, Admissions> admissions = new LinkedHashMap<>();
        long from = answers.stream().mapToLong(Answer::sentNanos).min().orElseThrow();
        long to = answers.stream().mapToLong(Answer::receivedNanos).max().orElseThrow();
        for (Traffic traffic : Traffic.limited()) {
            Bound bound = Bound.of(traffic, from, allowance.permits(traffic));
            admissions.put(traffic, admissions(traffic, answers, bound, from, to));
        }
        Waits waits = Waits.of(answers);
        return new Verdict(
                admissions,
                allowance.isBounded(),
                answers.stream()
                        .filter(each -> !each.isAdmitted() && !each.isWrong())
                        .collect(Collectors.groupingBy(Answer::traffic, Collectors.counting())),
                Served.of(answers),
                waits,
                answers.stream().filter(Answer::isWrong).count(),
                shared,
                shared.map(after -> Recovery.of(answers, endNanos + after.toNanos())),
                lines,
                allowance.lines(),
                growth,
                isWarm,
                stalled,
                failures);
    }

    /** Those of one traffic; where clients have limits of their own, the worst client's. */
    static Admissions admissions(Traffic traffic, List<Answer> answers, Bound bound, long from, long to) {
        Map<Integer, List<Answer>> byLimit = answers.stream()
                .filter(each -> each.traffic() == traffic && each.isAdmitted())
                .collect(Collectors.groupingBy(each -> traffic.isCountedByClient() ? each.client() : 0));
        return byLimit.values().stream()
                .map(each -> Admissions.of(traffic, each, bound, from, to))
                .reduce((one, other) -> one.tooMany() >= other.tooMany() ? one : other)
                .orElseThrow(() -> new AssertionError("none was admitted: " + traffic));
    }

    boolean isSharedLate() {
        return shared.isEmpty() || shared.get().compareTo(SHARED_WITHIN) > 0;
    }

    boolean isWell() {
        return wrongs().isEmpty();
    }

    /**
     * Whether other processes had the machine, and nothing is wrong that this does not explain. Not even a healthy
     * store is on time then: how long things took, how often the store was lost, how many calls of unknown outcome that
     * cost, and what clients were given after it are due to them.
     */
    boolean isMachineBusy() {
        return stalled > MOST_STALLED && wrongOnAnyMachine().isEmpty();
    }

    /** What is not as it should be, in words; empty if all is well. */
    List<String> wrongs() {
        List<String> wrongs = wrongOnAnyMachine();
        wrongs.addAll(wrongInTime());
        return wrongs;
    }

    private List<String> wrongOnAnyMachine() {
        List<String> wrongs = new ArrayList<>(failures);
        if (wrong > 0) {
            wrongs.add(wrong + " wrong answers");
        }
        if (rejected.containsKey(Traffic.LIGHT)) {
            wrongs.add(rejected.get(Traffic.LIGHT) + " requests of light clients were rejected");
        }
        if (growth.isTooMuch()) {
            wrongs.add("threads and heap are not back where they were: %s %s".formatted(growth, growth.threads()));
        }
        return wrongs;
    }

    private List<String> wrongInTime() {
        List<String> wrongs = new ArrayList<>();
        if (!isWarm) {
            wrongs.add("instances that were still slow before the fault");
        }
        admissions.forEach((traffic, seen) -> {
            if (isBounded && seen.isExceeded()) {
                wrongs.add("%s: %d more than allowed in %.3f s"
                        .formatted(traffic.title(), seen.tooMany(), seen.tooManyNanos() / 1e9));
            }
        });
        Stream.of(Traffic.HOT, Traffic.SMALL, Traffic.SEVERAL)
                .filter(traffic -> !rejected.containsKey(traffic))
                .forEach(traffic ->
                        wrongs.add("no request of %s was rejected: the load was too small".formatted(traffic.title())));
        if (served.isTooLittle()) {
            wrongs.add("%s of the rate was permitted, the fault included".formatted(served));
        }
        if (waits.isTooLong()) {
            wrongs.add("a request took: " + waits);
        }
        if (isSharedLate()) {
            wrongs.add(shared.map(after -> "shared again after " + after).orElse("not shared again"));
        }
        recovery.filter(Recovery::isTooLittle)
                .ifPresent(little -> wrongs.add(little + " of the rate was permitted after that"));
        if (lines > linesAllowed) {
            wrongs.add("%d messages logged of %d".formatted(lines, linesAllowed));
        }
        return wrongs;
    }
}
