package dev.weir.faults;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The results, as a table in Markdown: a row for each fault. What is not within its bound is bold, and in words below. */
final class Table {

    private final Map<String, Verdict> rows = new LinkedHashMap<>();

    void record(String fault, Verdict verdict) {
        rows.put(fault, verdict);
    }

    String markdown() {
        List<String> titles = new ArrayList<>(List.of("fault"));
        counted().forEach(traffic -> titles.add(traffic.title() + ": admitted / allowed"));
        titles.addAll(List.of(
                "of the rate",
                "light rejected",
                "longest wait (of it without a limit)",
                "wrong answers",
                "shared again after",
                "of the rate in the next second",
                "logged",
                "threads, heap more",
                "machine stalled",
                "holds"));
        Stream<String> head =
                Stream.of(line(titles), line(titles.stream().map(title -> "---").toList()));
        Stream<String> body = rows.entrySet().stream().map(row -> row(row.getKey(), row.getValue()));
        Stream<String> wrongs = rows.entrySet().stream()
                .filter(row -> !row.getValue().isWell())
                .map(row -> "* " + row.getKey() + ": "
                        + String.join("; ", row.getValue().wrongs()));
        return Stream.of(head, body, Stream.of(""), wrongs, Stream.of(summary()))
                .flatMap(lines -> lines)
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private String summary() {
        long held = rows.values().stream().filter(Verdict::isWell).count();
        long busy = rows.values().stream().filter(Table::isBusy).count();
        return "%d rows: %d held, %d on a machine that was too busy, %d did not hold"
                .formatted(rows.size(), held, busy, rows.size() - held - busy);
    }

    private static boolean isBusy(Verdict verdict) {
        return !verdict.isWell() && verdict.isMachineBusy();
    }

    private static Stream<Traffic> counted() {
        return Traffic.limited().stream().filter(traffic -> traffic != Traffic.LIGHT);
    }

    private static String row(String fault, Verdict verdict) {
        List<String> cells = new ArrayList<>(List.of(fault));
        counted()
                .forEach(traffic -> cells.add(cell(verdict, verdict.admissions().get(traffic))));
        cells.add(cell(verdict.served().isTooLittle(), verdict.served().toString()));
        long light = verdict.rejected().getOrDefault(Traffic.LIGHT, 0L);
        cells.add(cell(light > 0, Long.toString(light)));
        cells.add(cell(verdict.waits().isTooLong(), verdict.waits().toString()));
        cells.add(cell(verdict.wrong() > 0, Long.toString(verdict.wrong())));
        cells.add(cell(
                verdict.isSharedLate(),
                verdict.shared()
                        .map(after -> "%.2f s".formatted(after.toMillis() / 1e3))
                        .orElse("never")));
        cells.add(verdict.recovery()
                .map(then -> cell(then.isTooLittle(), then.toString()))
                .orElse("-"));
        cells.add(cell(verdict.lines() > verdict.linesAllowed(), Integer.toString(verdict.lines())));
        cells.add(cell(verdict.growth().isTooMuch(), verdict.growth().toString()));
        cells.add("%.1f %%".formatted(100 * verdict.stalled()));
        cells.add(verdict.isWell() ? "yes" : isBusy(verdict) ? "busy" : "**no**");
        return line(cells);
    }

    private static String cell(Verdict verdict, Admissions seen) {
        return verdict.isBounded()
                ? cell(seen.isExceeded(), "%,d / %,d".formatted(seen.admitted(), seen.allowed()))
                : "%,d / -".formatted(seen.admitted());
    }

    private static String cell(boolean isWrong, String text) {
        return isWrong ? "**" + text + "**" : text;
    }

    private static String line(List<String> cells) {
        return cells.stream().collect(Collectors.joining(" | ", "| ", " |"));
    }
}
