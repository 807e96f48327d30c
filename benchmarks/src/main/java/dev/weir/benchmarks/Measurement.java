package dev.weir.benchmarks;

import java.util.Map;

/** What came out when one row of a scenario was measured once. */
record Measurement(String scenario, String row, int repetition, Map<String, Double> values) {}
