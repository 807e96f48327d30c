package dev.weir.faults;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What was seen of a {@link Soak}.
 *
 * @param beginNanos when the first request was sent
 * @param admissions those of each traffic; of one whose clients have limits of their own, the worst client's
 * @param plain what each limit would let through had nothing gone wrong
 * @param least what each has come back at least, by the smallest of its numbers
 * @param lightRejected how many requests of light clients were rejected
 * @param waits how long requests took
 * @param wrong answers but 200, 429 and 503, and broken connections: how many of each status, traffic and instance
 * @param sharedAfter the longest time until decisions were shared again
 * @param holdings of each instance at the end, and of the one that it is compared with
 * @param stalled which part of the time the machine did not let the test itself run
 * @param unanswered changes that were not answered in time
 * @param failures what else went wrong
 */
record SoakReport(
        long beginNanos,
        Map<Traffic, Admissions> admissions,
        Map<Traffic, Long> plain,
        Map<Traffic, Long> least,
        Map<Traffic, Long> requests,
        long lightRejected,
        Waits waits,
        Map<String, Long> wrong,
        Duration sharedAfter,
        List<Holdings> holdings,
        double stalled,
        List<String> unanswered,
        List<String> failures) {

    /** The bound says something only if a limiter that lets through half as much again exceeds it. */
    private static final double MOST_GRANTED = 1.4;

    /** More is asked than any limit lets through, so that most of it must be used: faults and rests take their part. */
    private static final double LEAST_USED = 0.8;

    /** What is reached through Redisson's pool of connections, which grows and shrinks. */
    private static final int MOST_HANDLES = 8;

    /** What an instance holds at a time. */
    record Held(Footprint footprint, int handles) {

        static Held of(Instance instance) {
            return new Held(instance.footprint(), instance.handles().orElse(0));
        }
    }

    /**
     * What an instance holds at the end, at rest.
     *
     * @param name which one
     * @param before what it held; if it has started since, what the first one held
     */
    record Holdings(String name, Held before, Held after) {

        boolean isTooMuch() {
            return growth().isTooMuch() || after.handles() > before.handles() + MOST_HANDLES;
        }

        Growth growth() {
            return Growth.of(before.footprint(), after.footprint());
        }

        String row() {
            return "| %s | %d | %d | %.1f MB | %.1f MB | %d | %d |"
                    .formatted(
                            name,
                            threads(before.footprint()),
                            threads(after.footprint()),
                            before.footprint().heapBytes() / 1e6,
                            after.footprint().heapBytes() / 1e6,
                            before.handles(),
                            after.handles());
        }

        private static long threads(Footprint footprint) {
            return footprint.threads().values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
        }
    }

    static SoakReport of(
            Entitlements entitlements,
            List<Answer> answers,
            Duration sharedAfter,
            List<Holdings> holdings,
            double stalled,
            List<String> unanswered,
            List<String> failures) {
        long from = answers.stream().mapToLong(Answer::sentNanos).min().orElseThrow();
        long to = answers.stream().mapToLong(Answer::receivedNanos).max().orElseThrow();
        Map<Traffic, Admissions> admissions = new LinkedHashMap<>();
        Map<Traffic, Long> plain = new LinkedHashMap<>();
        Map<Traffic, Long> least = new LinkedHashMap<>();
        for (Traffic traffic : SoakTraffic.limited()) {
            Bound bound = entitlements.bound(traffic, answers, from, to);
            admissions.put(traffic, Verdict.admissions(traffic, answers, bound, from, to));
            plain.put(traffic, bound.ungranted(from, to) / Bound.PERMIT);
            if (!SoakTraffic.LIGHT.contains(traffic)) {
                least.put(traffic, (long) (LEAST_USED * entitlements.least(traffic, from, to)));
            }
        }
        return new SoakReport(
                from,
                admissions,
                plain,
                least,
                answers.stream().collect(Collectors.groupingBy(Answer::traffic, Collectors.counting())),
                answers.stream()
                        .filter(each -> SoakTraffic.LIGHT.contains(each.traffic()))
                        .filter(each -> !each.isAdmitted() && !each.isWrong())
                        .count(),
                Waits.of(answers),
                answers.stream()
                        .filter(Answer::isWrong)
                        .collect(Collectors.groupingBy(each -> words(each, from), TreeMap::new, Collectors.counting())),
                sharedAfter,
                holdings,
                stalled,
                unanswered,
                failures);
    }

    private static String words(Answer answer, long fromNanos) {
        return "%d of %s from port %d at %d s"
                .formatted(
                        answer.status(),
                        answer.traffic().title(),
                        answer.instance(),
                        (answer.sentNanos() - fromNanos) / 1_000_000_000);
    }

    /** What no machine excuses. */
    List<String> wrongs() {
        List<String> wrongs = new ArrayList<>(failures);
        admissions.forEach((traffic, seen) -> {
            if (seen.isExceeded()) {
                wrongs.add("%s: %d more than allowed in %.3f s, from %.3f s on"
                        .formatted(
                                traffic.title(),
                                seen.tooMany(),
                                seen.tooManyNanos() / 1e9,
                                (seen.tooManySince() - beginNanos) / 1e9));
            }
        });
        if (!wrong.isEmpty()) {
            wrongs.add("wrong answers: " + wrong);
        }
        if (lightRejected > 0) {
            wrongs.add(lightRejected + " requests of light clients were rejected");
        }
        holdings.stream()
                .filter(Holdings::isTooMuch)
                .forEach(each -> wrongs.add("threads, heap and handles are not back where they were: %s %s"
                        .formatted(each.row(), each.growth().threads())));
        return wrongs;
    }

    /** What a machine that has other things to do makes late. */
    List<String> late() {
        List<String> late = new ArrayList<>(unanswered);
        if (waits.isTooLong()) {
            late.add("a request took: " + waits);
        }
        if (sharedAfter.compareTo(Verdict.SHARED_WITHIN) > 0) {
            late.add("shared again after " + sharedAfter);
        }
        admissions.forEach((traffic, seen) -> {
            if (!SoakTraffic.LIGHT.contains(traffic) && seen.allowed() > MOST_GRANTED * plain.get(traffic)) {
                late.add("%s: Redis was late so often that the bound is no bound".formatted(traffic.title()));
            }
        });
        least.forEach((traffic, permits) -> {
            long admitted = admissions.get(traffic).admitted();
            if (admitted < permits) {
                late.add("%s: only %d permits, of at least %d".formatted(traffic.title(), admitted, permits));
            }
        });
        return late;
    }

    boolean isMachineBusy() {
        return stalled > Verdict.MOST_STALLED;
    }

    String markdown() {
        Stream<String> head = Stream.of(
                "| traffic | requests | at least | admitted | allowed | of it for faults |",
                "| --- | --- | --- | --- | --- | --- |");
        Stream<String> rows = admissions.entrySet().stream().map(each -> row(each.getKey(), each.getValue()));
        Stream<String> holders = Stream.of(
                "",
                "| instance | threads before | after | heap before | after | handles before | after |",
                "| --- | --- | --- | --- | --- | --- | --- |");
        Stream<String> held = holdings.stream().map(Holdings::row);
        Stream<String> rest = Stream.of(
                "",
                "%,d requests; light clients rejected: %d; wrong answers: %d; longest wait: %s; shared again after %.2f s"
                        .formatted(
                                requests.values().stream()
                                        .mapToLong(Long::longValue)
                                        .sum(),
                                lightRejected,
                                wrong.values().stream()
                                        .mapToLong(Long::longValue)
                                        .sum(),
                                waits,
                                sharedAfter.toMillis() / 1e3),
                "machine stalled: %.1f %%".formatted(100 * stalled));
        Stream<String> judged =
                Stream.concat(wrongs().stream(), late().stream()).map(each -> "* " + each);
        return Stream.of(head, rows, holders, held, rest, judged)
                .flatMap(lines -> lines)
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private String row(Traffic traffic, Admissions seen) {
        return "| %s | %,d | %,d | %,d | %,d | %,d |"
                .formatted(
                        traffic.title(),
                        requests.getOrDefault(traffic, 0L),
                        least.getOrDefault(traffic, 0L),
                        seen.admitted(),
                        seen.allowed(),
                        seen.allowed() - plain.get(traffic));
    }
}
