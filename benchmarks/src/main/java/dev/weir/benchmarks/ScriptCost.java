package dev.weir.benchmarks;

import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.redisson.ScriptBatches;
import dev.weir.store.Charge;
import dev.weir.store.Share;
import dev.weir.store.StoreRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.redisson.Redisson;
import org.redisson.api.RedissonClient;
import org.redisson.config.Config;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * How long Redis is busy with a decision, as it counts itself: by functions, by scripts, and by a bare script that
 * keeps one number. Rounds of all alternate in one run, so that what else the machine does meets all of them.
 */
@Command(
        name = "script-cost",
        description = "How long Redis is busy with a decision: by functions, by scripts, by a bare script.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true)
final class ScriptCost implements Callable<Integer> {

    private static final Limit BUCKET = Limit.tokenBucket(1_000, Duration.ofSeconds(1));
    private static final Limit WINDOW = Limit.slidingWindow(30_000, Duration.ofMinutes(1));
    private static final Limit DAY = Limit.fixedWindow(10_000_000, Duration.ofDays(1));
    private static final Limit ONE_A_DAY = Limit.tokenBucket(1, Duration.ofDays(1));
    private static final Pool POOL = new Pool("pool", new Rate(1_000_000, Duration.ofSeconds(1), 1_000_000));
    private static final int CLIENTS = 10_000;
    private static final int POOL_CLIENTS = 50;
    private static final int[] BATCHES = {1, 8, 30};
    private static final String FLOOR = "a bare script (GCRA)";

    @Option(names = "--rounds", paramLabel = "N", description = "How often. Default: ${DEFAULT-VALUE}")
    private int rounds = 11;

    @Option(names = "--calls", paramLabel = "N", description = "Calls a round. Default: ${DEFAULT-VALUE}")
    private int calls = 1_000;

    @Option(names = "--output", paramLabel = "FILE", description = "Where the table goes. Default: ${DEFAULT-VALUE}")
    private Path output = Path.of("benchmarks", "results", "script-cost.md");

    private final Random random = new Random(1);

    /** What is asked. */
    private enum Way {
        DISTINCT("a token bucket, 10,000 clients"),
        WINDOW_DISTINCT("a sliding window, 10,000 clients"),
        HOT("a token bucket, one client"),
        THREE("a second, a minute and a day at once, 10,000 clients"),
        OVER("a token bucket, one client that is over its limit"),
        POOLED("a pool of 50 clients");

        private final String what;

        Way(String what) {
            this.what = what;
        }
    }

    private StoreRequest request(Way way) {
        String client = "client-" + random.nextInt(CLIENTS);
        return switch (way) {
            case DISTINCT -> StoreRequest.of(client, List.of(new Charge("second", BUCKET, 1)));
            case WINDOW_DISTINCT -> StoreRequest.of(client, List.of(new Charge("minute", WINDOW, 1)));
            case HOT -> StoreRequest.of("hot", List.of(new Charge("second", BUCKET, 1)));
            case THREE ->
                StoreRequest.of(
                        client,
                        List.of(
                                new Charge("second", BUCKET, 1),
                                new Charge("minute", WINDOW, 1),
                                new Charge("day", DAY, 1)));
            case OVER -> StoreRequest.of("over", List.of(new Charge("daily", ONE_A_DAY, 1)));
            case POOLED ->
                StoreRequest.of(
                        "client-" + random.nextInt(POOL_CLIENTS),
                        List.of(new Share(POOL, 1).charge("pooled", null, 1)));
        };
    }

    @Override
    public Integer call() throws Exception {
        try (Redis redis = Redis.start()) {
            redis.withoutFunctions("scripts", "secret");
            RedissonClient functions = client(redis.uri());
            RedissonClient scripts = client(redis.uri().replace("//", "//scripts:secret@"));
            try {
                Files.writeString(output, measure(redis, new ScriptBatches(functions), new ScriptBatches(scripts)));
                System.out.println("written to " + output);
            } finally {
                functions.shutdown();
                scripts.shutdown();
            }
        }
        return CommandLine.ExitCode.OK;
    }

    private static RedissonClient client(String uri) {
        Config config = new Config();
        config.useSingleServer().setAddress(uri).setConnectionPoolSize(2).setConnectionMinimumIdleSize(1);
        return Redisson.create(config);
    }

    private String measure(Redis redis, ScriptBatches functions, ScriptBatches scripts) throws IOException {
        Map<String, ScriptBatches> forms = new LinkedHashMap<>();
        forms.put("functions", functions);
        forms.put("scripts", scripts);
        List<String> lines = new ArrayList<>(head(redis));
        for (Way way : Way.values()) {
            for (int batch : BATCHES) {
                lines.add(line(redis, forms, way, batch));
                System.out.println(lines.get(lines.size() - 1));
            }
        }
        lines.add("");
        lines.add("%s, one decision a call: %s us."
                .formatted(FLOOR, Spread.of(floor(redis)).text(1)));
        return String.join("\n", lines) + "\n";
    }

    private List<String> head(Redis redis) throws IOException {
        List<String> lines = new ArrayList<>(List.of("# What a decision costs Redis", ""));
        lines.add(
                "What `script-cost` wrote on %s: microseconds of a script or function for each decision, as Redis counts them; the median of %d rounds of %,d calls and, in brackets, the least and the most. Rounds of both forms alternate. [How to read it](../README.md)"
                        .formatted(Instant.now().toString().substring(0, 10), rounds, calls));
        lines.add("");
        Machine.describe(redis).forEach((what, value) -> lines.add("* %s: %s".formatted(what, value)));
        lines.add("");
        lines.add("| what is asked | decisions a call | functions | scripts | functions / scripts |");
        lines.add("|---|---:|---:|---:|---:|");
        return lines;
    }

    private String line(Redis redis, Map<String, ScriptBatches> forms, Way way, int batch) {
        Map<String, List<Double>> micros = new LinkedHashMap<>();
        List<Double> ratios = new ArrayList<>();
        redis.flush();
        forms.values().forEach(form -> micros(redis, form, way, batch)); // Redis has both then.
        for (int i = 0; i < rounds; i++) {
            forms.forEach((name, form) ->
                    micros.computeIfAbsent(name, unknown -> new ArrayList<>()).add(micros(redis, form, way, batch)));
            ratios.add(micros.get("functions").get(i) / micros.get("scripts").get(i));
        }
        return "| %s | %d | %s | %s | %s |"
                .formatted(
                        way.what,
                        batch,
                        Spread.of(micros.get("functions")).text(1),
                        Spread.of(micros.get("scripts")).text(1),
                        Spread.of(ratios).ratioText());
    }

    private double micros(Redis redis, ScriptBatches form, Way way, int batch) {
        List<List<StoreRequest>> all = IntStream.range(0, calls)
                .mapToObj(i -> Stream.generate(() -> request(way)).limit(batch).toList())
                .toList();
        Redis.Work before = redis.work();
        all.forEach(requests -> form.decide(requests).join());
        return (double) redis.work().since(before).scriptMicros() / (calls * batch);
    }

    private List<Double> floor(Redis redis) {
        List<Double> micros = new ArrayList<>();
        String hash = redis.load(RedisContenders.floorScript());
        for (int i = 0; i < rounds; i++) {
            Redis.Work before = redis.work();
            IntStream.range(0, calls).forEach(n -> redis.run(hash, "floor:" + random.nextInt(CLIENTS), "1000", "1000"));
            micros.add((double) redis.work().since(before).scriptMicros() / calls);
        }
        return micros;
    }
}
