package dev.weir.benchmarks;

import dev.weir.benchmarks.Redis.Work;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Decisions over one Redis, under a limit that never binds. */
final class RedisSpeed implements Scenario {

    static final String PART = "redis";

    private static final int OPEN_MILLIS = 500;

    private final Redis redis;
    private final Demand demand;
    private final Clients clients;
    private final int threads;
    private final Pace pace;

    /** Many threads that ask for one client or for many, or one thread whose calls nothing shares. */
    private enum Demand {
        HOT,
        ZIPF,
        ALONE
    }

    private RedisSpeed(Redis redis, Demand demand, int threads, Pace pace) {
        this.redis = redis;
        this.demand = demand;
        this.clients = demand == Demand.HOT ? Clients.hot() : Clients.zipf();
        this.threads = demand == Demand.ALONE ? 1 : threads;
        this.pace = pace.withOverhead(OPEN_MILLIS);
    }

    static List<Scenario> all(Redis redis, int threads, Pace pace) {
        return Stream.of(Demand.values())
                .<Scenario>map(demand -> new RedisSpeed(redis, demand, threads, pace))
                .toList();
    }

    @Override
    public String part() {
        return PART;
    }

    @Override
    public String name() {
        return PART + ", " + demand.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public String description() {
        return "Over one Redis, %s, %s"
                .formatted(
                        demand == Demand.HOT ? "one hot client" : "%,d clients by Zipf's law".formatted(Clients.MANY),
                        threads == 1 ? "one thread" : threads + " threads");
    }

    @Override
    public List<String> rows() {
        return List.copyOf(RedisContenders.all().keySet());
    }

    @Override
    public List<Column> columns() {
        return List.of(
                new Column("perSecond", "decisions/s", 0),
                new Column("p50Micros", "p50 µs", 1),
                new Column("p99Micros", "p99 µs", 1),
                new Column("scripts", "script calls a decision", 3),
                new Column("commands", "Redis commands a decision", 3),
                new Column("redisCpuMicros", "Redis CPU µs a decision", 2));
    }

    /** Both kinds of clients run through the same code. */
    @Override
    public boolean needsWarming() {
        return demand == Demand.HOT;
    }

    @Override
    public Pace pace() {
        return pace;
    }

    @Override
    public Map<String, Double> measure(String row) throws InterruptedException {
        redis.flush();
        Map<String, Double> values = new TreeMap<>();
        try (Contender contender = RedisContenders.all().get(row).open(redis.uri(), LocalContenders.PER_SECOND)) {
            contender.expect(clients.distinct());
            ask(contender, pace.warmUp());
            Work before = redis.work();
            Load load = ask(contender, pace.time());
            Work work = redis.work().since(before);
            if (load.admitted() < load.decisions()) {
                throw new IllegalStateException("%,d of %,d refused under a limit that should never bind"
                        .formatted(load.decisions() - load.admitted(), load.decisions()));
            }
            values.put("perSecond", load.perSecond());
            values.put("p50Micros", load.micros(50));
            values.put("p99Micros", load.micros(99));
            values.put("scripts", (double) work.scripts() / load.decisions());
            values.put("commands", (double) work.commands() / load.decisions());
            values.put("redisCpuMicros", work.cpuSeconds() * 1e6 / load.decisions());
            work.calls().forEach((command, calls) -> values.put("calls." + command, (double) calls));
        }
        return values;
    }

    private Load ask(Contender contender, Duration time) throws InterruptedException {
        return Load.run(threads, time, thread -> {
            Clients.Walk walk = clients.walk(thread, threads);
            return () -> contender.tryAcquire(walk.next());
        });
    }
}
