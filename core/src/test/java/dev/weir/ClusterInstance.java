package dev.weir;

import dev.weir.lease.Leasing;
import dev.weir.limit.Split;
import dev.weir.memory.MemoryStore;
import dev.weir.store.DriftingScheduler;
import dev.weir.store.FarStore;
import dev.weir.store.Scheduler;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** One instance of a simulated cluster: a real {@link Weir}, on its own clock and its own way to the store. */
final class ClusterInstance {

    private static final Duration DEADLINE = Duration.ofMillis(50);

    /** As far apart as leases allow for. */
    private static final int DRIFT_PER_MILLION = 50_000;

    final int number;
    final FarStore network;
    final DriftingScheduler time;
    final Weir weir;

    ClusterInstance(
            int number,
            MemoryStore memory,
            Set<String> alive,
            Scheduler trueTime,
            Random random,
            Leasing leasing,
            List<Policy> policies,
            FarStore.Witness witness) {
        this.number = number;
        long drift = random.nextInt(-DRIFT_PER_MILLION, DRIFT_PER_MILLION + 1);
        time = new DriftingScheduler(trueTime, drift, random.nextLong(TimeUnit.SECONDS.toNanos(1)));
        network = new FarStore(memory, alive, trueTime, random);
        network.instance = time;
        network.oneUnannouncedIn = 2;
        network.witness = witness;
        weir = Weir.builder()
                .store(network)
                .instanceId("instance-" + number)
                .leasing(leasing)
                .storeDeadline(DEADLINE)
                .scheduler(time)
                .draws(() -> random.nextInt(1 << Split.DRAW_BITS))
                .policies(policies)
                .build();
    }

    /** Decides a request under some policies as every request is decided, but by which way is seen. */
    Taken take(String client, List<PolicyCost> costs) {
        Deadline deadline = new Deadline(time, DEADLINE.toNanos());
        return weir.decider().take(weir.decider().known(client, costs, deadline), deadline);
    }

    /** The fast path: whether a request's cost was spent from a lease. */
    boolean spend(String client, PolicyCost cost) {
        return weir.decider().leases(cost.policy()).spend(client, cost.cost());
    }
}
