package dev.weir;

import dev.weir.lease.Leasing;
import dev.weir.limit.Split;
import dev.weir.memory.MemoryStore;
import dev.weir.store.FarStore;
import dev.weir.store.VirtualScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** Instances that share one store on virtual time, each of them behind a network of its own. */
record FarInstances(VirtualScheduler time, MemoryStore memory, List<FarStore> networks, List<Weir> weirs)
        implements AutoCloseable {

    /** So many, of which each has seen the others. */
    static FarInstances open(int count, Random random, Leasing leasing, Policy... policies) {
        VirtualScheduler time = new VirtualScheduler();
        FarInstances opened = new FarInstances(time, new MemoryStore(time), new ArrayList<>(), new ArrayList<>());
        Set<String> alive = new HashSet<>();
        for (int i = 0; i < count; i++) {
            FarStore network = new FarStore(opened.memory, alive, time, random);
            opened.networks.add(network);
            opened.weirs.add(Weir.builder()
                    .store(network)
                    .instanceId("instance-" + i)
                    .leasing(leasing)
                    .scheduler(time)
                    .draws(() -> random.nextInt(1 << Split.DRAW_BITS))
                    .policies(List.of(policies))
                    .build());
        }
        time.advance(Duration.ofSeconds(1).toNanos());
        return opened;
    }

    void cut(boolean isCut) {
        networks.forEach(network -> network.isCut = isCut);
    }

    @Override
    public void close() {
        weirs.forEach(Weir::close);
        memory.close();
    }
}
