package dev.weir.benchmarks;

import dev.weir.benchmarks.Redis.Work;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** One client that asks many times as often as its limit allows: what a permit costs, refusals included. */
final class OverLimit implements Scenario {

    static final String PART = "over-limit";

    /** As many as a browser, or a script that does not know better, has to one server. */
    private static final int CONNECTIONS = 8;

    /** About what a request takes beside its decision. So the threads do not take Redis's processor, either. */
    private static final Duration PAUSE = Duration.ofNanos(250_000);

    private static final int OPEN_MILLIS = 500;

    private final Redis redis;
    private final int perSecond;
    private final Pace pace;

    private OverLimit(Redis redis, int perSecond, Pace pace) {
        this.redis = redis;
        this.perSecond = perSecond;
        this.pace = pace.withOverhead(OPEN_MILLIS);
    }

    /** Under a limit so small that nothing is leased of it, and under one of which permits are. */
    static List<Scenario> all(Redis redis, Pace pace) {
        return IntStream.of(100, 1_000)
                .<Scenario>mapToObj(perSecond -> new OverLimit(redis, perSecond, pace))
                .toList();
    }

    @Override
    public String part() {
        return PART;
    }

    @Override
    public String name() {
        return PART + ", " + perSecond;
    }

    @Override
    public String description() {
        return "Over one Redis, a client over its limit of %,d/s, on %d connections that pause for %d µs"
                .formatted(perSecond, CONNECTIONS, PAUSE.toNanos() / 1_000);
    }

    @Override
    public List<String> rows() {
        return List.copyOf(RedisContenders.all().keySet());
    }

    @Override
    public List<Column> columns() {
        return List.of(
                new Column("calls", "script calls a permit", 3),
                new Column("commands", "Redis commands a permit", 2),
                new Column("redisCpuMicros", "Redis CPU µs a permit", 1),
                new Column("percent", "admitted, % of allowed", 1),
                new Column("perSecond", "decisions/s", 0));
    }

    @Override
    public boolean lessIsBetter() {
        return true;
    }

    @Override
    public Pace pace() {
        return pace;
    }

    @Override
    public Map<String, Double> measure(String row) throws InterruptedException {
        redis.flush();
        try (Contender contender = RedisContenders.all().get(row).open(redis.uri(), perSecond)) {
            exhaust(contender);
            ask(contender, pace.warmUp());
            Work before = redis.work();
            Load load = ask(contender, pace.time());
            Work work = redis.work().since(before);
            load.requireRefusals();
            double permits = load.admitted();
            return Map.of(
                    "calls",
                    work.scripts() / permits,
                    "commands",
                    work.commands() / permits,
                    "redisCpuMicros",
                    work.cpuSeconds() * 1e6 / permits,
                    "percent",
                    100 * permits / (perSecond * load.seconds()),
                    "perSecond",
                    load.perSecond());
        }
    }

    /** The burst is over before anything counts. */
    private void exhaust(Contender contender) {
        int refused = 0;
        while (refused < 10) {
            refused += contender.tryAcquire(Clients.HOT) ? 0 : 1;
        }
    }

    private static Load ask(Contender contender, Duration time) throws InterruptedException {
        return Load.run(CONNECTIONS, time, thread -> () -> {
            LockSupport.parkNanos(PAUSE.toNanos());
            return contender.tryAcquire(Clients.HOT);
        });
    }
}
