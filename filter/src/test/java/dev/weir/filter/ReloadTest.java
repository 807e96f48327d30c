package dev.weir.filter;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.Policy;
import dev.weir.filter.config.LiveConfig;
import dev.weir.filter.config.PolicyUses;
import dev.weir.filter.config.Stores;
import dev.weir.filter.metrics.Metrics;
import dev.weir.limit.Limit;
import dev.weir.store.Store;
import dev.weir.store.StoreProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A changed configuration is in force in the end, whatever fails or changes meanwhile, and never in parts. */
@Timeout(60)
class ReloadTest {

    private static final String OFTEN = "weir.config.reload-interval=100ms\n";

    /** Needs a file that its settings name. */
    private static final StoreProvider NEEDS_A_FILE = new StoreProvider() {

        @Override
        public String name() {
            return "needy";
        }

        @Override
        public Set<String> keys() {
            return Set.of("weir.needy.file");
        }

        @Override
        public void check(Map<String, String> settings) {
            if (!Files.exists(Path.of(settings.get("weir.needy.file")))) {
                throw new IllegalArgumentException("weir.needy.file names no file");
            }
        }

        @Override
        public Store open(Map<String, String> settings) {
            return new MemoryBackedStore();
        }
    };

    private static LiveConfig live(Config config, Metrics metrics) {
        return new LiveConfig(config, new Stores(List.of(NEEDS_A_FILE)), null, null, metrics, new PolicyUses());
    }

    private static Limit limit(LiveConfig live) {
        return live.weir().policy("search").limit();
    }

    @Test
    void refusedForWhatIsOutside_isInForceWhenThatIsThere_andCountsAsOneFailure(@TempDir Path directory)
            throws IOException {
        Path there = Files.createFile(directory.resolve("there"));
        Path later = directory.resolve("later");
        LiveSource source = new LiveSource().set("weir.needy.file", there.toString());
        List<Boolean> reloads = new CopyOnWriteArrayList<>();
        Metrics counting = new Metrics() {
            @Override
            public void reloaded(boolean success) {
                reloads.add(success);
            }
        };
        try (Logged logged = new Logged();
                LiveConfig live = live(Configs.of(OFTEN + "weir.store=needy", source), counting)) {
            source.set("weir.needy.file", later.toString());
            await().until(() -> !reloads.isEmpty());
            int looks = source.looks();
            await().until(() -> source.looks() > looks + 10);
            assertThat(reloads).as("of %s", live).containsExactly(false);

            Files.createFile(later);

            await().untilAsserted(() -> assertThat(reloads).containsExactly(false, true));
            assertThat(logged.count("is refused, the one before stays in force"))
                    .isOne();
        }
    }

    @Test
    void registryThatFails_limitsStillChange() {
        LiveSource source = new LiveSource().set("weir.policy.search.limit", "5");
        AtomicInteger refreshed = new AtomicInteger();
        Metrics failing = new Metrics() {
            @Override
            public void refresh() {
                refreshed.incrementAndGet();
                throw new IllegalStateException("a gauge of this name is there already");
            }
        };
        try (Logged logged = new Logged();
                LiveConfig live = live(Configs.of(OFTEN + "weir.store=needy\nweir.needy.file=/", source), failing)) {
            await().until(() -> refreshed.get() > 2);

            source.set("weir.policy.search.limit", "6");

            await().until(() -> limit(live).permits() == 6);
            assertThat(logged.count("looking at the configuration failed")).isOne();
        }
    }

    /** A source that swaps all its values at once, while they are read. */
    private static final class Swapping implements ConfigSource {

        private static final Map<String, String> DAILY =
                Map.of("weir.policy.search.limit", "1000", "weir.policy.search.period", "1d");
        private static final Map<String, String> SECONDLY =
                Map.of("weir.policy.search.limit", "10", "weir.policy.search.period", "1s");

        private volatile Map<String, String> values = DAILY;
        private volatile boolean swapsWhenRead;

        @Override
        public Map<String, String> getProperties() {
            return values;
        }

        @Override
        public Set<String> getPropertyNames() {
            return values.keySet();
        }

        @Override
        public String getValue(String key) {
            String value = values.get(key);
            if (value != null && swapsWhenRead) {
                swapsWhenRead = false;
                values = values == DAILY ? SECONDLY : DAILY;
            }
            return value;
        }

        @Override
        public String getName() {
            return "swapping";
        }

        @Override
        public int getOrdinal() {
            return 250;
        }
    }

    @Test
    void sourceSwapsItsValuesWhileTheyAreRead_limitAndPeriodAreOfOneTime() {
        Set<Limit> whole =
                Set.of(Limit.tokenBucket(1_000, Duration.ofDays(1)), Limit.tokenBucket(10, Duration.ofSeconds(1)));
        Swapping source = new Swapping();
        source.swapsWhenRead = true;
        ConcurrentLinkedQueue<Limit> seen = new ConcurrentLinkedQueue<>();
        try (LiveConfig live = live(Configs.of(OFTEN + "weir.store=needy\nweir.needy.file=/", source), new Metrics() {
            @Override
            public void policies(Collection<Policy> policies) {
                policies.forEach(policy -> seen.add(policy.limit()));
            }
        })) {
            assertThat(limit(live)).isIn(whole);
            for (int i = 0; i < 10; i++) {
                Limit before = limit(live);
                source.values = source.values == Swapping.DAILY ? Swapping.SECONDLY : Swapping.DAILY;
                source.swapsWhenRead = true;
                await().atMost(10, SECONDS).until(() -> !source.swapsWhenRead);
                assertThat(before).isIn(whole);
            }
            assertThat(seen).isNotEmpty().allMatch(whole::contains);
        }
    }
}
