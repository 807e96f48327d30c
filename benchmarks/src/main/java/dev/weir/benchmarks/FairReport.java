package dev.weir.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Tables of shares beside the ideal, as Markdown. */
final class FairReport {

    private final List<String> lines = new ArrayList<>();

    FairReport(String title, String command, String date, Map<String, String> machine) {
        lines.add("# " + title);
        lines.add("");
        lines.add("What `%s` wrote on %s. How to read it: [README](../README.md#fair-pools).".formatted(command, date));
        lines.add("");
        machine.forEach((what, value) -> lines.add("* %s: %s".formatted(what, value)));
    }

    void add(String line) {
        lines.add(line);
    }

    void addHead(String name, String what) {
        lines.add("");
        lines.add("## " + name);
        lines.add("");
        lines.add(what);
    }

    void addShares(FairShares shares) {
        lines.add("");
        lines.add(
                "| clients | how many | weight | each wants /s | ideal /s | got /s | got, of ideal | worst of them | refused |");
        lines.add("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        for (FairShares.Row row : shares.rows()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "| %s | %,d | %s | %s | %,.2f | %,.2f | %+.2f %% | %.2f %% | %.2f %% |",
                    row.group(),
                    row.clients(),
                    row.weights(),
                    Double.isInfinite(row.wants()) ? "all" : "%,.2f".formatted(row.wants()),
                    row.ideal(),
                    row.got(),
                    100 * (row.got() / row.ideal() - 1),
                    100 * row.worst(),
                    100 * row.refused()));
        }
    }

    void addAims(List<Aim> aims) {
        lines.add("");
        lines.add("| measured | | aim | |");
        lines.add("|---|---:|---:|---|");
        aims.forEach(aim -> lines.add(aim.line()));
    }

    /** @param values a name and a value each, with a bar between */
    void addValues(List<String> values) {
        lines.add("");
        lines.add("| measured | |");
        lines.add("|---|---:|");
        values.forEach(value -> lines.add("| " + value + " |"));
    }

    /** What was added since the lines that are printed already. */
    List<String> since(int printed) {
        return lines.subList(printed, lines.size());
    }

    int size() {
        return lines.size();
    }

    String text() {
        return String.join("\n", lines) + "\n";
    }
}
