package dev.weir.benchmarks;

import dev.weir.WeirBuilder;
import dev.weir.lease.Leasing;
import java.util.Locale;
import java.util.Map;

/**
 * The ways in which Weir uses a shared store. Each is a row of every part of the comparison, and they differ in nothing
 * but what stands here: a way is added by one line.
 */
enum StoreUse {
    /** Every decision is the store's. */
    STRICT("Weir, strict", Leasing.OFF),
    /** Permits are taken in advance. */
    LEASED("Weir, leased", Leasing.FAST),
    /** As before, and a clock is read for each decision. */
    EXACT("Weir, leased, exact", Leasing.EXACT);

    private final String row;
    private final Leasing leasing;

    StoreUse(String row, Leasing leasing) {
        this.row = row;
        this.leasing = leasing;
    }

    /** Its name in the tables. */
    String row() {
        return row;
    }

    /** The way, for a limiter that is built. */
    WeirBuilder set(WeirBuilder weir) {
        return weir.leasing(leasing);
    }

    /** The way, for a limiter that is configured. */
    Map<String, String> settings() {
        return Map.of("weir.leases", leasing.name().toLowerCase(Locale.ROOT));
    }
}
