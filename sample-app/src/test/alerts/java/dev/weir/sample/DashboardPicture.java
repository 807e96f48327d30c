package dev.weir.sample;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.sample.PromQl.Panel;
import dev.weir.sample.PromQl.Target;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.jfree.chart.ChartFactory;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.block.BlockBorder;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYItemRenderer;
import org.jfree.data.time.FixedMillisecond;
import org.jfree.data.time.TimeSeries;
import org.jfree.data.time.TimeSeriesCollection;

/**
 * The dashboard of {@code grafana.json} as a picture: each panel stands where it stands in Grafana, and shows what its
 * own queries find in a Prometheus. It is drawn without Grafana, which is no artifact of Maven.
 */
final class DashboardPicture {

    private static final int COLUMN = 54;
    private static final int ROW = 32;
    private static final int GAP = 4;
    private static final Duration STEP = Duration.ofSeconds(2);
    private static final String RATE_INTERVAL = "10s";
    private static final Pattern LABEL = Pattern.compile("\\{\\{(\\w+)}}");
    private static final DecimalFormatSymbols SYMBOLS = DecimalFormatSymbols.getInstance(Locale.ROOT);

    private static final Color PAGE = new Color(0xF4F5F5);
    private static final Color GRID = new Color(0xE3E5E8);
    private static final Color QUIET = new Color(0x5B6472);
    private static final List<Color> COLORS = List.of(
            new Color(0x1F6FB2),
            new Color(0xD1782B),
            new Color(0x3B8E4D),
            new Color(0x7A5AA6),
            new Color(0xB3261E),
            new Color(0x2A9D9D),
            new Color(0x8A6D3B),
            new Color(0xE377C2),
            new Color(0x9AA5B1),
            new Color(0x17233A));
    private static final Font BOLD = new Font(Font.SANS_SERIF, Font.BOLD, 12);
    private static final Font SMALL = new Font(Font.SANS_SERIF, Font.PLAIN, 10);
    private static final Font LARGE = new Font(Font.SANS_SERIF, Font.PLAIN, 20);

    private final Prometheus prometheus;
    private final String job;
    private final Instant from;
    private final Instant to;
    private final Graphics2D graphics;

    private DashboardPicture(Prometheus prometheus, String job, Instant from, Instant to, Graphics2D graphics) {
        this.prometheus = prometheus;
        this.job = job;
        this.from = from;
        this.to = to;
        this.graphics = graphics;
    }

    /** Writes a picture of a time in PNG. */
    static void write(Prometheus prometheus, String job, Instant from, Instant to, Path file) throws IOException {
        List<Panel> panels = PromQl.panels();
        Rectangle page = panels.stream().map(DashboardPicture::placeOf).reduce(new Rectangle(), Rectangle::union);
        BufferedImage image =
                new BufferedImage(page.width + GAP, page.height + GAP, BufferedImage.TYPE_INT_RGB);
        Graphics2D graphics = image.createGraphics();
        graphics.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
        graphics.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
        graphics.setColor(PAGE);
        graphics.fillRect(0, 0, image.getWidth(), image.getHeight());
        DashboardPicture picture = new DashboardPicture(prometheus, job, from, to, graphics);
        panels.forEach(picture::draw);
        graphics.dispose();
        ImageIO.write(image, "png", file.toFile());
    }

    private static Rectangle placeOf(Panel panel) {
        Rectangle place = panel.place();
        return new Rectangle(
                place.x * COLUMN + GAP, place.y * ROW + GAP, place.width * COLUMN - GAP, place.height * ROW - GAP);
    }

    private void draw(Panel panel) {
        Rectangle place = placeOf(panel);
        switch (panel.type()) {
            case "row" -> text(BOLD, Color.DARK_GRAY, panel.title(), place.x + GAP, place.y + place.height - 2 * GAP);
            case "stat" -> drawNumbers(panel, place);
            case "timeseries" -> lines(panel).draw(graphics, place);
            default -> throw new IllegalArgumentException(panel.title() + " is of an unknown type, " + panel.type());
        }
    }

    private void text(Font font, Color color, String text, int x, int y) {
        graphics.setFont(font);
        graphics.setColor(color);
        graphics.drawString(text, x, y);
    }

