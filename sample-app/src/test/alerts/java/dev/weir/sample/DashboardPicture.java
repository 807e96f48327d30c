package dev.weir.sample;

import com.fasterxml.jackson.databind.JsonNode;
import dev.weir.sample.PromQl.Panel;
import dev.weir.sample.PromQl.Target;
import java.awt.Rectangle;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.DecimalFormat;
import java.text.DecimalFormatSymbols;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.StreamSupport;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.transform.TransformerException;
import javax.xml.transform.TransformerFactory;
import javax.xml.transform.dom.DOMSource;
import javax.xml.transform.stream.StreamResult;
import org.jetbrains.letsPlot.commons.geometry.DoubleVector;
import org.jetbrains.letsPlot.core.util.PlotSvgExportCommon;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

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

    private static final String SVG = "http://www.w3.org/2000/svg";
    private static final String FONT = "Lucida Grande, sans-serif";
    private static final String BLUE = "#1F6FB2";
    private static final List<String> COLORS = List.of(
            BLUE, "#D1782B", "#3B8E4D", "#7A5AA6", "#B3261E", "#2A9D9D", "#8A6D3B", "#E377C2", "#9AA5B1", "#17233A");
    private static final Map<String, Object> THEME = Map.of(
            "name", "minimal",
            "plot_background", Map.of("fill", "white", "color", "white", "blank", false),
            "plot_title", Map.of("face", "bold", "size", 12, "hjust", 0.5),
            "axis_title", "blank",
            "axis_text", Map.of("size", 9),
            "legend_position", "bottom",
            "legend_title", "blank",
            "legend_text", Map.of("size", 9));

    /** How wide a letter of a legend is, and what stands before and behind its words. */
    private static final int LETTER = 5;

    private static final int KEY = 34;

    private final Prometheus prometheus;
    private final String job;
    private final Instant from;
    private final Instant to;
    private final DocumentBuilder documents;
    private final Document page;

    private DashboardPicture(Prometheus prometheus, String job, Instant from, Instant to)
            throws ParserConfigurationException {
        this.prometheus = prometheus;
        this.job = job;
        this.from = from;
        this.to = to;
        documents = DocumentBuilderFactory.newDefaultNSInstance().newDocumentBuilder();
        page = documents.newDocument();
    }

    /** Writes a picture of a time in SVG. */
    static void write(Prometheus prometheus, String job, Instant from, Instant to, Path file) throws Exception {
        new DashboardPicture(prometheus, job, from, to).write(file);
    }

    private void write(Path file) throws IOException, SAXException, TransformerException {
        List<Panel> panels = PromQl.panels();
        Rectangle whole = panels.stream().map(DashboardPicture::placeOf).reduce(new Rectangle(), Rectangle::union);
        whole.grow(GAP, GAP);
        Element root = page.createElementNS(SVG, "svg");
        page.appendChild(root);
        root.setAttribute("viewBox", "0 0 %d %d".formatted(whole.width, whole.height));
        root.setAttribute("font-family", FONT);
        addBox(root, new Rectangle(whole.width, whole.height), "#F4F5F5");
        for (Panel panel : panels) {
            add(root, panel);
        }
        StreamResult result = new StreamResult(Files.newBufferedWriter(file));
        TransformerFactory.newDefaultInstance().newTransformer().transform(new DOMSource(page), result);
        result.getWriter().close();
    }

    private static Rectangle placeOf(Panel panel) {
        Rectangle place = panel.place();
        return new Rectangle(
                place.x * COLUMN + GAP, place.y * ROW + GAP, place.width * COLUMN - GAP, place.height * ROW - GAP);
    }

    private void add(Element root, Panel panel) throws IOException, SAXException {
        Rectangle place = placeOf(panel);
        switch (panel.type()) {
            case "row" -> addText(root, panel.title(), place.x + GAP, place.y + place.height - 2 * GAP, 13, "#404040");
            case "stat" -> addNumbers(root, panel, place);
            case "timeseries" -> {
                Element plot = (Element) page.importNode(lines(panel, place).getDocumentElement(), true);
                plot.setAttribute("x", Integer.toString(place.x));
                plot.setAttribute("y", Integer.toString(place.y));
                root.appendChild(plot);
            }
            default -> throw new IllegalArgumentException(panel.title() + " is of an unknown type, " + panel.type());
        }
    }

    private void addBox(Element root, Rectangle place, String color) {
        Element box = page.createElementNS(SVG, "rect");
        box.setAttribute("x", Integer.toString(place.x));
        box.setAttribute("y", Integer.toString(place.y));
        box.setAttribute("width", Integer.toString(place.width));
        box.setAttribute("height", Integer.toString(place.height));
        box.setAttribute("fill", color);
        root.appendChild(box);
    }

    /** From 13 pixels on in bold, below 20. */
    private void addText(Element root, String text, int x, int y, int size, String color) {
        Element words = page.createElementNS(SVG, "text");
        words.setAttribute("x", Integer.toString(x));
        words.setAttribute("y", Integer.toString(y));
        words.setAttribute("font-size", Integer.toString(size));
        words.setAttribute("font-weight", size == 13 ? "bold" : "normal");
        words.setAttribute("fill", color);
        words.setTextContent(text);
        root.appendChild(words);
    }

    private void addNumbers(Element root, Panel panel, Rectangle place) {
        addBox(root, place, "white");
        addText(root, panel.title(), place.x + 2 * GAP, place.y + 18, 13, "#404040");
        List<JsonNode> series = panel.targets().stream()
                .flatMap(target -> prometheus.query(PromQl.ofAll(job, RATE_INTERVAL, target.query())))
                .toList();
        String legend = panel.targets().get(0).legend();
        for (int i = 0; i < series.size(); i++) {
            int y = place.y + 46 + i * 26;
            double value = Prometheus.number(series.get(i).at("/value/1"));
            addText(root, inWords(panel.unit(), value), place.x + 2 * GAP, y, 20, BLUE);
            addText(root, named(legend, series.get(i)), place.x + 100, y, 10, "#5B6472");
        }
    }

    private String inWords(String unit, double value) {
        if (unit.equals("dateTimeFromNow")) {
            long seconds = Duration.between(Instant.ofEpochMilli((long) value), to).toSeconds();
            return seconds + " s ago";
        }
        return new DecimalFormat(unit.equals("s") ? "0.0 s" : "0.#", SYMBOLS).format(value);
    }

    private Document lines(Panel panel, Rectangle place) throws IOException, SAXException {
        Points points = points(panel);
        if (points.names.isEmpty()) {
            throw new IllegalStateException(panel.title() + " has no data");
        }
        List<String> names = points.names.stream().distinct().toList();
        int longest = names.stream().mapToInt(String::length).max().orElse(0);
        int columns = Math.max(1, (place.width - KEY) / (LETTER * longest + KEY));
        Map<String, Object> time = Map.of(
                "aesthetic", "x",
                "datetime", true,
                "format", "%H:%M:%S",
                "limits", List.of((double) from.toEpochMilli(), (double) to.toEpochMilli()));
        Map<String, Object> value = new HashMap<>(Map.of("aesthetic", "y", "limits", List.of(0.0, points.most())));
        formatOf(panel.unit()).ifPresent(format -> value.put("format", format));
        Map<String, Object> color = Map.of(
                "aesthetic", "color",
                "limits", names,
                "values", COLORS,
                "guide", Map.of("name", "legend", "ncol", columns));
        Map<String, Object> plot = Map.of(
                "kind", "plot",
                "ggtitle", Map.of("text", panel.title()),
                "data", Map.of("time", points.times, "value", points.values, "line", points.names),
                "mapping", Map.of("x", "time", "y", "value", "color", "line"),
                "layers", List.of(Map.of("geom", "line", "size", 0.8)),
                "scales", List.of(time, value, color),
                "theme", THEME);
        String svg = PlotSvgExportCommon.INSTANCE.buildSvgImageFromRawSpecs(
                plot, new DoubleVector(place.width, place.height), (width, height, pixels) -> "", false);
        return documents.parse(new InputSource(new StringReader(svg)));
    }

    /** What is 0 all the time is left out, so that there is room; unless all is. */
    private Points points(Panel panel) {
        Points moving = points(panel, DashboardPicture::moves);
        return moving.names.isEmpty() ? points(panel, any -> true) : moving;
    }

    private static boolean moves(JsonNode series) {
        return StreamSupport.stream(series.at("/values").spliterator(), false)
                .mapToDouble(point -> Prometheus.number(point.at("/1")))
                .anyMatch(value -> Double.isFinite(value) && value != 0);
    }

    private Points points(Panel panel, Predicate<JsonNode> isShown) {
        Points points = new Points(panel.unit().equals("s") ? 1_000 : 1);
        for (Target target : panel.targets()) {
            prometheus
                    .query(PromQl.ofAll(job, RATE_INTERVAL, target.query()), from, to, STEP)
                    .filter(isShown)
                    .forEach(series -> series.at("/values")
                            .forEach(point -> points.add(
                                    named(target.legend(), series).replace("localhost", ""),
                                    point.at("/0").asDouble(),
                                    Prometheus.number(point.at("/1")))));
        }
        return points;
    }

    /** The points of all lines of a panel, column by column. */
    private static final class Points {

        final List<Double> times = new ArrayList<>();
        final List<Double> values = new ArrayList<>();
        final List<String> names = new ArrayList<>();
        private final double factor;

        Points(double factor) {
            this.factor = factor;
        }

        void add(String name, double seconds, double value) {
            names.add(name);
            times.add(1_000 * seconds);
            values.add(Double.isFinite(value) ? factor * value : null);
        }

        /** Where the axis ends: above all of them; at 1 if there is nothing above 0. */
        double most() {
            double most = values.stream()
                    .filter(Objects::nonNull)
                    .mapToDouble(Double::doubleValue)
                    .max()
                    .orElse(0);
            return most == 0 ? 1 : 1.05 * most;
        }
    }

    private static Optional<String> formatOf(String unit) {
        return switch (unit) {
            case "percentunit" -> Optional.of(".0%");
            case "s" -> Optional.of("{.1f} ms");
            default -> Optional.empty();
        };
    }

    private static String named(String legend, JsonNode series) {
        return LABEL.matcher(legend)
                .replaceAll(label -> Matcher.quoteReplacement(
                        series.at("/metric").path(label.group(1)).asText()));
    }
}
