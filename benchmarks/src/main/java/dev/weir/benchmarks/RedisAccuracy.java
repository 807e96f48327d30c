package dev.weir.benchmarks;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * How many requests two instances let through under one limit that binds, beside how many a token bucket allows: its
 * burst, and its rate times the time.
 */
final class RedisAccuracy implements Scenario {

    static final String PART = "accuracy";

    /** So few that the slowest contender is asked for more. */
    private static final int PER_SECOND = 1_000;

    private static final int OPEN_MILLIS = 700;
    private static final String WARMING = "warming";

    private final Redis redis;
    private final int threads;
    private final Pace pace;

    RedisAccuracy(Redis redis, int threads, Pace pace) {
        this.redis = redis;
        this.threads = threads;
        this.pace = pace.withOverhead(OPEN_MILLIS);
    }

    @Override
    public String part() {
        return PART;
    }

    @Override
    public String description() {
        return "Over one Redis, accuracy: two instances with %d threads each on one client, %,d/s and a burst of %,d, %.1f s"
                .formatted(threads / 2, PER_SECOND, PER_SECOND, pace.time().toMillis() / 1e3);
    }

    @Override
    public List<String> rows() {
        return List.copyOf(RedisContenders.all().keySet());
    }

    @Override
    public List<Column> columns() {
        return List.of(
                new Column("percent", "admitted, % of allowed", 2),
                new Column("admitted", "admitted", 0),
                new Column("allowed", "allowed", 0),
                new Column("perSecond", "decisions/s", 0));
    }

    @Override
    public boolean hasRatios() {
        return false;
    }

    @Override
    public Pace pace() {
        return pace;
    }

    @Override
    public Map<String, Double> measure(String row) throws InterruptedException {
        redis.flush();
        RedisContenders.Opener opener = RedisContenders.all().get(row);
        try (Contender one = opener.open(redis.uri(), PER_SECOND);
                Contender other = opener.open(redis.uri(), PER_SECOND)) {
            ask(one, other, WARMING, pace.warmUp());
            Load load = ask(one, other, Clients.HOT, pace.time());
            double allowed = PER_SECOND + PER_SECOND * load.seconds();
            load.requireRefusals();
            return Map.of(
                    "percent",
                    100 * load.admitted() / allowed,
                    "admitted",
                    (double) load.admitted(),
                    "allowed",
                    allowed,
                    "perSecond",
                    load.perSecond());
        }
    }

    private Load ask(Contender one, Contender other, String client, Duration time) throws InterruptedException {
        return Load.run(threads, time, thread -> {
            Contender asked = thread % 2 == 0 ? one : other;
            return () -> asked.tryAcquire(client);
        });
    }
}
