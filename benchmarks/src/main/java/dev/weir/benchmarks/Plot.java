package dev.weir.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jetbrains.letsPlot.commons.encoding.RGBEncoder;
import org.jetbrains.letsPlot.commons.geometry.DoubleVector;
import org.jetbrains.letsPlot.core.util.PlotSvgExportCommon;

/** Draws what a specification of Lets-Plot says. That is a grammar of graphics, as ggplot2's. */
final class Plot {

    /** Behind a whole plot: pages that show it may be dark. */
    static final Map<String, Object> WHITE = Map.of("fill", "white", "color", "white", "blank", false);

    private static final RGBEncoder NO_BITMAPS = (width, height, pixels) -> {
        throw new IllegalArgumentException("no plot has a bitmap");
    };

    private Plot() {}

    static String svg(Map<String, Object> specification, int width, int height) {
        return PlotSvgExportCommon.INSTANCE.buildSvgImageFromRawSpecs(
                specification, new DoubleVector(width, height), NO_BITMAPS, false);
    }

    /** A part of a specification with one more key. */
    static Map<String, Object> with(Map<String, Object> part, String key, Object value) {
        Map<String, Object> whole = new LinkedHashMap<>(part);
        whole.put(key, value);
        return whole;
    }
}
