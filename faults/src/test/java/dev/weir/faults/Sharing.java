package dev.weir.faults;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Whether what one instance takes is missing for another: asked of two of them for a new client each time, some
 * {@value #PER_SECOND} times a second, as long as all goes on.
 */
final class Sharing {

    private static final int PER_SECOND = 10;
    private static final Pattern REMAINING = Pattern.compile("\"remaining\":(\\d+)");

    /** Decisions count as shared again when they were shared for so long. */
    private static final long STEADY_NANOS = 500_000_000L;

    private record Look(long atNanos, boolean isShared) {}

    private final List<Instance> instances;
    private final List<Look> looks = new CopyOnWriteArrayList<>();
    private final Thread thread = new Thread(this::look, "sharing");
    private @Nullable Connection one;
    private @Nullable Connection other;

    /** @param instances those that run, as they come and go: the first and the last that does not end are asked */
    Sharing(List<Instance> instances) {
        this.instances = instances;
        thread.setDaemon(true);
        thread.start();
    }

    private void look() {
        try {
            for (int i = 0; true; i++) {
                List<Instance> staying =
                        instances.stream().filter(each -> !each.isLeaving()).toList();
                if (staying.size() > 1) {
                    String client = "probe-" + i;
                    long atNanos = System.nanoTime();
                    looks.add(new Look(atNanos, isShared(staying.get(0), staying.get(staying.size() - 1), client)));
                }
                Thread.sleep(1_000 / PER_SECOND); // A sample of all that time, and little load.
            }
        } catch (InterruptedException e) {
            disconnect();
        }
    }

    private boolean isShared(Instance first, Instance last, String client) {
        try {
            one = connected(one, first);
            other = connected(other, last);
            return remaining(one, client) - remaining(other, client) == 1;
        } catch (IOException e) {
            disconnect();
            return false;
        }
    }

    private static Connection connected(@Nullable Connection kept, Instance to) throws IOException {
        if (kept != null && kept.port() == to.port()) {
            return kept;
        }
        if (kept != null) {
            kept.close();
        }
        return new Connection(to.port());
    }

    private static long remaining(Connection connection, String client) throws IOException {
        Matcher remaining = REMAINING.matcher(
                connection.get("/try/probe?client=" + client, client).body());
        return remaining.find() ? Long.parseLong(remaining.group(1)) : -1;
    }

    private void disconnect() {
        if (one != null) {
            one.close();
        }
        if (other != null) {
            other.close();
        }
        one = null;
        other = null;
    }

    /** How long after a moment decisions began to be shared, and went on so; empty if they have not. */
    Optional<Duration> sharedAfter(long nanos) {
        List<Look> later = new ArrayList<>(looks);
        later.removeIf(look -> look.atNanos() < nanos);
        return later.stream()
                .filter(look -> isSteady(later, look.atNanos()))
                .findFirst()
                .map(look -> Duration.ofNanos(look.atNanos() - nanos));
    }

    private static boolean isSteady(List<Look> looks, long fromNanos) {
        return looks.get(looks.size() - 1).atNanos() - fromNanos >= STEADY_NANOS
                && looks.stream()
                        .filter(look -> look.atNanos() - fromNanos >= 0 && look.atNanos() - fromNanos <= STEADY_NANOS)
                        .allMatch(Look::isShared);
    }

    void stop() throws InterruptedException {
        thread.interrupt();
        thread.join();
    }
}
