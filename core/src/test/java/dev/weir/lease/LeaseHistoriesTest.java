package dev.weir.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.Decision;
import dev.weir.limit.Exact;
import dev.weir.limit.Limit;
import dev.weir.limit.SlidingWindow;
import dev.weir.limit.TokenBucket;
import dev.weir.memory.MemoryStore;
import dev.weir.store.Charge;
import dev.weir.store.LeaseCall;
import dev.weir.store.Overrides;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories of several instances that hold leases of one client, against a reference that knows of none: their
 * calls come late, are lost or are never answered, their clocks run at other speeds than the store's, and they die.
 * However it goes, the reference never lacks a permit that was admitted. A reference bucket: over every interval,
 * admitted &le; burst + rate &middot; t. A reference window: by what was really admitted, and when, the limit's own
 * rule holds at every moment.
 */
class LeaseHistoriesTest {

    private static final int HISTORIES = 150;
    private static final int STEPS = 3_000;
    private static final List<Limit> BUCKETS = List.of(
            Limit.tokenBucket(1_000, Duration.ofSeconds(1)),
            Limit.tokenBucket(1_000, Duration.ofSeconds(1), 5_000),
            Limit.tokenBucket(300, Duration.ofSeconds(7), 400),
            Limit.tokenBucket(50_000, Duration.ofSeconds(1), 1_000),
            // Counted in ticks of a millisecond, each of which drains some ten permits.
            Limit.tokenBucket(316_224_000_007L, Duration.ofDays(366), 1_000));

    private static final List<Limit> WINDOWS = List.of(
            Limit.fixedWindow(1_000, Duration.ofSeconds(1)),
            Limit.fixedWindow(10_000, Duration.ofSeconds(3)),
            Limit.fixedWindow(5_000, Duration.ofMillis(1_234)),
            Limit.slidingWindow(1_000, Duration.ofSeconds(1)),
            Limit.slidingWindow(10_000, Duration.ofSeconds(7)),
            // Counted in ticks of a millisecond.
            Limit.slidingWindow(3_000_000_000_000L, Duration.ofSeconds(2)),
            Limit.slidingWindow(2_000, Duration.ofMillis(1_500)));

    static List<List<Limit>> limits() {
        return List.of(BUCKETS, WINDOWS);
    }

    @ParameterizedTest
    @MethodSource("limits")
    void histories_clocksWithinATenth_neverAboveTheLimit(List<Limit> limits) {
        long seed = ThreadLocalRandom.current().nextLong();
        int spentFromLeases = 0;
        boolean isTight = false;
        for (int i = 0; i < HISTORIES; i++) {
            History history = new History(limits, seed + i, 0.05);
            history.run();
            assertThat(history.reference.leastLeft())
                    .as("seed %d, %s", seed + i, history.limit)
                    .isNotNegative();
            spentFromLeases += history.spentFromLeases;
            isTight |= history.reference.isTight();
        }
        assertThat(spentFromLeases).as("seed %d", seed).isGreaterThan(HISTORIES * STEPS / 20);
        assertThat(isTight)
                .as("some history takes all that there is, seed %d", seed)
                .isTrue();
    }

    /** What the margin is for: with clocks that are further apart, the same histories do go above. */
    @ParameterizedTest
    @MethodSource("limits")
    void histories_clocksFurtherApart_aboveTheLimit(List<Limit> limits) {
        long seed = ThreadLocalRandom.current().nextLong();
        boolean isExceeded = false;
        for (int i = 0; i < 4 * HISTORIES && !isExceeded; i++) {
            History history = new History(limits, seed + i, 0.6);
            history.run();
            isExceeded = history.reference.leastLeft() < 0;
        }
        assertThat(isExceeded).as("seed %d", seed).isTrue();
    }

    private static Reference reference(Limit limit) {
        return limit instanceof TokenBucket bucket
                ? new ReferenceBucket(bucket, History.START_MICROS)
                : new ReferenceWindow(limit);
    }

    /**
     * Counts by window; a sliding one counts the window before as well, by the part of it that is less than a period
     * ago.
     */
    private static final class ReferenceWindow implements Reference {

