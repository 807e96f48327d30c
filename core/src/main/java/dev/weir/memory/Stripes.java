package dev.weir.memory;

import dev.weir.store.MicrosClock;
import dev.weir.store.Overrides;
import dev.weir.store.Page;
import dev.weir.store.Subject;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** All clients of a store, spread by their ids over stripes that each have a lock of their own. */
final class Stripes {

    private static final int BITS = 8;
    private static final int COUNT = 1 << BITS;

    private final Stripe[] stripes = new Stripe[COUNT];

    /** @param most of how many clients, times policies, the use is kept */
    Stripes(int most) {
        for (int i = 0; i < stripes.length; i++) {
            stripes[i] = new Stripe(most == UsageTable.UNBOUNDED ? most : Math.max(1, most / COUNT));
        }
    }

    Stripe of(String client) {
        // Fibonacci hashing: the stripe's own map uses the low bits, which must not be the same for all of its clients.
        return stripes[client.hashCode() * 0x9E3779B9 >>> 32 - BITS];
    }

    /** As {@link dev.weir.store.Store#list}. */
    Page list(Subject.Kind kind, String from, int most) {
        NavigableMap<String, Overrides> after = new TreeMap<>();
        for (Stripe stripe : stripes) {
            stripe.collect(kind, from, after);
        }
        List<Map.Entry<String, Overrides>> entries = after.entrySet().stream()
                .limit(most)
                .map(entry -> Map.entry(entry.getKey(), entry.getValue()))
                .toList();
        boolean isLast = entries.size() == after.size();
        return new Page(
                entries,
                isLast
                        ? Optional.empty()
                        : Optional.of(entries.get(entries.size() - 1).getKey()));
    }

    /** Clients times policies that take room now. */
    int size() {
        int size = 0;
        for (Stripe stripe : stripes) {
            size += stripe.size();
        }
        return size;
    }

    /** @param sweeps in how many of these all entries are to be looked at */
    void sweep(int sweeps, MicrosClock clock) {
        for (Stripe stripe : stripes) {
            stripe.sweep(sweeps, clock);
        }
    }
}
