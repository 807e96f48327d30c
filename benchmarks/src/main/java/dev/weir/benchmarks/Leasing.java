package dev.weir.benchmarks;

import dev.weir.Weir;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * The ways in which Weir uses a shared store. Each is a row of every part of the comparison, and they differ in nothing but
 * what stands here: a way is added by one line.
 */
enum Leasing {
    /** Every decision is the store's. */
    STRICT("Weir, strict", builder -> builder, Map.of());

    private final String row;
    private final UnaryOperator<Weir.Builder> builder;
    private final Map<String, String> settings;

    Leasing(String row, UnaryOperator<Weir.Builder> builder, Map<String, String> settings) {
        this.row = row;
        this.builder = builder;
        this.settings = settings;
    }

    /** Its name in the tables. */
    String row() {
        return row;
    }

    /** The way, for a limiter that is built. */
    Weir.Builder set(Weir.Builder weir) {
        return builder.apply(weir);
    }

    /** The way, for a limiter that is configured. */
    Map<String, String> settings() {
        return settings;
    }
}
