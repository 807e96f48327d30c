package dev.weir.benchmarks;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Something that several contenders do under the same conditions. */
interface Scenario {

    /** The part of the comparison that it belongs to; what {@code --only} names. */
    String part();

    /** A short name, of no other scenario. */
    String name();

    /** What is done, for the head of its table. */
    String description();

    /** Who does it, in the order of the table. */
    List<String> rows();

    /** The row that the others are held against: what it costs to do the least. */
    String floor();

    /** What is measured; the first column is what the ratios are of. */
    List<Column> columns();

    /** Whether the one with less in the first column has done better. */
    boolean lessIsBetter();

    /** Whether one row's first column divided by another's tells anything. */
    default boolean hasRatios() {
        return true;
    }

    /** Whether the process that measures must first have seen each row once, because nothing before has warmed it up. */
    default boolean needsWarming() {
        return false;
    }

    /** How often each row is measured. */
    int repetitions();

    /** About how long one measurement takes. */
    Duration estimate();

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
