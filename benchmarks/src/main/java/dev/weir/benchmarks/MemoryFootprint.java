package dev.weir.benchmarks;

import dev.weir.limit.Limit;
import dev.weir.memory.MemoryStore;
import dev.weir.store.Charge;
import dev.weir.store.StoreRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * What a million active clients take of the heap in the memory store, beyond the strings of their ids; and what is left
 * of that when they have gone.
 *
 * <pre>java -Xmx2g -jar benchmarks/target/benchmarks.jar memory</pre>
 */
@Command(
        name = "memory",
        description = "What a million active clients take of the heap in the memory store; needs -Xmx2g.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
final class MemoryFootprint implements Callable<Integer> {

    private static final int CLIENTS = 1_000_000;

    /** So long, all entries are looked at: the second for which they are kept beyond their time has passed before. */
    private static final long SWEEPS_MILLIS = 20_000;

    /** Prints a line for each limit. */
    @Override
    public Integer call() throws InterruptedException {
        Duration period = Duration.ofSeconds(20);
        String[] ids = new String[CLIENTS];
        for (int i = 0; i < CLIENTS; i++) {
            ids[i] = "client-" + i;
        }
        for (Limit limit : List.of(
                Limit.tokenBucket(10, period), Limit.fixedWindow(10, period), Limit.slidingWindow(10, period))) {
            try (MemoryStore store = new MemoryStore()) {
                long before = usedBytes();
                Charge whole = new Charge("policy", limit, limit.capacity());
                for (String id : ids) {
                    store.tryAcquire(StoreRequest.of(id, List.of(whole))).join();
                }
                long active = usedBytes() - before;
                // The store lives by the real clock, and a sliding window counts two windows at most. What is over then
                // is found by sweeps, a part of the entries each second.
                Thread.sleep(2 * period.toMillis() + SWEEPS_MILLIS);
                long idle = usedBytes() - before;
                System.out.printf(
                        "%-36s %6.1f bytes per active client, %5.2f when all are idle%n",
                        limit, (double) active / CLIENTS, (double) idle / CLIENTS);
            }
        }
        return CommandLine.ExitCode.OK;
    }

    private static long usedBytes() {
        Runtime runtime = Runtime.getRuntime();
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return runtime.totalMemory() - runtime.freeMemory();
    }
}
