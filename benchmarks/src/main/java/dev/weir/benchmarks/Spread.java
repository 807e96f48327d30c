package dev.weir.benchmarks;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleFunction;

/** What the repetitions of one measurement have in common, and how far they are apart. */
record Spread(double median, double least, double most) {

    private static final MathContext RATIO = new MathContext(3);

    /** @throws IllegalArgumentException if there is no value */
    static Spread of(List<Double> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException("no values");
        }
        double[] sorted =
                values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        int half = sorted.length / 2;
        double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
        return new Spread(median, sorted[0], sorted[sorted.length - 1]);
    }

    /** The median, and in brackets the least and the most where they differ. */
    String text(int digits) {
        return text(value -> String.format(Locale.ROOT, "%,." + digits + "f", value));
    }

    /**
     * As {@link #text}, in at most three significant digits: for ratios, of which one may be a thousand and the next a
     * thousandth.
     */
    String ratioText() {
        return text(
                value -> new BigDecimal(value).round(RATIO).stripTrailingZeros().toPlainString());
    }

    private String text(DoubleFunction<String> format) {
        String middle = format.apply(median);
        String from = format.apply(least);
        String to = format.apply(most);
        return from.equals(to) ? middle : "%s (%s – %s)".formatted(middle, from, to);
    }
}
