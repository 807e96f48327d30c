package dev.weir.store;

import dev.weir.limit.Decision;
import dev.weir.limit.Exact;
import dev.weir.limit.FixedWindow;
import dev.weir.limit.Limit;
import dev.weir.limit.SlidingWindow;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One client whose callers give timestamps: finds the time that counts for each request from what was admitted before,
 * and lets a naive limit decide at that time.
 */
final class NaiveTimeline {

    /** A limit that is always asked for the same client. */
    interface NaiveLimit {

        Decision decide(long nowMicros, long cost);
    }

    /** A request that was admitted: what the store's clock showed, and the time that counted. */
    record Admitted(long clockMicros, long nowMicros, long cost) {}

    private static final long MOST_AHEAD_MICROS = 60_000_000;

    private final List<Admitted> admitted = new ArrayList<>();
    private final Limit limit;
    private final Supplier<NaiveLimit> fresh;

    private NaiveLimit naive;
    private @Nullable Long lastMicros;
    private long overMicros;
    private long keptMicros;

    NaiveTimeline(Limit limit, Supplier<NaiveLimit> fresh) {
        this.limit = limit;
        this.fresh = fresh;
        naive = fresh.get();
    }

    /** What the answer must be, to the letter; remembers it. The timestamp is near enough to the clock. */
    Decision decide(long clockMicros, @Nullable Timestamp at, long cost) {
        long asked = at == null ? clockMicros : at.atMicros();
        if (lastMicros != null && overMicros <= clockMicros) {
            lastMicros = null;
            keptMicros = 0;
            naive = fresh.get();
        }
        long nowMicros = asked;
        boolean takenBack = false;
        if (lastMicros != null) {
            long aheadMicros = lastMicros - clockMicros;
            boolean believed = aheadMicros <= periodMicros() || keptMicros > 0 && aheadMicros <= MOST_AHEAD_MICROS;
            nowMicros = Math.max(asked, believed ? lastMicros : clockMicros);
            takenBack = lastMicros - nowMicros > periodMicros();
        }
        Decision decision = naive.decide(nowMicros, cost);
        if (decision.permitted() || takenBack) {
            lastMicros = begin(nowMicros, takenBack);
            keptMicros = at == null ? keptMicros : Math.max(keptMicros, kept(at.maxAgeMicros()));
            overMicros = nowMicros + decision.resetAfterMicros() + keptMicros;
        }
        if (decision.permitted()) {
            admitted.add(new Admitted(clockMicros, nowMicros, cost));
        }
        return reported(decision, nowMicros - asked);
    }

    /** Windows know of no time but when they begin. */
    private long begin(long nowMicros, boolean takenBack) {
        if (limit instanceof FixedWindow || limit instanceof SlidingWindow) {
            long begin = Math.floorDiv(nowMicros, periodMicros()) * periodMicros();
            return lastMicros == null || takenBack ? begin : Math.max(begin, lastMicros);
        }
        return lastMicros == null || takenBack ? nowMicros : Math.max(nowMicros, lastMicros);
    }

    private static long kept(long maxAgeMicros) {
        long millis = 1;
        while (millis * 1_000 <= maxAgeMicros) {
            millis += millis;
        }
        return millis * 1_000;
    }

    private static Decision reported(Decision decision, long laterMicros) {
        long resetAfter = decision.resetAfterMicros() == 0 ? 0 : decision.resetAfterMicros() + laterMicros;
        if (decision instanceof Decision.Rejected rejected) {
            return new Decision.Rejected(
                    rejected.policy(),
                    rejected.limit(),
                    rejected.remaining(),
                    resetAfter,
                    rejected.reason(),
                    rejected.retryAfterMicros() + laterMicros);
        }
        return new Decision.Permitted(
                decision.policy(), decision.limit(), decision.remaining(), resetAfter, decision.reason());
    }

    private long periodMicros() {
        return Exact.micros(limit.period());
    }

    /** What was admitted, in its order. */
    List<Admitted> admitted() {
        return admitted;
    }
}
