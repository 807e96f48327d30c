package dev.weir.benchmarks;

import static dev.weir.benchmarks.PoolClient.SLICES_PER_SECOND;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.geom.Rectangle2D;
import java.util.List;
import org.jfree.chart.ChartFactory;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.plot.PlotOrientation;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** What each client got over time, and its ideal as a thin dashed line. */
final class SharesChart {

    private static final int WIDTH = 900;
    private static final int HEIGHT = 320;
    private static final int STEP = SLICES_PER_SECOND / 2;
    private static final BasicStroke GOT = new BasicStroke(2f);
    private static final BasicStroke IDEAL =
            new BasicStroke(1f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 1f, new float[] {4f, 3f}, 0f);
    private static final List<Color> COLORS =
            List.of(new Color(0x1F6FB2), new Color(0xD1782B), new Color(0x3B8E4D), new Color(0x7A5AA6));

    private final FairShares shares;

    SharesChart(FairShares shares) {
        this.shares = shares;
    }

    String svg() {
        XYSeriesCollection data = new XYSeriesCollection();
        XYLineAndShapeRenderer lines = new XYLineAndShapeRenderer(true, false);
        lines.setDrawSeriesLineAsPath(true);
        for (int client = 0; client < shares.clients().size(); client++) {
            add(data, lines, client, true);
            add(data, lines, client, false);
        }
        JFreeChart chart = ChartFactory.createXYLineChart(
                null, "seconds", "permits per second", data, PlotOrientation.VERTICAL, true, false, false);
        chart.setBackgroundPaint(Color.WHITE);
        XYPlot plot = chart.getXYPlot();
        plot.setBackgroundPaint(Color.WHITE);
        plot.setRangeGridlinePaint(Color.LIGHT_GRAY);
        plot.setOutlineVisible(false);
        plot.setRenderer(lines);
        return Svg.of(WIDTH, HEIGHT, page -> chart.draw(page, new Rectangle2D.Double(0, 0, WIDTH, HEIGHT)));
    }

    private void add(XYSeriesCollection data, XYLineAndShapeRenderer lines, int client, boolean isIdeal) {
        PoolClient measured = shares.clients().get(client);
        XYSeries series = new XYSeries(measured.group() + (isIdeal ? ", ideal" : ""));
        for (int slice = 0; slice < measured.got().length; slice += STEP) {
            double value =
                    isIdeal ? shares.ideal(client, slice, slice + STEP) : shares.got(client, slice, slice + STEP);
            series.add((double) slice / SLICES_PER_SECOND, value);
            if (isIdeal) {
                series.add((double) (slice + STEP) / SLICES_PER_SECOND, value);
            }
        }
        int number = data.getSeriesCount();
        data.addSeries(series);
        lines.setSeriesPaint(number, COLORS.get(client % COLORS.size()));
        lines.setSeriesStroke(number, isIdeal ? IDEAL : GOT);
        lines.setSeriesVisibleInLegend(number, !isIdeal);
    }
}
