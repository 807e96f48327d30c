package dev.weir.store;

import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Permitted;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.FixedWindow;
import dev.weir.limit.Reason;
import java.util.ArrayList;
import java.util.List;

/** A fixed window that remembers every admitted request, and counts them all for each decision. */
final class NaiveFixedWindow {

    private record Admitted(long windowAtMicros, long cost) {}

    private final List<Admitted> admitted = new ArrayList<>();
    private final long periodMicros;

    NaiveFixedWindow(long periodMicros) {
        this.periodMicros = periodMicros;
    }

    /** Decides, and remembers what it decided. */
    Decision decide(FixedWindow limit, long nowMicros, long cost) {
        long windowAtMicros = windowAtMicros(nowMicros);
        long used = used(windowAtMicros);
        long resetAfterMicros = windowAtMicros + periodMicros - nowMicros;
        if (used + cost > limit.permits()) {
            return new Rejected(
                    "policy",
                    limit,
                    Math.max(0, limit.permits() - used),
                    used == 0 ? 0 : resetAfterMicros,
                    Reason.LIMIT,
                    resetAfterMicros);
        }
        admitted.add(new Admitted(windowAtMicros, cost));
        return new Permitted("policy", limit, limit.permits() - used - cost, resetAfterMicros, Reason.OK);
    }

    private long windowAtMicros(long nowMicros) {
        long windowAtMicros = nowMicros / periodMicros * periodMicros;
        long latestAtMicros =
                admitted.stream().mapToLong(Admitted::windowAtMicros).max().orElse(windowAtMicros);
        if (latestAtMicros <= nowMicros) {
            return windowAtMicros;
        }
        if (latestAtMicros - nowMicros <= periodMicros) {
            return latestAtMicros;
        }
        // The clock was far ahead: what was admitted then counts now, and what was before is forgotten.
        admitted.removeIf(request -> request.windowAtMicros < latestAtMicros);
        admitted.replaceAll(request -> new Admitted(windowAtMicros, request.cost));
        return windowAtMicros;
    }

    private long used(long windowAtMicros) {
        return admitted.stream()
                .filter(request -> request.windowAtMicros == windowAtMicros)
                .mapToLong(Admitted::cost)
                .sum();
    }
}
