package dev.weir.benchmarks;

import dev.weir.LimitAdmin;
import dev.weir.Policy;
import dev.weir.UnknownBucketException;
import dev.weir.Weir;
import dev.weir.limit.Decision;
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
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How soon a change at run time is in force on every instance, while all of them decide from leases. */
@Command(
        name = "changes",
        description =
                "How soon a change at run time is in force on every instance: several, each with connections of its own, on one Redis.",
        mixinStandardHelpOptions = true)
final class Changes implements Callable<Integer> {

    private static final String POLICY = "search";
    private static final String CLIENT = "alice";
    private static final String BUCKET = "tenant-7";
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final long MANY = 100_000;
    private static final long FEW = 2;

    /** Between an instance's requests: a load that a small machine can bear beside Redis. */
    private static final long PAUSE_NANOS = TimeUnit.MICROSECONDS.toNanos(100);

    /** After all have seen a change: an instance that still answers by the numbers before is noticed. */
    private static final long SETTLE_NANOS = TimeUnit.MILLISECONDS.toNanos(40);

    private static final long LONGEST_NANOS = TimeUnit.SECONDS.toNanos(10);

    @Spec
    private CommandSpec spec;

    @Option(names = "--quick", description = "A fraction of the time: whether it works.")
    private boolean quick;

    @Option(names = "--redis", paramLabel = "URI", description = "A Redis that runs. It is flushed! Default: its own.")
    private String redisUri;

    @Option(names = "--instances", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}")
    private int count = 4;

    @Option(names = "--out", paramLabel = "DIRECTORY", description = "Where changes.md goes. Default: ${DEFAULT-VALUE}")
    private Path out = Path.of("benchmarks", "results");

    /**
     * An instance that asks again and again, and notes when it last got an answer other than the one that is awaited.
     */
    private static final class Instance {

        private final Weir weir;
        private final Thread thread = new Thread(this::ask);
        private volatile long awaited;
        private volatile long lastOtherNanos;
        private volatile long lastAwaitedNanos;
        private volatile boolean isOver;

        Instance(String uri) {
            weir = Weir.builder()
                    .store(new RedissonStoreProvider().open(Map.of("weir.redisson.uri", uri)))
                    .storeDeadline(SECOND) // No answer may come from anywhere but the store.
                    .policy(Policy.of(POLICY, Limit.tokenBucket(MANY, SECOND)))
                    .build();
            thread.start();
        }

