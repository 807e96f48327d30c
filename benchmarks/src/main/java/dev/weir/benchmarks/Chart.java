package dev.weir.benchmarks;

import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.Paint;
import java.awt.geom.Rectangle2D;
import java.text.NumberFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;
import org.jfree.chart.ChartFactory;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.labels.ItemLabelAnchor;
import org.jfree.chart.labels.ItemLabelPosition;
import org.jfree.chart.labels.StandardCategoryItemLabelGenerator;
import org.jfree.chart.plot.CategoryPlot;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.renderer.category.BarRenderer;
import org.jfree.chart.renderer.category.StandardBarPainter;
import org.jfree.chart.ui.TextAnchor;
import org.jfree.data.category.DefaultCategoryDataset;

/** A bar for each row, a panel for each scenario: the median of the first column. */
final class Chart {

    private static final int WIDTH = 900;
    private static final int BAR_HEIGHT = 34;
    private static final int PANEL_HEIGHT = 90;
    private static final Color OURS = new Color(0x1F6FB2);
    private static final Color PEER = new Color(0xB8BEC6);
    private static final Color FLOOR = new Color(0xDDDDDD);
    private static final double MAGNITUDE = 10;
    private static final double ROOM_FOR_LABEL = 0.15;
    private static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 14);

    private final List<Scenario> scenarios;
    private final Results results;

    Chart(List<Scenario> scenarios, Results results) {
        this.scenarios = scenarios;
        this.results = results;
    }

    String svg() {
        return Svg.of(WIDTH, height(), this::draw);
    }

    int height() {
        return scenarios.stream().mapToInt(Chart::height).sum();
    }

    private static int height(Scenario scenario) {
        return PANEL_HEIGHT + BAR_HEIGHT * scenario.rows().size();
    }

    private void draw(Graphics2D graphics) {
        double top = 0;
        for (Scenario scenario : scenarios) {
            panel(scenario).draw(graphics, new Rectangle2D.Double(0, top, WIDTH, height(scenario)));
            top += height(scenario);
        }
    }

    private JFreeChart panel(Scenario scenario) {
        Scenario.Column column = scenario.columns().get(0);
        DefaultCategoryDataset data = new DefaultCategoryDataset();
        for (String row : scenario.rows()) {
            data.addValue(
                    results.spread(scenario.name(), row, column.key())
                            .map(Spread::median)
                            .orElse(null),
                    column.title(),
                    row);
        }
        JFreeChart chart = ChartFactory.createBarChart(
                scenario.description(), null, null, data, PlotOrientation.HORIZONTAL, false, false, false);
        chart.getTitle().setFont(TITLE);
        chart.setBackgroundPaint(Color.WHITE);
        CategoryPlot plot = chart.getCategoryPlot();
        plot.setBackgroundPaint(Color.WHITE);
        plot.setRangeGridlinePaint(Color.LIGHT_GRAY);
        plot.setOutlineVisible(false);
        plot.getDomainAxis().setMaximumCategoryLabelWidthRatio(0.4f);
        boolean isLog = isLog(scenario, column);
        plot.setRangeAxis(axis(scenario, column, isLog));
        plot.setRenderer(bars(scenario, isLog));
        return chart;
    }

    /** From 0; or, where values are magnitudes apart, powers of ten from 1. */
    private ValueAxis axis(Scenario scenario, Scenario.Column column, boolean isLog) {
        String title = column.title() + (scenario.lessIsBetter() ? " (less is better)" : "");
        if (!isLog) {
            NumberAxis axis = new NumberAxis(title);
            axis.setUpperMargin(ROOM_FOR_LABEL);
            return axis;
        }
        double most = medians(scenario, column).max().orElse(1);
        LogAxis axis = new LogAxis(title);
        axis.setNumberFormatOverride(NumberFormat.getIntegerInstance(Locale.ROOT));
        axis.setTickUnit(new NumberTickUnit(1)); // Of the exponent.
        axis.setRange(1, Math.pow(most, 1 + ROOM_FOR_LABEL));
        return axis;
    }

    private boolean isLog(Scenario scenario, Scenario.Column column) {
        double least = medians(scenario, column).min().orElse(0);
        return least >= 1 && medians(scenario, column).max().orElse(0) > MAGNITUDE * least;
    }

    private DoubleStream medians(Scenario scenario, Scenario.Column column) {
        return scenario.rows().stream()
                .flatMap(row -> results.spread(scenario.name(), row, column.key()).stream())
                .mapToDouble(Spread::median);
    }

    private static BarRenderer bars(Scenario scenario, boolean isLog) {
        BarRenderer bars = new BarRenderer() {
            @Override
            public Paint getItemPaint(int series, int category) {
                String row = scenario.rows().get(category);
                return row.startsWith("Weir") ? OURS : row.equals(scenario.floor()) ? FLOOR : PEER;
            }
        };
        bars.setBarPainter(new StandardBarPainter());
        bars.setShadowVisible(false);
        bars.setBase(isLog ? 1 : 0);
        bars.setDefaultItemLabelGenerator(
                new StandardCategoryItemLabelGenerator("{2}", NumberFormat.getIntegerInstance(Locale.ROOT)));
        bars.setDefaultItemLabelsVisible(true);
        bars.setDefaultPositiveItemLabelPosition(
                new ItemLabelPosition(ItemLabelAnchor.OUTSIDE3, TextAnchor.CENTER_LEFT));
        return bars;
    }
}
