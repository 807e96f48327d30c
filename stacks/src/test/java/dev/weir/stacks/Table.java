package dev.weir.stacks;

import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The results, as a table in Markdown: a row for each stack, a column for each check. */
final class Table {

    private static final String NOT_RUN = "not run";

    private final Map<Stack, Map<Check, String>> rows = new LinkedHashMap<>();

    void record(Stack stack, Check check, boolean isPassed) {
        rows.computeIfAbsent(stack, row -> new EnumMap<>(Check.class)).put(check, isPassed ? "yes" : "**no**");
    }

    String markdown() {
        List<String> titles = Stream.concat(
                        Stream.of("stack", "limited by"),
                        Stream.of(Check.values()).map(Check::title))
                .toList();
        Stream<String> head =
                Stream.of(line(titles), line(titles.stream().map(title -> "---").toList()));
        return Stream.concat(head, rows.keySet().stream().map(this::row)).collect(Collectors.joining("\n", "", "\n"));
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
