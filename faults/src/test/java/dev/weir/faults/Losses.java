package dev.weir.faults;

import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Calls of the store that failed though nothing was made to fail: a machine that starts processes makes a healthy Redis
 * late. Instances count them, and are asked once a second. Such a call may have been charged or not, and is never
 * charged twice: the request may be free.
 */
final class Losses {

    private static final Pattern ERRORS =
            Pattern.compile("^weir_store_errors_total\\{[^}]*} ([0-9.E]+)", Pattern.MULTILINE);

    private record Seen(long atNanos, long calls) {}

    private final Scene scene;
    private final Entitlements entitlements;
    private final Map<Instance, Seen> seen = new HashMap<>();
    private long lookedNanos = System.nanoTime();
    private long calls;
    private boolean isMade;

    Losses(Scene scene, Entitlements entitlements) {
        this.scene = scene;
        this.entitlements = entitlements;
    }

    /** Asks all that run; before one is made to end, too. */
    synchronized void look() {
        for (Instance instance : scene.running()) {
            try {
                look(instance);
            } catch (UncheckedIOException e) {
                // It ends just now, and was asked before that.
            }
        }
        lookedNanos = System.nanoTime();
    }

    /** Calls are made to fail from now on: what that may cost is known. */
    synchronized void begin() {
        look();
        isMade = true;
    }

    /** Those that fail from now on do so by themselves. */
    synchronized void end() {
        look();
        isMade = false;
    }

    private void look(Instance instance) {
        Seen before = seen.getOrDefault(instance, new Seen(lookedNanos, 0)); // It has started since.
        long all = ERRORS.matcher(instance.get("/metrics"))
                .results()
                .mapToLong(each -> (long) Double.parseDouble(each.group(1)))
                .sum();
        Seen now = new Seen(System.nanoTime(), all);
        seen.put(instance, now);
        if (!isMade && all > before.calls()) {
            calls += all - before.calls();
            entitlements.failed(before.atNanos(), now.atNanos(), all - before.calls());
        }
    }

    /** How many there were. */
    synchronized long calls() {
        return calls;
    }
}
