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

    /** All cases of all algorithms: each has a file of its name, but the leaky bucket, which is a token bucket. */
    public static Stream<Case> all() {
        return Stream.of(Algorithm.values())
                .filter(algorithm -> algorithm != Algorithm.LEAKY_BUCKET)
                .flatMap(LimitVectors::read);
    }

    private static Stream<Case> read(Algorithm algorithm) {
        Map<String, List<Step>> cases = new LinkedHashMap<>();
        text("/vectors/" + algorithm + ".csv")
                .lines()
                .filter(line -> !line.isBlank() && !line.startsWith("#") && !line.startsWith("case,"))
                .map(line -> line.split(",", -1))
                .forEach(row -> cases.computeIfAbsent(algorithm + ": " + row[0], name -> new ArrayList<>())
                        .add(step(algorithm, row)));
        return cases.entrySet().stream().map(steps -> new Case(steps.getKey(), List.copyOf(steps.getValue())));
    }

    private static Step step(Algorithm algorithm, String[] row) {
        long permits = Long.parseLong(row[1]);
        Duration period = Exact.duration(Long.parseLong(row[2]));
        long burst = row[3].equals("-") ? permits : Long.parseLong(row[3]);
        Limit limit = Limit.of(algorithm, new Rate(permits, period, burst));
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
