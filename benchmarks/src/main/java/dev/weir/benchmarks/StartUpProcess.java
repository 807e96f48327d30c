package dev.weir.benchmarks;

import dev.weir.benchmarks.RedisContenders.Opener;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a process does whose start is measured: it opens a limiter, asks it a thousand times, and says when. */
final class StartUpProcess {

    static final String FIRST = "first";
    static final String THOUSAND = "thousand";

    private static final int DECISIONS = 1_000;

    private StartUpProcess() {}

    /** Those whose start differs, by name: over Redis, and in memory; the floor last. */
    static Map<String, Opener> openers() {
        Map<String, Opener> all = RedisContenders.all();
        Map<String, Opener> openers = new LinkedHashMap<>();
        for (String row : List.of(
                StoreUse.STRICT.row(),
                StoreUse.LEASED.row(),
                "Redisson RRateLimiter",
                "Bucket4j on Redisson",
                "Bucket4j on Lettuce")) {
            openers.put(row, all.get(row));
        }
        for (String row : List.of("Weir, memory store", "Bucket4j")) {
            openers.put(
                    row, (uri, perSecond) -> LocalContenders.all(uri).get(row).get());
        }
        openers.put(RedisContenders.FLOOR, RedisContenders::floor);
        return openers;
    }

    /** @param arguments the row, and where Redis is */
    public static void main(String[] arguments) {
        try (Contender contender = openers().get(arguments[0]).open(arguments[1], LocalContenders.PER_SECOND)) {
            ask(contender);
            System.out.println(FIRST);
            for (int i = 1; i < DECISIONS; i++) {
                ask(contender);
            }
            System.out.println(THOUSAND);
        }
    }

    private static void ask(Contender contender) {
        if (!contender.tryAcquire(Clients.HOT)) {
            throw new IllegalStateException("refused under a limit that should never bind");
        }
    }
}