        private final Limit limit;
        private final long periodMicros;
        private final Map<Long, Long> byWindow = new HashMap<>();
        private long leastLeft = Long.MAX_VALUE;

        ReferenceWindow(Limit limit) {
            this.limit = limit;
            this.periodMicros = Exact.micros(limit.period());
        }

        @Override
        public void admit(long cost, long nowMicros) {
            long window = nowMicros / periodMicros;
            long used = byWindow.merge(window, cost, Long::sum);
            if (limit instanceof SlidingWindow) {
                long covered = (window + 1) * periodMicros - nowMicros;
                used += Exact.ceilDiv(byWindow.getOrDefault(window - 1, 0L) * covered, periodMicros);
            }
            leastLeft = Math.min(leastLeft, limit.permits() - used);
        }

        @Override
        public long leastLeft() {
            return leastLeft;
        }

        @Override
        public boolean isTight() {
            return leastLeft == 0;
        }
    }

    private static final class History {

        static final long START_MICROS = 1_700_000_000_000_000L;

        final Limit limit;
        final Reference reference;
        int spentFromLeases;

        private final Random random;
        private final int mostRequests;
        private final int tendings;
        private final boolean isCalm;
        private final AtomicLong storeMicros = new AtomicLong(START_MICROS);
        private final double storeSpeed;
        private final List<Instance> instances = new ArrayList<>();
        private final PriorityQueue<Event> events = new PriorityQueue<>((a, b) -> Long.compare(a.atNanos, b.atNanos));
        private long nowNanos;

        /** Something that happens on the wire. */
        private record Event(long atNanos, Runnable action) {}

        /** @param apart how far a clock's speed may be from that of time: 0.05 is 5 percent faster or slower */
        History(List<Limit> limits, long seed, double apart) {
            random = new Random(seed);
            mostRequests = 1 + random.nextInt(100);
            tendings = 2 + random.nextInt(60);
            isCalm = random.nextInt(3) == 0;
            limit = limits.get(random.nextInt(limits.size()));
            reference = reference(limit);
            storeSpeed = speed(apart);
            for (int i = 0; i < 2 + random.nextInt(3); i++) {
                instances.add(new Instance(speed(apart), origin()));
            }
        }

        /** Where a monotonic clock begins is its own affair: now and then it overflows in a history. */
        private long origin() {
            return random.nextBoolean() ? random.nextLong() : Long.MAX_VALUE - random.nextLong(100_000_000_000L);
        }

        private double speed(double apart) {
            return 1 + apart * (2 * random.nextInt(2) - 1);
        }

        void run() {
            try (MemoryStore store = new MemoryStore(storeMicros::get)) {
                Instance hot = instances.get(0);
                for (int i = 0; i < STEPS; i++) {
                    if (random.nextInt(200) == 0) {
                        hot = instances.get(random.nextInt(instances.size()));
                    }
                    move(random.nextInt(50) == 0 ? random.nextLong(1_500_000_000L) : random.nextLong(3_000_000L));
                    step(store, random.nextInt(10) < 8 ? hot : instances.get(random.nextInt(instances.size())));
                }
            }
        }

        private void move(long nanos) {
            long until = nowNanos + nanos;
            while (!events.isEmpty() && events.peek().atNanos <= until) {
                Event event = events.remove();
                nowNanos = Math.max(nowNanos, event.atNanos);
                tick();
                event.action.run();
            }
            nowNanos = until;
            tick();
        }

        private void tick() {
            storeMicros.set(START_MICROS + (long) (nowNanos * storeSpeed / 1_000));
        }

        private void admit(long cost) {
            reference.admit(cost, storeMicros.get());
        }

