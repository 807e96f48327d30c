package dev.weir.limit;

import dev.weir.limit.Decision.Permitted;
import dev.weir.limit.Decision.Rejected;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * What each algorithm promises, as rows written by hand: {@code vectors/*.csv}. The same rows drive the pure step and
 * every store, whatever language it decides in.
 */
public final class LimitVectors {

    private LimitVectors() {}

    /** Steps of one client on one policy, starting with its whole limit. */
    public record Case(String name, List<Step> steps) {

        @Override
        public String toString() {
            return name;
        }
    }

    /** A request, and all that its client sees. */
    public record Step(Limit limit, long atMicros, long cost, Outcome outcome) {

        /** What a store must answer under the name of {@code policy}. */
        public Decision expected(String policy) {
            return outcome.permitted
                    ? new Permitted(policy, limit, outcome.remaining, outcome.resetAfterMicros, outcome.reason)
                    : new Rejected(
                            policy,
                            limit,
                            outcome.remaining,
                            outcome.resetAfterMicros,
                            outcome.reason,
                            outcome.retryAfterMicros);
        }
    }

    /** The right-hand columns of a row. */
    public record Outcome(
            boolean permitted, long remaining, long retryAfterMicros, long resetAfterMicros, Reason reason) {}

    /** All cases of all algorithms. */
    public static Stream<Case> all() {
        return Stream.of("token-bucket", "fixed-window", "sliding-window", "sliding-log")
                .flatMap(LimitVectors::read);
    }

    private static Stream<Case> read(String algorithm) {
        Map<String, List<Step>> cases = new LinkedHashMap<>();
        text("/vectors/" + algorithm + ".csv")
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#") && !line.startsWith("case,"))
                .map(line -> line.split(",", -1))
                .forEach(row -> cases.computeIfAbsent(algorithm + ": " + row[0], name -> new ArrayList<>())
                        .add(step(algorithm, row)));
        return cases.entrySet().stream().map(steps -> new Case(steps.getKey(), List.copyOf(steps.getValue())));
    }

    private static Step step(String algorithm, String[] row) {
        long permits = Long.parseLong(row[1]);
        Duration period = Exact.duration(Long.parseLong(row[2]));
        Limit limit = switch (algorithm) {
            case "token-bucket" -> Limit.tokenBucket(permits, period, Long.parseLong(row[3]));
            case "fixed-window" -> Limit.fixedWindow(permits, period);
            case "sliding-window" -> Limit.slidingWindow(permits, period);
            case "sliding-log" -> Limit.slidingLog(permits, period);
            default -> throw new IllegalArgumentException(algorithm);
        };
        return new Step(
                limit,
                Long.parseLong(row[4]),
                Long.parseLong(row[5]),
                new Outcome(
                        Boolean.parseBoolean(row[6]),
                        Long.parseLong(row[7]),
                        retryAfterMicros(row[8]),
                        Long.parseLong(row[9]),
                        Reason.valueOf(row[10])));
    }

    private static long retryAfterMicros(String cell) {
        return switch (cell) {
            case "-" -> 0;
            case "never" -> Rejected.NEVER;
            default -> Long.parseLong(cell);
        };
    }

    private static String text(String resource) {
        try (InputStream in = LimitVectors.class.getResourceAsStream(resource)) {
            return new String(Objects.requireNonNull(in, resource).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
