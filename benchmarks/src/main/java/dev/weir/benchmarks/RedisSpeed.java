package dev.weir.benchmarks;

import dev.weir.benchmarks.Redis.Work;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Decisions over one Redis, under a limit that never binds. */
final class RedisSpeed implements Scenario {

    static final String PART = "redis";

    private static final int OPEN_MILLIS = 500;
    private static final String MANY = "%,d clients by Zipf's law".formatted(Clients.MANY);

    /** So many that none binds: a day's are no more than a limit may have. */
    private static final int PER_SECOND_OF_VARIANTS = 10_000_000;

    private final Redis redis;
    private final String part;
    private final String name;
    private final String description;
    private final Map<String, RedisContenders.Opener> openers;
    private final int perSecond;
    private final Clients clients;
    private final int threads;
    private final Pace pace;

    private RedisSpeed(
            Redis redis,
            String part,
            String name,
            String description,
            Map<String, RedisContenders.Opener> openers,
            int perSecond,
            Clients clients,
            int threads,
            Pace pace) {
        this.redis = redis;
        this.part = part;
        this.name = name;
        this.description = description;
        this.openers = openers;
        this.perSecond = perSecond;
        this.clients = clients;
        this.threads = threads;
        this.pace = pace.withOverhead(OPEN_MILLIS);
    }

    /** One permit of one token bucket: of one client, of many, and by one thread alone, whose calls nothing shares. */
    static List<Scenario> all(Redis redis, int threads, Pace pace) {
        return List.of(
                ofOnePermit(redis, "hot", "one hot client", Clients.hot(), threads, pace),
                ofOnePermit(redis, "zipf", MANY, Clients.zipf(), threads, pace),
                ofOnePermit(redis, "alone", MANY, Clients.zipf(), 1, pace));
    }

    private static Scenario ofOnePermit(Redis redis, String name, String who, Clients clients, int threads, Pace pace) {
        return new RedisSpeed(
                redis,
                PART,
                PART + ", " + name,
                who,
                threads == 1 ? RedisContenders.alone() : RedisContenders.all(),
                LocalContenders.PER_SECOND,
                clients,
                threads,
                pace);
    }

    /** What else is asked of a limiter. */
    static List<Scenario> variants(Redis redis, int threads, Pace pace) {
        return Stream.of(RedisVariants.values())
                .<Scenario>map(variant -> new RedisSpeed(
                        redis,
                        variant.part(),
                        variant.part(),
                        variant.description() + ", " + MANY,
                        variant.openers(),
                        PER_SECOND_OF_VARIANTS,
                        Clients.zipf(),
                        threads,
                        pace))
                .toList();
    }

    @Override
    public String part() {
        return part;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return "Over one Redis, %s, %s".formatted(description, threads == 1 ? "one thread" : threads + " threads");
    }

    @Override
    public List<String> rows() {
        return List.copyOf(openers.keySet());
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

    @Override
    public Pace pace() {
        return pace;
    }

    @Override
    public Map<String, Double> measure(String row) throws InterruptedException {
        redis.flush();
        Map<String, Double> values = new TreeMap<>();
        try (Contender contender = openers.get(row).open(redis.uri(), perSecond)) {
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