        private void step(MemoryStore store, Instance instance) {
            long localNanos = instance.nanos(nowNanos);
            if (!isCalm && random.nextInt(400) == 0) {
                instance.die(localNanos);
            } else if (random.nextInt(100) == 0) { // As if it was idle: what comes back late may meet another window.
                later(store, instance.lease.giveBack(localNanos));
            } else if (random.nextInt(tendings) == 0) {
                LeaseCall call = instance.lease.tend(limit.capacity() / 10, localNanos);
                if (call != null && call.wanted() > 0) {
                    ask(store, instance.lease, call, instance);
                } else {
                    later(store, call);
                }
            } else {
                for (int i = random.nextInt(mostRequests); i >= 0; i--) {
                    request(store, instance, localNanos, random.nextInt(50) == 0 ? 1 + random.nextInt(40) : 1);
                }
            }
        }

        private void request(MemoryStore store, Instance instance, long localNanos, long cost) {
            Lease lease = instance.lease;
            HeldPermits.Spent spent = lease.hasEnded(localNanos) ? HeldPermits.Spent.NOTHING : lease.spend(cost);
            if (spent != HeldPermits.Spent.NOTHING) {
                spentFromLeases++;
                admit(cost);
                if (spent == HeldPermits.Spent.ALL_AND_LOW) {
                    ask(store, lease, lease.ask(0, limit.capacity() / 10, localNanos), instance);
                }
                return;
            }
            later(store, lease.comeUnder(new LeaseBasis(limit, null, Overrides.NO_VERSION), localNanos, localNanos));
            Charge charge = new Charge("policy", limit, cost);
            Decision known = lease.decide(charge, Overrides.NO_VERSION, localNanos);
            LeaseCall ask = known == null ? lease.ask(cost, limit.capacity() / 10, localNanos) : null;
            if (ask != null) {
                ask(store, lease, ask, instance);
            } else if (known == null) {
                StoreReply.Decided decided =
                        (StoreReply.Decided) store.decide(StoreRequest.of("client", List.of(charge)));
                Decision decision = decided.decisions().get(0);
                lease.answered(decision, cost, decided.againAfterMicros(), localNanos, localNanos);
                if (decision.permitted()) {
                    admit(cost);
                }
            } else if (known.permitted()) {
                admit(cost);
            }
        }

        private void ask(MemoryStore store, Lease lease, @Nullable LeaseCall call, Instance instance) {
            if (call == null) {
                return;
            }
            long askedNanos = instance.nanos(nowNanos);
            int fate = isCalm ? 3 : random.nextInt(20);
            StoreReply[] answer = new StoreReply[1];
            long sentNanos = nowNanos + delay();
            if (fate != 0) { // Else it is lost on its way there.
                events.add(new Event(sentNanos, () -> {
                    answer[0] = store.lease(call).join();
                    if (call.cost() > 0
                            && ((StoreReply.Leased) answer[0]).decision().permitted()) {
                        admit(call.cost());
                    }
                }));
            }
            if (fate > 2) {
                events.add(new Event(
                        sentNanos + delay(),
                        () -> lease.answered(call, answer[0], askedNanos, instance.nanos(nowNanos))));
            } else if (fate != 1) { // Else the lease is never notified that there will be no answer.
                events.add(new Event(
                        nowNanos + delay(), () -> lease.answered(call, null, askedNanos, instance.nanos(nowNanos))));
            }
        }

        /** A message that no request waits for comes late as well, or not at all. */
        private void later(MemoryStore store, @Nullable LeaseCall call) {
            if (call != null && (isCalm || random.nextInt(10) > 0)) {
                events.add(new Event(nowNanos + delay(), () -> store.lease(call)));
            }
        }

        private long delay() {
            return !isCalm && random.nextInt(10) == 0 ? random.nextLong(2_000_000_000L) : random.nextLong(2_000_000L);
        }
    }

    /** One that may die, and start again knowing nothing. */
    private static final class Instance {

        private final double speed;
        private final long originNanos;
        private Lease lease;

        Instance(double speed, long originNanos) {
            this.speed = speed;
            this.originNanos = originNanos;
            this.lease = fresh(originNanos);
        }

        private static Lease fresh(long nowNanos) {
            return new Lease(Subject.client("client"), "policy", nowNanos);
        }

        long nanos(long trueNanos) {
            return originNanos + (long) (trueNanos * speed);
        }

        void die(long nowNanos) {
            lease = fresh(nowNanos);
        }
    }
}
