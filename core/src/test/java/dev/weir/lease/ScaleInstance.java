package dev.weir.lease;

import dev.weir.limit.TokenBucket;
import dev.weir.store.Charge;
import dev.weir.store.DriftingScheduler;
import dev.weir.store.FarStore;
import dev.weir.store.LimiterListener;
import dev.weir.store.Scheduler;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One instance of a simulation: the real leasing store, on its own clock and its own way to the store. */
final class ScaleInstance {

    static final String CLIENT = "client";
    static final String POLICY = "policy";

    /** Of a request, if none is configured. */
    private static final Duration DEADLINE = Duration.ofMillis(50);

    /** Where the store is too far for that one. How often a late answer counts as none is not what is asked here. */
    private static final Duration LONG_DEADLINE = Duration.ofSeconds(1);

    private static final long NEAR_MICROS = 10_000;

    final FarStore network;
    private final Scheduler time;
    private final LeasingStore leasing;
    private final LeaseTable leases;
    private final TokenBucket limit;
    boolean isCutOff;

    /** So many requests were charged by calls for leases that they made after they had waited, and are not answered. */
    int paid;

    ScaleInstance(FarStore network, DriftingScheduler time, TokenBucket limit, long roundTripMicros) {
        this.network = network;
        this.time = time;
        this.limit = limit;
        this.leasing = new LeasingStore(
                network,
                Leasing.FAST,
                LeasingStore.MOST_CLIENTS,
                roundTripMicros <= NEAR_MICROS ? DEADLINE : LONG_DEADLINE,
                time,
                LimiterListener.NONE,
                (client, decision) -> {});
        this.leases = leasing.of(POLICY);
    }

    void beat(String id) {
        leasing.heartbeat(id);
    }

    /** As a request is decided first: from a lease, without a clock. */
    boolean spend() {
        return leases.spend(CLIENT, 1);
    }

    /** As it is decided then: by what is known here, or by the store. */
    CompletableFuture<StoreReply> decide() {
        StoreRequest request = StoreRequest.of(CLIENT, List.of(new Charge(POLICY, limit, 1)));
        StoreReply.Decided known = leasing.known(request);
        return known == null ? leasing.tryAcquire(request) : CompletableFuture.completedFuture(known);
    }

    /** Whether the store has charged a request of this instance that is not yet counted as permitted; then one less. */
    boolean isPaid() {
        return paid > 0 && paid-- > 0;
    }

    /** Whether permits are here that a request could have had. */
    boolean hasPermits() {
        Lease lease = leases.find(CLIENT);
        return lease != null && lease.hasPermits() && !lease.hasEnded(time.nanoTime());
    }

    /** From now on no message gets through. Requests are no longer sent then: the store is known to be away. */
    void cutOff() {
        isCutOff = true;
        network.isCut = true;
    }

    void close() {
        leasing.close();
    }
}
