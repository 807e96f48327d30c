package dev.weir.filter.metrics;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * One series: a metric and the values of its tags. Its name is the one that Prometheus shows, whatever the library is;
 * what a library calls it follows from that.
 *
 * @param name as Prometheus shows it: {@code weir_decisions_total}
 * @param description one line
 */
record Series(String name, String description, List<Tag> tags) {

    /** What of a Prometheus name says the kind or the unit; its exporters append it. */
    private static final String APPENDED = "_(total|seconds)$";

    /** A tag and its value. */
    record Tag(String name, String value) {}

    Series {
        tags = List.copyOf(tags);
    }

    static Series of(String name, String description) {
        return new Series(name, description, List.of());
    }

    /** This series with one more tag. */
    Series with(String tag, String value) {
        return new Series(name, description, concat(tags, new Tag(tag, value)));
    }

    /** This series with one more tag, whose value is a constant in lower case. */
    Series with(String tag, Enum<?> value) {
        return with(tag, value.name().toLowerCase(Locale.ROOT));
    }

    /** Whether its name says that it is in seconds. */
    boolean isInSeconds() {
        return name.endsWith("_seconds");
    }

    /** As libraries name it that know kinds and units themselves: {@code weir.decisions}. */
    String dottedName() {
        return name.replaceFirst(APPENDED, "").replace('_', '.');
    }

    private static List<Tag> concat(List<Tag> tags, Tag last) {
        return Stream.concat(tags.stream(), Stream.of(last)).toList();
    }
}
