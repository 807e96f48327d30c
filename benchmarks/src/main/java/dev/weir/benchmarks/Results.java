package dev.weir.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Everything that came out of a run.
 *
 * @param command the options it was started with
 * @param date when it started
 * @param machine what it ran on
 * @param libraries what was measured
 * @param measurements in the order in which they were made
 * @param failures what could not be measured, and why
 */
record Results(
        String command,
        String date,
        Map<String, String> machine,
        Set<String> libraries,
        List<Measurement> measurements,
        List<String> failures) {

    /** What was measured for a row; empty if nothing was. */
    Optional<Spread> spread(String scenario, String row, String key) {
        return spread(List.copyOf(values(scenario, row, key).values()));
    }

    /** One row's measurements divided by another's, repetition by repetition; empty if they have none in common. */
    Optional<Spread> ratio(String scenario, String numerator, String denominator, String key) {
        Map<Integer, Double> numerators = values(scenario, numerator, key);
        Map<Integer, Double> denominators = values(scenario, denominator, key);
        Set<Integer> common = new TreeSet<>(numerators.keySet());
        common.retainAll(denominators.keySet());
        List<Double> ratios = new ArrayList<>();
        common.forEach(repetition -> ratios.add(numerators.get(repetition) / denominators.get(repetition)));
        return spread(ratios);
    }

    private static Optional<Spread> spread(List<Double> values) {
        return values.isEmpty() ? Optional.empty() : Optional.of(Spread.of(values));
    }

    private Map<Integer, Double> values(String scenario, String row, String key) {
        return measurements.stream()
                .filter(one -> one.scenario().equals(scenario)
                        && one.row().equals(row)
                        && one.values().containsKey(key))
                .collect(Collectors.toMap(
                        Measurement::repetition,
                        one -> one.values().get(key),
                        (first, second) -> second,
                        TreeMap::new));
    }
}
