package dev.weir.benchmarks;

import java.util.Locale;

/**
 * A number that was aimed at.
 *
 * @param least whether it is a least number; else it is a most
 * @param format how both are printed
 */
record Aim(String what, double measured, double bound, boolean least, String format) {

    static Aim atMost(String what, double measured, double bound, String format) {
        return new Aim(what, measured, bound, false, format);
    }

    static Aim atLeast(String what, double measured, double bound, String format) {
        return new Aim(what, measured, bound, true, format);
    }

    /** Parts are given in percent. */
    static Aim atMostPercent(String what, double measured, double bound) {
        return atMost(what, 100 * measured, 100 * bound, "%.2f %%");
    }

    static Aim atLeastPercent(String what, double measured, double bound) {
        return atLeast(what, 100 * measured, 100 * bound, "%.2f %%");
    }

    boolean isMet() {
        return least ? measured >= bound : measured <= bound;
    }

    String line() {
        return "| %s | %s | at %s %s | %s |"
                .formatted(what, text(measured), least ? "least" : "most", text(bound), isMet() ? "met" : "**missed**");
    }

    private String text(double value) {
        return String.format(Locale.ROOT, format, value);
    }
}