        private void ask() {
            while (!isOver) {
                long beganNanos = System.nanoTime();
                if (answer() == awaited) {
                    lastAwaitedNanos = beganNanos;
                } else {
                    lastOtherNanos = beganNanos;
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }

        /** The permits of the client's limit, with those of the bucket behind the sign; 0 for no bucket. */
        private long answer() {
            if (awaited <= 0) {
                try {
                    return -weir.bucket(BUCKET).tryAcquire(1).limit().permits();
                } catch (UnknownBucketException e) {
                    return 0;
                }
            }
            Decision decision = weir.limiter(POLICY).tryAcquire(CLIENT);
            return decision.limit().permits();
        }

        void end() throws InterruptedException {
            isOver = true;
            thread.join();
            weir.close();
        }
    }

    private record Change(String what, Runnable before, long answerBefore, Runnable change, long answer) {}

    private record Taken(List<Double> millis, long late) {}

    private static List<Change> changes(LimitAdmin limits) {
        Runnable many = () -> limits.setRate(POLICY, CLIENT, MANY, SECOND);
        Runnable other = () -> limits.setRate(POLICY, CLIENT, MANY - 1, SECOND);
        Runnable few = () -> limits.setRate(POLICY, CLIENT, FEW, Duration.ofHours(1));
        Runnable create = () -> limits.createBucket(BUCKET, MANY, MANY);
        Runnable delete = () -> limits.deleteBucket(BUCKET);
        return List.of(
                new Change("from 100,000 to 99,999 a second", many, MANY, other, MANY - 1),
                new Change("cut from 100,000 a second to 2 an hour", many, MANY, few, FEW),
                new Change(
                        "raised from 2 an hour, at which all are refused, to 100,000 a second", few, FEW, many, MANY),
                new Change("a bucket of 100,000 a second is deleted", create, -MANY, delete, 0));
    }

    @Override
    public Integer call() throws Exception {
        int rounds = quick ? 20 : 300;
        List<String> lines = new ArrayList<>();
        try (Redis redis = redisUri == null ? Redis.start() : Redis.at(redisUri)) {
            redis.flush();
            head(lines, redis, rounds);
            List<Instance> instances = new ArrayList<>();
            try {
                for (int i = 0; i < count; i++) {
                    instances.add(new Instance(redis.uri()));
                }
                measure(lines, rounds, instances);
            } finally {
                for (Instance instance : instances) {
                    instance.end();
                }
            }
        }
        lines.forEach(System.out::println);
        if (!quick) {
            Files.createDirectories(out);
            Files.writeString(out.resolve("changes.md"), String.join("\n", lines) + "\n");
        }
        return CommandLine.ExitCode.OK;
    }

    private void measure(List<String> lines, int rounds, List<Instance> instances) {
        List<Aim> aims = new ArrayList<>();
        for (Change change : changes(instances.get(0).weir.limits())) {
            measure(change, quick ? 2 : 20, instances); // This process is warm then.
            add(lines, aims, change.what(), measure(change, rounds, instances));
        }
        lines.addAll(List.of("", "| in force on every instance, ms | | aim | |", "|---|---:|---:|---|"));
        aims.forEach(aim -> lines.add(aim.line()));
    }

    private void head(List<String> lines, Redis redis, int rounds) throws Exception {
        lines.add("# How soon a change is in force");
        lines.add("");
        lines.add("What `%s` wrote on %s."
                .formatted(CommandText.of(spec), Instant.now().toString().substring(0, 10)));
        lines.add("");
        Machine.describe(redis).forEach((what, value) -> lines.add("* %s: %s".formatted(what, value)));
        lines.add("");
        lines.add(
                ("%d instances with connections of their own ask without a pause but for 0.1 ms, and hold leases. One makes %d changes of"
                                + " each kind. A change is in force when the last request on any instance has begun that was still answered"
                                + " by the numbers before; counted from when the change was begun. Late are instances that"
                                + " answered so a request that began after the change had returned, in the mean of the changes.")
                        .formatted(count, rounds));
        lines.add("");
        lines.add("| change | median ms | 99 % ms | most ms | late instances |");
        lines.add("|---|---:|---:|---:|---:|");
    }

    private static void add(List<String> lines, List<Aim> aims, String what, Taken taken) {
        List<Double> sorted = taken.millis().stream().sorted().toList();
        double median = sorted.get(sorted.size() / 2);
        double most = sorted.get(sorted.size() - 1);
        double p99 = sorted.get((int) Math.ceil(0.99 * sorted.size()) - 1);
        lines.add(String.format(
                Locale.ROOT,
                "| %s | %.2f | %.2f | %.2f | %.2f |",
                what,
                median,
                p99,
                most,
                (double) taken.late() / sorted.size()));
        aims.add(Aim.atMost(what + ": median", median, 20, "%.2f"));
        aims.add(Aim.atMost(what + ": 99 %", p99, 100, "%.2f"));
        aims.add(Aim.atMost(what + ": most", most, 1_000, "%.2f"));
    }

    private static Taken measure(Change change, int rounds, List<Instance> instances) {
        List<Double> millis = new ArrayList<>();
        long late = 0;
        for (int i = 0; i < rounds; i++) {
            await(instances, change.answerBefore(), change.before());
            long startNanos = System.nanoTime();
            long returnedNanos = await(instances, change.answer(), change.change());
            long lastNanos = startNanos;
            for (Instance instance : instances) {
                long last = instance.lastOtherNanos;
                lastNanos = last - lastNanos > 0 ? last : lastNanos;
                late += last - returnedNanos > 0 ? 1 : 0;
            }
            millis.add((lastNanos - startNanos) / 1e6);
        }
        return new Taken(millis, late);
    }

    /** Makes a change, and waits until no instance answers by what was before. When the change had returned. */
    private static long await(List<Instance> instances, long answer, Runnable change) {
        instances.forEach(instance -> instance.awaited = answer);
        change.run();
        long returnedNanos = System.nanoTime();
        while (!instances.stream().allMatch(instance -> isSettled(instance, returnedNanos))) {
            if (System.nanoTime() - returnedNanos > LONGEST_NANOS) {
                throw new IllegalStateException("not in force after " + LONGEST_NANOS / 1_000_000 + " ms");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return returnedNanos;
    }

    private static boolean isSettled(Instance instance, long returnedNanos) {
        long sinceNanos = instance.lastOtherNanos - returnedNanos > 0 ? instance.lastOtherNanos : returnedNanos;
        return instance.lastAwaitedNanos - sinceNanos > SETTLE_NANOS;
    }
}
