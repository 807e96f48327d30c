package dev.weir.lease;

import dev.weir.limit.Decision;
import dev.weir.store.Scheduler;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What is leased under one name that use is counted by: by client. Thread-safe. */
public final class LeaseTable {

    /** Where nothing is ever leased. */
    public static final LeaseTable NONE = new LeaseTable(lease -> {}, null);

    private final Consumer<Lease> refill;
    private final @Nullable Scheduler exact;
    private final Map<String, Lease> byClient = new ConcurrentHashMap<>();

    /**
     * @param refill gets more permits for a lease that is running low, without blocking
     * @param exact by whose clock a lease's end is looked at with each request; null if it is not ({@link Leasing})
     */
    LeaseTable(Consumer<Lease> refill, @Nullable Scheduler exact) {
        this.refill = refill;
        this.exact = exact;
    }

    /** Whether {@code cost} permits were spent from a lease: the fast path of all. */
    public boolean spend(String client, long cost) {
        Lease lease = byClient.get(client);
        return lease != null && spend(lease, cost);
    }

    /** The decision on a request whose cost was spent from a lease; null if it was not. */
    public @Nullable Decision trySpend(String client, long cost) {
        Lease lease = byClient.get(client);
        return lease != null && spend(lease, cost) ? lease.permitted() : null;
    }

    private boolean spend(Lease lease, long cost) {
        HeldPermits.Spent spent = exact == null ? lease.spend(cost) : lease.spend(cost, exact.nanoTime());
        if (spent == HeldPermits.Spent.ALL_AND_LOW) {
            refill.accept(lease);
        }
        return spent != HeldPermits.Spent.NOTHING;
    }

    @Nullable Lease find(String client) {
        return byClient.get(client);
    }

    /** The lease of a client, or the one that another thread has just put there. */
    Lease putIfAbsent(String client, Lease lease) {
        Lease there = byClient.putIfAbsent(client, lease);
        return there == null ? lease : there;
    }

    Map<String, Lease> byClient() {
        return byClient;
    }
}
