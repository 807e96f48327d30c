package dev.weir.sample.load;

import dev.weir.sample.load.Tally.Fate;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * A panel for each client: its requests by the second, those that came through at the bottom, then those rejected, then
 * those that failed. All panels have one scale, so that clients can be compared. Written by hand: it is little, needs
 * no library in the sample, and is dark where the reader's pages are.
 */
final class LoadChart {

    private static final int COLUMNS = 3;
    private static final int WIDTH = 290;
    private static final int HEIGHT = 150;
    private static final int PLOT_TOP = 34;
    private static final int PLOT_HEIGHT = 90;
    private static final int PLOT_WIDTH = 250;
    private static final int LEFT = 32;
    private static final int HEAD = 64;

    private static final String STYLE = """
            <style>
              svg { font: 12px system-ui, sans-serif; background: #fff; fill: #222; }
              .t { font-weight: 600; font-size: 16px; } .n { font-weight: 600; } .a { fill: #667; font-size: 11px; }
              .g { stroke: #ccd; stroke-width: 1; } .through { fill: #1f6fb2; } .rejected { fill: #e0a13a; }
              .failed { fill: #b3261e; }
              @media (prefers-color-scheme: dark) {
                svg { background: #14181d; fill: #e6e9ee; } .a { fill: #9aa4b2; } .g { stroke: #38414d; }
                .through { fill: #5aa9e6; } }
            </style>
            """;

    private final String title;
    private final List<Tally> tallies;
    private final int most;

    private LoadChart(String title, List<Tally> tallies) {
        this.title = title;
        this.tallies = tallies;
        most = Math.max(
                1,
                tallies.stream()
                        .flatMapToInt(tally ->
                                IntStream.range(0, tally.seconds()).map(second -> upTo(tally, second, Fate.FAILED)))
                        .max()
                        .orElse(1));
    }

    static String svg(String title, List<Tally> tallies) {
        return new LoadChart(title, tallies).draw();
    }

    private String draw() {
        int rows = (tallies.size() + COLUMNS - 1) / COLUMNS;
        int width = COLUMNS * WIDTH + 20;
        StringBuilder svg = new StringBuilder(
                "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' width='%d' height='%d' role='img'>%n"
                        .formatted(width, HEAD + rows * HEIGHT, width, HEAD + rows * HEIGHT));
        svg.append("<title>").append(escaped(title)).append("</title>\n").append(STYLE);
        text(svg, 16, 24, "t", title);
        int x = 16;
        for (Fate fate : Fate.values()) {
            String name = fate.name().toLowerCase(Locale.ROOT);
            svg.append("<rect class='%s' x='%d' y='38' width='11' height='11'/>%n".formatted(name, x));
            text(svg, x + 16, 48, "", name);
            x += 90;
        }
        for (int i = 0; i < tallies.size(); i++) {
            svg.append("<g transform='translate(%d %d)'>%n"
                    .formatted(i % COLUMNS * WIDTH + 10, HEAD + i / COLUMNS * HEIGHT));
            panel(svg, tallies.get(i));
            svg.append("</g>\n");
        }
        return svg.append("</svg>\n").toString();
    }

    private void panel(StringBuilder svg, Tally tally) {
        int bottom = PLOT_TOP + PLOT_HEIGHT;
        text(svg, 6, 14, "n", tally.source().client());
        text(svg, 6, 28, "a", inWords(tally));
        svg.append("<path class='g' d='M%d %dH%dM%d %dH%d'/>%n"
                .formatted(LEFT, PLOT_TOP, LEFT + PLOT_WIDTH, LEFT, bottom, LEFT + PLOT_WIDTH));
        text(svg, 6, PLOT_TOP + 9, "a", most + "/s");
        text(svg, 6, bottom, "a", "0");
        text(svg, LEFT + PLOT_WIDTH - 24, bottom + 13, "a", tally.seconds() + " s");
        for (int fate = Fate.values().length - 1; fate >= 0; fate--) { // The lower ones are drawn over the higher.
            steps(svg, tally, Fate.values()[fate]);
        }
    }

    private static String inWords(Tally tally) {
        return String.format(
                Locale.ROOT,
                "%s: asks for %.1f/s, %.1f/s through",
                tally.source().manner().name().toLowerCase(Locale.ROOT),
                (double) tally.sent() / tally.seconds(),
                (double) tally.all(Fate.THROUGH) / tally.seconds());
    }

    private void steps(StringBuilder svg, Tally tally, Fate fate) {
        int bottom = PLOT_TOP + PLOT_HEIGHT;
        double step = (double) PLOT_WIDTH / tally.seconds();
        svg.append("<path class='%s' d='M%d %d".formatted(fate.name().toLowerCase(Locale.ROOT), LEFT, bottom));
        for (int second = 0; second < tally.seconds(); second++) {
            double height = (double) PLOT_HEIGHT * upTo(tally, second, fate) / most;
            svg.append(String.format(Locale.ROOT, "V%.1fh%.2f", bottom - height, step));
        }
        svg.append("V%dZ'/>%n".formatted(bottom));
    }

    /** The requests of a second with this fate or one before it. */
    private static int upTo(Tally tally, int second, Fate last) {
        int sum = 0;
        for (int fate = 0; fate <= last.ordinal(); fate++) {
            sum += tally.in(second, Fate.values()[fate]);
        }
        return sum;
    }

    private static void text(StringBuilder svg, int x, int y, String style, String text) {
        svg.append("<text class='%s' x='%d' y='%d'>%s</text>%n".formatted(style, x, y, escaped(text)));
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
