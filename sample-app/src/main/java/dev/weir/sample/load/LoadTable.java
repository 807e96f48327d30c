package dev.weir.sample.load;

import dev.weir.sample.load.Tally.Fate;
import java.util.List;
import java.util.Locale;

/** A line for each client: what it asked for, what came through, and how long answers took. */
final class LoadTable {

    private static final String HEAD = "%-12s %-9s %9s %11s %10s %8s %11s %11s";
    private static final String ROW = "%-12s %-9s %,9.1f %,11.1f %,10d %,8d %,11.1f %,11.1f";
    private static final double MEDIAN = 50;
    private static final double NEARLY_ALL = 99;

    private LoadTable() {}

    static String of(List<Tally> tallies) {
        StringBuilder table = new StringBuilder(HEAD.formatted(
                "client", "manner", "asked/s", "through/s", "rejected", "failed", "median ms", "99 % ms"));
        for (Tally tally : tallies) {
            table.append(System.lineSeparator())
                    .append(String.format(
                            Locale.ROOT,
                            ROW,
                            tally.source().client(),
                            tally.source().manner().name().toLowerCase(Locale.ROOT),
                            perSecond(tally.sent(), tally),
                            perSecond(tally.all(Fate.THROUGH), tally),
                            tally.all(Fate.REJECTED),
                            tally.all(Fate.FAILED),
                            tally.millis(MEDIAN),
                            tally.millis(NEARLY_ALL)));
        }
        return table.toString();
    }

    private static double perSecond(long count, Tally tally) {
        return (double) count / tally.seconds();
    }
}
