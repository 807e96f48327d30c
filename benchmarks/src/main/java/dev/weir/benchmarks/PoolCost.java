package dev.weir.benchmarks;

import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.redisson.RedissonStore;
import dev.weir.store.Share;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;

/**
 * How long the script of a pool takes, and what the pool takes of Redis's memory, with few and with many active
 * clients.
 */
final class PoolCost {

    private static final int FEW = 10;
    private static final int MANY = 10_000;
    private static final int AT_ONCE = 16;
    private static final int CONNECTIONS = 4;

    /** So large that what the clients have in it drains for longer than a measurement takes. */
    private static final Rate LARGE = new Rate(10_000, Duration.ofSeconds(1), 4_000_000);

    private static final long IN_USE = 1_600_000;

    /** Which clients ask, for how much. */
    private enum Way {
        PERMITTED("permitted; all clients stay active"),
        REFUSED("refused, because the share is used up; all clients stay active"),
        COMING_AND_GOING("each time another client, and one that leaves");

        private final String what;

        Way(String what) {
            this.what = what;
        }
    }

    private final Redis redis;
    private final int rounds;
    private final int calls;

    PoolCost(Redis redis, boolean quick) {
        this.redis = redis;
        this.rounds = quick ? 1 : 5;
        this.calls = quick ? 1_000 : 5_000;
    }

    /** Rounds with few and with many alternate, so that what else the machine does meets both. */
    void measure(FairReport report) {
        RedissonClient redisson = Redisson.create(redis.config(CONNECTIONS));
        try (RedissonStore store = RedissonStore.using(redisson)) {
            for (Way way : Way.values()) {
                micros(store, way, FEW, calls / 10); // Redis has the script then, and this process is warm.
            }
            tellTimes(report, store);
            tellMemory(report, store);
        } finally {
            redisson.shutdown();
        }
    }

    private void tellTimes(FairReport report, RedissonStore store) {
        report.addHead(
                "Time of the script",
                "Microseconds for each decision, as Redis counts them; %d rounds of %,d decisions, alternating."
                        .formatted(rounds, calls));
        report.add("");
        report.add("| decisions | with %,d clients | with %,d clients | times (aim: at most 2) |".formatted(FEW, MANY));
        report.add("|---|---:|---:|---:|");
        for (Way way : Way.values()) {
            Map<Integer, List<Double>> micros =
                    new LinkedHashMap<>(Map.of(FEW, new ArrayList<>(), MANY, new ArrayList<>()));
            List<Double> ratios = new ArrayList<>();
            for (int i = 0; i < rounds; i++) {
                double few = micros(store, way, FEW, calls);
                double many = micros(store, way, MANY, calls);
                micros.get(FEW).add(few);
                micros.get(MANY).add(many);
                ratios.add(many / few);
            }
            report.add("| %s | %s | %s | %s |"
                    .formatted(
                            way.what,
                            Spread.of(micros.get(FEW)).text(1),
                            Spread.of(micros.get(MANY)).text(1),
                            Spread.of(ratios).ratioText()));
        }
    }

    private double micros(RedissonStore store, Way way, int clients, int decisions) {
        redis.flush();
        boolean isMoving = way == Way.COMING_AND_GOING;
        // A fifth of a bucket that is always asked for more stays free.
        Pool pool = isMoving
                ? new Pool("moving", new Rate(1_000, Duration.ofSeconds(1), clients * 5L / 4))
                : new Pool("large", LARGE);
        AtomicInteger next = new AtomicInteger();
        Random random = new Random(clients);
        fill(store, pool, clients, isMoving ? 1 : IN_USE / clients);
        Redis.Work before = redis.work();
        long cost = way == Way.REFUSED ? pool.largestCost() : 1;
        ask(
                store,
                pool,
                cost,
                decisions,
                () -> isMoving ? clients + next.incrementAndGet() % clients : random.nextInt(clients));
        Redis.Work work = redis.work().since(before);
        return (double) work.scriptMicros() / decisions; // A call holds several.
    }

    private interface Ids {
        int next();
    }

    private static void fill(RedissonStore store, Pool pool, int clients, long cost) {
        AtomicInteger next = new AtomicInteger();
        ask(store, pool, cost, clients, next::getAndIncrement);
    }

    /** Some at once, so that this process does not keep Redis waiting. */
    private static void ask(RedissonStore store, Pool pool, long cost, int decisions, Ids ids) {
        for (int done = 0; done < decisions; done += AT_ONCE) {
            List<CompletableFuture<StoreReply>> answers = new ArrayList<>();
            for (int i = 0; i < AT_ONCE && done + i < decisions; i++) {
                Share share = new Share(pool, 1);
                answers.add(store.tryAcquire(
                        StoreRequest.of("client-" + ids.next(), List.of(share.charge("search", null, cost)))));
            }
            answers.forEach(CompletableFuture::join);
        }
    }

    private void tellMemory(FairReport report, RedissonStore store) {
        redis.flush();
        Pool pool = new Pool("large", LARGE);
        long before = redis.memory();
        fill(store, pool, MANY, IN_USE / MANY);
        long bytes = redis.memory() - before;
        long active = redis.members("weir:{pool:large}:weighted");
        report.addHead(
                "Memory",
                String.format(
                        Locale.ROOT,
                        "Of Redis, with %,d active clients whose ids have about eleven characters.",
                        active));
        report.addAims(List.of(Aim.atMost("bytes per active client", (double) bytes / active, 200, "%.0f")));
        redis.flush();
    }
}
