package dev.weir.benchmarks;

import java.util.List;
import java.util.Map;

/** Something that several contenders do under the same conditions. */
interface Scenario {

    /** The part of the comparison that it belongs to; what {@code --only} names. */
    String part();

    /** A short name, of no other scenario. */
    default String name() {
        return part();
    }

    /** What is done, for the head of its table. */
    String description();

    /** The contenders that do it, in the order of the table; last the {@link #floor}. */
    List<String> rows();

    /** The row that the others are held against: what it costs to do the least. */
    default String floor() {
        return rows().get(rows().size() - 1);
    }

    /** What is measured; the first column is what the ratios are of. */
    List<Column> columns();

    /** Whether the one with less in the first column has done better. */
    default boolean lessIsBetter() {
        return false;
    }

    /** Whether one row's first column divided by another's means anything. */
    default boolean hasRatios() {
        return true;
    }

    /** Whether this process measures it, and {@link Row} does not start one for each of its measurements. */
    default boolean isMeasuredHere() {
        return false;
    }

    /** How often each row is measured, and for how long. */
    Pace pace();

    /** Measures one row once. A column that says nothing about it may be missing. */
    Map<String, Double> measure(String row) throws Exception;

    /**
     * A column of a scenario's table.
     *
     * @param key what it is called in the raw results
     * @param title its head
     * @param digits after the point
     */
    record Column(String key, String title, int digits) {}
}