    private void drawNumbers(Panel panel, Rectangle place) {
        graphics.setColor(Color.WHITE);
        graphics.fill(place);
        text(BOLD, Color.DARK_GRAY, panel.title(), place.x + 2 * GAP, place.y + 18);
        List<JsonNode> series = panel.targets().stream()
                .flatMap(target -> prometheus.query(PromQl.ofAll(job, RATE_INTERVAL, target.query())))
                .toList();
        String legend = panel.targets().get(0).legend();
        for (int i = 0; i < series.size(); i++) {
            int y = place.y + 46 + i * 26;
            double value = Prometheus.number(series.get(i).at("/value/1"));
            text(LARGE, COLORS.get(0), inWords(panel.unit(), value), place.x + 2 * GAP, y);
            text(SMALL, QUIET, named(legend, series.get(i)), place.x + 100, y);
        }
    }

    private String inWords(String unit, double value) {
        if (unit.equals("dateTimeFromNow")) {
            long seconds = Duration.between(Instant.ofEpochMilli((long) value), to).toSeconds();
            return seconds + " s ago";
        }
        return new DecimalFormat(unit.equals("s") ? "0.0 s" : "0.#", SYMBOLS).format(value);
    }

    private JFreeChart lines(Panel panel) {
        TimeSeriesCollection data = new TimeSeriesCollection();
        for (Target target : panel.targets()) {
            prometheus
                    .query(PromQl.ofAll(job, RATE_INTERVAL, target.query()), from, to, STEP)
                    .map(found -> line(target, found))
                    .forEach(data::addSeries);
        }
        if (data.getSeriesCount() == 0) {
            throw new IllegalStateException(panel.title() + " has no data");
        }
        JFreeChart chart = ChartFactory.createTimeSeriesChart(panel.title(), null, null, data);
        chart.setBackgroundPaint(Color.WHITE);
        chart.getTitle().setFont(BOLD);
        chart.getLegend().setItemFont(SMALL);
        chart.getLegend().setFrame(BlockBorder.NONE);
        XYPlot plot = chart.getXYPlot();
        plot.setBackgroundPaint(Color.WHITE);
        plot.setOutlineVisible(false);
        plot.setDomainGridlinePaint(GRID);
        plot.setRangeGridlinePaint(GRID);
        plot.getDomainAxis().setTickLabelFont(SMALL);
        plot.getDomainAxis().setRange(Date.from(from).getTime(), Date.from(to).getTime());
        NumberAxis numbers = (NumberAxis) plot.getRangeAxis();
        numbers.setTickLabelFont(SMALL);
        numbers.setNumberFormatOverride(formatOf(panel.unit()));
        numbers.setAutoRangeIncludesZero(true);
        if (data.getRangeBounds(true).getLength() == 0) {
            numbers.setRange(0, Math.max(1, 2 * data.getRangeUpperBound(true))); // Else an axis of nothing but zeros.
        }
        XYItemRenderer renderer = plot.getRenderer();
        IntStream.range(0, data.getSeriesCount()).forEach(each -> {
            renderer.setSeriesPaint(each, COLORS.get(each % COLORS.size()));
            renderer.setSeriesStroke(each, new BasicStroke(1.5f));
        });
        return chart;
    }

    private static TimeSeries line(Target target, JsonNode found) {
        TimeSeries line = new TimeSeries(named(target.legend(), found));
        for (JsonNode point : found.at("/values")) {
            double value = Prometheus.number(point.at("/1"));
            line.addOrUpdate(
                    new FixedMillisecond((long) (point.at("/0").asDouble() * 1_000)),
                    Double.isFinite(value) ? value : null);
        }
        return line;
    }

    private static DecimalFormat formatOf(String unit) {
        return switch (unit) {
            case "percentunit" -> new DecimalFormat("0.#%", SYMBOLS);
            case "s" -> {
                DecimalFormat millis = new DecimalFormat("0.### ms", SYMBOLS);
                millis.setMultiplier(1_000);
                yield millis;
            }
            default -> new DecimalFormat("#,##0.##", SYMBOLS);
        };
    }

    private static String named(String legend, JsonNode series) {
        return LABEL.matcher(legend)
                .replaceAll(label -> Matcher.quoteReplacement(
                        series.at("/metric").path(label.group(1)).asText()));
    }
}
