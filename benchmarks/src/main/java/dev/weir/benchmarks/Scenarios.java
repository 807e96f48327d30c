package dev.weir.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Everything that is compared. */
final class Scenarios {

    /** The names of the parts. */
    static final Set<String> PARTS = parts();

    private Scenarios() {}

    /**
     * All of them, in the order of the report.
     *
     * @param redis the store of those that have one
     * @param threads how many ask at the same time
     * @param quick whether each is measured once and briefly
     */
    static List<Scenario> all(Redis redis, int threads, boolean quick) {
        List<Scenario> all = new ArrayList<>();
        all.addAll(InProcess.all(redis.uri(), quick ? Pace.of(1, 400, 400) : Pace.of(3, 2_000, 1_500)));
        all.addAll(RedisSpeed.all(redis, threads, quick ? Pace.of(1, 500, 1_000) : Pace.of(3, 12_000, 2_000)));
        all.addAll(RedisSpeed.variants(redis, threads, quick ? Pace.of(1, 500, 1_000) : Pace.of(2, 6_000, 1_500)));
        all.add(new RedisAccuracy(redis, threads / 2, quick ? Pace.of(1, 300, 1_500) : Pace.of(3, 2_000, 3_000)));
        all.addAll(OverLimit.all(redis, quick ? Pace.of(1, 300, 1_500) : Pace.of(2, 2_000, 1_500)));
        all.addAll(Http.all(redis.uri(), threads, quick ? Pace.of(1, 1_500, 1_500) : Pace.of(3, 6_000, 2_500)));
        all.add(new StartUp(redis.uri(), quick ? 1 : 3));
        return all;
    }

    private static Set<String> parts() {
        Set<String> variants =
                Stream.of(RedisVariants.values()).map(RedisVariants::part).collect(Collectors.toSet());
        Set<String> parts = new TreeSet<>(
                Set.of(InProcess.PART, RedisSpeed.PART, RedisAccuracy.PART, OverLimit.PART, Http.PART, StartUp.PART));
        parts.addAll(variants);
        return parts;
    }
}
