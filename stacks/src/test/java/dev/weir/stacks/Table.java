package dev.weir.stacks;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The results, as a table in Markdown: a row for each stack, a column for each check. Below it is why a check failed,
 * where that is known.
 */
final class Table {

    private static final String FAILED = "**no**";
    private static final String NOT_RUN = "not run";

    private final Map<Stack, Map<Check, String>> rows = new LinkedHashMap<>();

    void record(Stack stack, Check check, boolean isPassed) {
        rows.computeIfAbsent(stack, row -> new EnumMap<>(Check.class)).put(check, isPassed ? "yes" : FAILED);
    }

    String markdown() {
        List<String> titles = Stream.concat(
                        Stream.of("stack", "limited by"),
                        Stream.of(Check.values()).map(Check::title))
                .toList();
        Stream<String> head =
                Stream.of(line(titles), line(titles.stream().map(title -> "---").toList()));
        Stream<String> table = Stream.concat(head, rows.keySet().stream().map(this::row));
        return Stream.concat(table, reasons()).collect(Collectors.joining("\n", "", "\n"));
    }

    /** Why, with what it concerns. */
    private Stream<String> reasons() {
        Map<String, List<String>> stacks = new LinkedHashMap<>();
        rows.forEach((stack, cells) -> stack.known().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .filter(known -> FAILED.equals(cells.get(known.getKey())))
                .forEach(known -> stacks.computeIfAbsent(
                                "%s: %s".formatted(known.getKey().title(), known.getValue()), why -> new ArrayList<>())
                        .add("%s (%s)".formatted(stack.name(), stack.door()))));
        Stream<String> lines =
                stacks.entrySet().stream().map(why -> "* " + String.join(", ", why.getValue()) + "; " + why.getKey());
        return stacks.isEmpty() ? Stream.of() : Stream.concat(Stream.of(""), lines);
    }

    private String row(Stack stack) {
        Map<Check, String> cells = rows.get(stack);
        return line(Stream.concat(
                        Stream.of(stack.name(), stack.door()),
                        Stream.of(Check.values())
                                .map(check ->
                                        stack.without().contains(check) ? "-" : cells.getOrDefault(check, NOT_RUN)))
                .toList());
    }

    private static String line(List<String> cells) {
        return cells.stream().collect(Collectors.joining(" | ", "| ", " |"));
    }
}
