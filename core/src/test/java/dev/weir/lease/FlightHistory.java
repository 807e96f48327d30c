package dev.weir.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.TokenBucket;
import dev.weir.memory.MemoryStore;
import dev.weir.store.Charge;
import dev.weir.store.FarStore;
import dev.weir.store.LeaseCall;
import dev.weir.store.LimiterListener;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.VirtualScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Requests of one client on two instances, mostly above a limit that is never leased; each decision is judged. */
final class FlightHistory {

    private static final int MOST_COST = 4;
    private static final long DEADLINE_MICROS = 50_000;
    static final int REQUESTS = 400;

    private final VirtualScheduler time = new VirtualScheduler();
    private final MemoryStore memory = new MemoryStore(time);
    private final int seed;
    private final Random random;
    private final TokenBucket limit;
    private final ReferenceBucket reference;
    private final List<StoreRoom> rooms = new ArrayList<>();
    private final List<FarStore> networks = new ArrayList<>();
    private final List<LeasingStore> instances = new ArrayList<>();
    private final List<String> falseDenials = new ArrayList<>();
    private int leases;

    FlightHistory(int seed) {
        this.seed = seed;
        this.random = new Random(seed);
        this.limit = Limit.tokenBucket(5 + random.nextInt(190), Duration.ofSeconds(1), 4 + random.nextInt(20));
        this.reference = new ReferenceBucket(limit, time.clock().nowMicros());
        for (int cost = 1; cost <= MOST_COST; cost++) {
            rooms.add(new StoreRoom(memory, limit, time.clock(), cost));
        }
        long oneWay = 50 + random.nextInt(8_000);
        for (int i = 0; i < 2; i++) {
            FarStore network = new FarStore(memory, new HashSet<>(), time, random);
            network.travelMicros = () -> oneWay / 2 + random.nextLong(oneWay);
            network.oneLostIn = random.nextBoolean() ? 0 : 50;
            network.witness = witness;
            networks.add(network);
            instances.add(new LeasingStore(
                    network,
                    Leasing.FAST,
                    LeasingStore.MOST_CLIENTS,
                    Duration.ofNanos(TimeUnit.MICROSECONDS.toNanos(DEADLINE_MICROS)),
                    time,
                    LimiterListener.NONE,
                    (client, decision) -> {}));
        }
    }

    void run() {
        double load = 0.5 + random.nextInt(30);
        for (int i = 0; i < REQUESTS; i++) {
            boolean isTogether = random.nextInt(3) == 0;
            time.advance(isTogether ? 0 : (long) (random.nextDouble() * 2e9 / limit.permits() / load));
            request(instances.get(random.nextInt(instances.size())), 1 + random.nextInt(MOST_COST));
        }
        time.advance(TimeUnit.SECONDS.toNanos(1));
        assertThat(falseDenials).as("seed %d", seed).isEmpty();
        assertThat(reference.above()).as("seed %d", seed).isZero();
        assertThat(leases).as("of so small a limit, seed %d", seed).isZero();
        instances.forEach(LeasingStore::close);
        memory.close();
    }

    private void request(LeasingStore instance, int cost) {
        long cameMicros = time.clock().nowMicros();
        StoreRequest request =
                StoreRequest.of(ScaleInstance.CLIENT, List.of(new Charge(ScaleInstance.POLICY, limit, cost)));
        StoreReply known = instance.known(request);
        CompletableFuture<StoreReply> answer =
                known == null ? instance.tryAcquire(request) : CompletableFuture.completedFuture(known);
        answer.thenAccept(
                reply -> judge(((StoreReply.Decided) reply).decisions().get(0), cost, cameMicros));
        time.worker("deadline", 1).schedule(() -> answer.cancel(true), DEADLINE_MICROS, TimeUnit.MICROSECONDS);
    }

    private void judge(Decision decision, int cost, long cameMicros) {
        if (!decision.permitted()) {
            long thereMicros = rooms.get(cost - 1).wasThereForMicros(cameMicros);
            if (thereMicros >= 0) {
                falseDenials.add("%d permits had been there for %d us".formatted(cost, thereMicros));
            }
        }
    }

    long calls() {
        return networks.stream().mapToLong(network -> network.calls).sum();
    }

    private final FarStore.Witness witness = new FarStore.Witness() {
        @Override
        public void decided(StoreRequest call, StoreReply reply) {
            if (((StoreReply.Decided) reply).decisions().get(0).permitted()) {
                reference.admit(call.charges().get(0).cost(), time.clock().nowMicros());
            }
            rooms.forEach(StoreRoom::changed);
        }

        @Override
        public void leased(LeaseCall call, StoreReply reply) {
            leases++;
        }
    };
}
