package dev.weir.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * When the machine did not let a process run. A thread of each process sleeps for a millisecond again and again; where
 * it wakes at least {@value #LEAST_MILLIS} ms late, nothing in that process could have been on time. Processes of one
 * machine read the same monotonic clock, so what they have seen can be laid over each other.
 */
final class Stalls {

    /** Shorter ones are not counted, though a request meets several of them on its way. */
    private static final int LEAST_MILLIS = 5;

    private static final long NANOS_PER_MILLI = 1_000_000;

    private record Stall(long fromNanos, long toNanos) {}

    /** Apart from each other, in the order of time. */
    private final List<Stall> stalls;

    private Stalls(List<Stall> stalls) {
        this.stalls = stalls;
    }

    /** Starts to watch this process; what it sees goes into a file at once, so that it survives a kill. */
    static void watch(Path file) throws IOException {
        Writer writer = Files.newBufferedWriter(file);
        Thread thread = new Thread(() -> watch(writer), "stalls");
        thread.setDaemon(true);
        thread.start();
    }

    private static void watch(Writer writer) {
        try {
            while (true) {
                long dueNanos = System.nanoTime() + NANOS_PER_MILLI;
                Thread.sleep(1);
                long nowNanos = System.nanoTime();
                if (nowNanos - dueNanos >= LEAST_MILLIS * NANOS_PER_MILLI) {
                    writer.write(dueNanos + " " + nowNanos + "\n");
                    writer.flush();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Those of all processes that wrote these files; where several stalled at a time, that time counts once. */
    static Stalls read(List<Path> files) throws IOException {
        List<Stall> all = new ArrayList<>();
        for (Path file : files) {
            for (String line : Files.readAllLines(file)) {
                String[] ends = line.split(" ");
                all.add(new Stall(Long.parseLong(ends[0]), Long.parseLong(ends[1])));
            }
        }
        all.sort(Comparator.comparingLong(Stall::fromNanos));
        List<Stall> apart = new ArrayList<>();
        for (Stall each : all) {
            Stall last = apart.isEmpty() ? null : apart.get(apart.size() - 1);
            if (last == null || last.toNanos() < each.fromNanos()) {
                apart.add(each);
            } else {
                apart.set(apart.size() - 1, new Stall(last.fromNanos(), Math.max(last.toNanos(), each.toNanos())));
            }
        }
        return new Stalls(apart);
    }

    /** How much of the time between two readings of the clock was stalled. */
    long nanosBetween(long fromNanos, long toNanos) {
        return stalls.stream()
                .mapToLong(each -> Math.min(toNanos, each.toNanos()) - Math.max(fromNanos, each.fromNanos()))
                .filter(nanos -> nanos > 0)
                .sum();
    }
}
