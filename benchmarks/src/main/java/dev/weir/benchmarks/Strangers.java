package dev.weir.benchmarks;

import dev.weir.Policy;
import dev.weir.RateLimiter;
import dev.weir.Weir;
import dev.weir.limit.Limit;
import dev.weir.redisson.RedissonStoreProvider;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * What strangers can take: each request has an id that was never seen before, while one known client goes on asking.
 *
 * <pre>java -Xmx256m -jar benchmarks/target/benchmarks.jar strangers</pre>
 */
@Command(
        name = "strangers",
        description = "A million ids in a minute: the heap, the memory of Redis, and what a known client notices.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
final class Strangers implements Callable<Integer> {

    /** Of which one permit is 86 s in use: so long, Redis remembers a stranger. */
    private static final Policy QUOTA = Policy.of("quota", Limit.tokenBucket(1_000, Duration.ofDays(1)));

    private static final Policy SEARCH = Policy.of("search", Limit.tokenBucket(200, Duration.ofSeconds(10)));
    private static final int ASKING = 32;
    private static final int WARM_UP = 50_000;
    private static final Duration ALONE = Duration.ofSeconds(15);

    /** By then Redis has let the last stranger expire, which it does by its own time. */
    private static final Duration FORGOTTEN = Duration.ofSeconds(100);

    /** Half of what its limit allows: it may never be refused. */
    private static final long KNOWN_PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    @Spec
    private CommandSpec spec;

    @Option(names = "--ids", paramLabel = "N", description = "1 or more. Default: ${DEFAULT-VALUE}")
    private int ids = 1_000_000;

    @Option(names = "--seconds", paramLabel = "N", description = "In how long, 1 or more. Default: ${DEFAULT-VALUE}")
    private int seconds = 60;

    @Option(
            names = "--out",
            paramLabel = "DIRECTORY",
            description = "Where strangers.md goes. Default: ${DEFAULT-VALUE}")
    private Path out = Path.of("benchmarks", "results");

    /** A client that asks ten times a second, as long as it is not ended. */
    private static final class Known {

        private final RateLimiter limiter;
        private final Thread thread = new Thread(this::ask, "known");
        private final List<Long> nanos = new ArrayList<>();
        private int refused;
        private volatile boolean isOver;

        Known(RateLimiter limiter) {
            this.limiter = limiter;
            thread.start();
        }

        private void ask() {
            while (!isOver) {
                long began = System.nanoTime();
                refused += limiter.allow("known") ? 0 : 1;
                nanos.add(System.nanoTime() - began);
                LockSupport.parkNanos(KNOWN_PAUSE_NANOS);
            }
        }

        String end() throws InterruptedException {
            isOver = true;
            thread.join();
            long[] sorted = nanos.stream().mapToLong(Long::longValue).sorted().toArray();
            return String.format(
                    Locale.ROOT,
                    "%.2f | %.2f | %.2f | %d of %d",
                    sorted[sorted.length / 2] / 1e6,
                    sorted[(int) Math.ceil(0.99 * sorted.length) - 1] / 1e6,
                    sorted[sorted.length - 1] / 1e6,
                    refused,
                    sorted.length);
        }
    }

    @Override
    public Integer call() throws Exception {
        if (ids < 1 || seconds < 1) {
            throw new ParameterException(spec.commandLine(), "--ids and --seconds must be 1 or more");
        }
        List<String> lines = new ArrayList<>();
        try (Redis redis = Redis.start();
                Weir weir = Weir.builder()
                        .store(new RedissonStoreProvider().open(Map.of("weir.redisson.uri", redis.uri())))
                        .policy(QUOTA)
                        .policy(SEARCH)
                        .build()) {
            head(lines, redis);
            measure(lines, redis, weir);
        }
        lines.forEach(System.out::println);
        Files.writeString(out.resolve("strangers.md"), String.join("\n", lines) + "\n");
        return CommandLine.ExitCode.OK;
    }

    private void head(List<String> lines, Redis redis) throws Exception {
        lines.add("# A million strangers in a minute");
        lines.add("");
        lines.add("What `%s` wrote on %s, with a heap of %d MiB: %,d ids in %d s, each once, by %d threads; %s."
                .formatted(
                        CommandText.of(spec),
                        Instant.now().toString().substring(0, 10),
                        Runtime.getRuntime().maxMemory() >> 20,
                        ids,
                        seconds,
                        ASKING,
                        QUOTA.limit()));
        lines.add("");
        Machine.describe(redis).forEach((what, value) -> lines.add("* %s: %s".formatted(what, value)));
        lines.add("");
    }

    private void measure(List<String> lines, Redis redis, Weir weir) throws InterruptedException {
        lines.add(
                "| | ids | heap in use, MiB | Redis, MiB | clients followed locally | known client: median ms | 99 % ms | most ms | refused |");
        lines.add("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        RateLimiter search = weir.limiter(SEARCH.name());
        RateLimiter quota = weir.limiter(QUOTA.name());
        send(quota, "warm-up-", WARM_UP, Duration.ofSeconds(5)); // The code is compiled then.
        awaitForgotten();
        System.out.println("the known client alone");
        Known alone = new Known(search);
        // The known client asks meanwhile, on a thread of its own, for as long as is measured.
        Thread.sleep(ALONE.toMillis());
        lines.add(line("the known client alone", 0, redis, weir, alone.end()));
        System.out.println("beside strangers");
        Known beside = new Known(search);
        int sent = send(quota, "stranger-", ids, Duration.ofSeconds(seconds));
        lines.add(line("beside strangers", sent, redis, weir, beside.end()));
        awaitForgotten();
        lines.add(line("%d s after the last".formatted(FORGOTTEN.toSeconds()), 0, redis, weir, "| | |"));
        lines.add("");
        lines.add("The store was %s at the end.".formatted(weir.storeUp() ? "up" : "down"));
    }

    private static void awaitForgotten() throws InterruptedException {
        System.out.printf("until all are forgotten, %d s%n", FORGOTTEN.toSeconds());
        // What is measured next must not find them: keys expire in real time.
        Thread.sleep(FORGOTTEN.toMillis());
    }

    private static String line(String what, int sent, Redis redis, Weir weir, String known) {
        System.gc();
        Runtime runtime = Runtime.getRuntime();
        return String.format(
                Locale.ROOT,
                "| %s | %,d | %.1f | %.1f | %,d | %s |",
                what,
                sent,
                (runtime.totalMemory() - runtime.freeMemory()) / (double) (1 << 20),
                redis.memory() / (double) (1 << 20),
                weir.followed(),
                known);
    }

    /**
     * Asks for each id once, evenly over the time given; where the machine is too slow, for twice as long at most.
     *
     * @return for how many
     */
    private static int send(RateLimiter limiter, String prefix, int count, Duration time) throws InterruptedException {
        AtomicInteger next = new AtomicInteger();
        AtomicInteger sent = new AtomicInteger();
        long beganNanos = System.nanoTime();
        List<Thread> threads = IntStream.range(0, ASKING)
                .mapToObj(i -> new Thread(() -> {
                    for (int n = next.getAndIncrement(); n < count; n = next.getAndIncrement()) {
                        long dueNanos = (long) ((double) n / count * time.toNanos());
                        long passedNanos = System.nanoTime() - beganNanos;
                        if (passedNanos > 2 * time.toNanos()) {
                            return;
                        }
                        LockSupport.parkNanos(dueNanos - passedNanos); // Not at all where that is over.
                        limiter.allow(prefix + n);
                        sent.incrementAndGet();
                    }
                }))
                .toList();
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        return sent.get();
    }
}
