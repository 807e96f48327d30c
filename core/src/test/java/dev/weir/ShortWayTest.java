package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lease.Leasing;
import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.Rate;
import dev.weir.limit.Split;
import dev.weir.limit.Terms;
import dev.weir.memory.MemoryStore;
import dev.weir.store.FaultyStore;
import dev.weir.store.LimiterListener;
import dev.weir.store.Overrides;
import dev.weir.store.Store;
import dev.weir.store.VirtualScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;

/**
 * A decision of this process's own memory takes a shorter way than that of any other store: random histories of
 * requests and changes at run time, on a memory store by that way and on one that is not known as such, must not
 * differ.
 */
class ShortWayTest {

    private static final int STEPS = 200;
    private static final List<String> CLIENTS = List.of("alice", "bob", "carol");

    private static final List<Policy> POLICIES = List.of(
            Policy.of("plain", Limit.tokenBucket(7, Duration.ofSeconds(3), 10)),
            Policy.of("window", Limit.fixedWindow(5, Duration.ofSeconds(1))),
            Policy.of("sliding", Limit.slidingWindow(6, Duration.ofSeconds(2))),
            Policy.of("log", Limit.slidingLog(4, Duration.ofSeconds(2))),
            Policy.of("shadow", Limit.tokenBucket(2, Duration.ofSeconds(1))).shadow(),
            Policy.of("rich", Limit.tokenBucket(12, Duration.ofSeconds(2)))
                    .allClients(new Terms(null, 2L, Split.of(75, 25)))
                    .action("export", Rate.of(3, Duration.ofSeconds(1)))
                    .plan("gold", Terms.weight(3))
                    .client("bob", Terms.weight(0))
                    .client("alice", "gold"));

    /** A limiter, and what its listener was notified of. */
    private static final class Side implements AutoCloseable {

        final AtomicLong nowMicros = new AtomicLong(1_000_000_000_000L);
        final List<String> notified = new ArrayList<>();
        final Weir weir;
        /** Another instance: the store notifies the first one of what it changes. */
        final Weir other;

        Side(boolean isShort) {
            MemoryStore memory = new MemoryStore(nowMicros::get);
            weir = weir(isShort ? memory : new FaultyStore(memory), notified);
            other = weir(new FaultyStore(memory), new ArrayList<>());
        }

        private static Weir weir(Store store, List<String> notified) {
            return Weir.builder()
                    .store(store)
                    .scheduler(new VirtualScheduler()) // What is announced is learned by the next request alone.
                    .leasing(Leasing.OFF)
                    .storeDeadline(Duration.ofMinutes(1))
                    .policies(POLICIES)
                    .draws(() -> 1 << Split.DRAW_BITS - 1)
                    .listener(new LimiterListener() {
                        @Override
                        public void onDecision(Decision decision, long cost) {
                            notified.add(decision + " for " + cost);
                        }
                    })
                    .build();
        }

        /** What comes of a step that the random numbers choose; a refusal of the arguments as well. */
        String step(Random random) {
            try {
                return String.valueOf(random.nextInt(3) == 0 ? change(random) : decision(random));
            } catch (IllegalArgumentException e) {
                return e.getMessage();
            }
        }

        private Object change(Random random) {
            String client = client(random);
            String policy = policy(random);
            switch (random.nextInt(6)) {
                case 0 -> weir.limits().setWeight(policy, client, random.nextInt(3));
                case 1 -> other.limits().setWeight(policy, client, random.nextInt(3));
                case 2 -> other.limits().setRate(policy, client, 1 + random.nextInt(20_000), Duration.ofSeconds(1));
                case 3 -> other.limits().change(client, before -> Overrides.NONE);
                case 4 -> nowMicros.addAndGet(-random.nextInt(200_000));
                default -> nowMicros.addAndGet(random.nextInt(1_500_000));
            }
            return "changed";
        }

        private Object decision(Random random) {
            String client = client(random);
            String policy = policy(random);
            long cost = 1 + random.nextInt(random.nextBoolean() ? 1 : 15);
            return switch (random.nextInt(6)) {
                case 0 ->
                    weir.tryAcquire(client, List.of(new PolicyCost(policy, cost, "export", null, Terms.NONE, false)));
                case 1 -> weir.tryAcquire(client, List.of(new PolicyCost(policy, cost, null, 1, Terms.NONE, true)));
                case 2 -> weir.tryAcquire(client, List.of(new PolicyCost(policy, cost)));
                case 3 ->
                    weir.limiter(policy)
                            .tryAcquire(Acquisition.of(client).cost(cost).weight(random.nextInt(3)));
                case 4 -> weir.limiter(policy).allow(client, cost);
                default -> weir.limiter(policy).tryAcquire(client, cost);
            };
        }

        private static String client(Random random) {
            return CLIENTS.get(random.nextInt(CLIENTS.size()));
        }

        private static String policy(Random random) {
            return POLICIES.get(random.nextInt(POLICIES.size())).name();
        }

        @Override
        public void close() {
            weir.close();
            other.close();
        }
    }

    @Property(tries = 60, shrinking = ShrinkingMode.OFF)
    void anyHistory_shortWayAndLongWay_sameDecisions(@ForAll long seed) {
        Random ofShort = new Random(seed);
        Random ofLong = new Random(seed);
        try (Side shortWay = new Side(true);
                Side longWay = new Side(false)) {
            for (int i = 0; i < STEPS; i++) {
                assertThat(shortWay.step(ofShort)).isEqualTo(longWay.step(ofLong));
            }
            assertThat(shortWay.notified).isNotEmpty().isEqualTo(longWay.notified);
        }
    }
}
