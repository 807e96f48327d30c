package dev.weir.lease;

import dev.weir.store.LeaseUse;
import dev.weir.store.Scheduler;
import dev.weir.store.Subject;
import dev.weir.store.UsageKey;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** All leases of this instance, by the name that use is counted by and by client: a bounded number. Thread-safe. */
final class LeaseTables {

    private final Scheduler scheduler;
    private final boolean isExact;
    private final int mostClients;
    private final Consumer<Lease> refill;
    private final Map<String, LeaseTable> byUsage = new ConcurrentHashMap<>();
    private final AtomicInteger clients = new AtomicInteger();

    /**
     * When anything was changed last: a client that is not known here yet must not be refused for an answer from
     * before.
     */
    private volatile long changedNanos;

    /**
     * @param isExact whether a lease's end is looked at with each request ({@link Leasing#EXACT})
     * @param mostClients the most clients under all names that are remembered
     * @param refill gets more permits for a lease that is running low, without blocking
     */
    LeaseTables(Scheduler scheduler, boolean isExact, int mostClients, Consumer<Lease> refill) {
        this.scheduler = scheduler;
        this.isExact = isExact;
        this.mostClients = mostClients;
        this.refill = refill;
        this.changedNanos = scheduler.nanoTime();
    }

    /** What is leased under a name that use is counted by. */
    LeaseTable of(String usage) {
        return byUsage.computeIfAbsent(usage, name -> new LeaseTable(refill, isExact ? scheduler : null));
    }

    /** As {@link #of}, but a name that no request has asked for before is not kept. */
    LeaseTable find(String usage) {
        return byUsage.getOrDefault(usage, LeaseTable.NONE);
    }

    /** A client's lease, made if there is none; null if too many clients are known. */
    @Nullable Lease findOrCreate(Subject subject, String usage, long nowNanos) {
        LeaseTable leases = of(usage);
        Lease found = leases.find(subject.id());
        if (found != null || clients.get() >= mostClients) {
            return found;
        }
        Lease created = new Lease(subject, usage, nowNanos);
        created.forgetRefusal(changedNanos);
        Lease there = leases.putIfAbsent(subject.id(), created);
        if (there == created) {
            clients.incrementAndGet();
        }
        return there;
    }

    /** Recalls what is leased under some policies. */
    void recall(Predicate<String> policies) {
        long nowNanos = changed();
        byUsage.forEach((usage, leases) -> {
            if (policies.test(UsageKey.policyOf(usage))) {
                leases.byClient().values().forEach(lease -> lease.recall(nowNanos));
            }
        });
    }

    /** Recalls what is leased of one subject. */
    void recall(Subject subject) {
        long nowNanos = changed();
        for (LeaseTable leases : byUsage.values()) {
            Lease lease = leases.find(subject.id());
            if (lease != null && lease.subject().equals(subject)) {
                lease.recall(nowNanos);
            }
        }
    }

    private long changed() {
        long nowNanos = scheduler.nanoTime();
        changedNanos = nowNanos;
        return nowNanos;
    }

    /** Forgets clients of which nothing is left to know, and adds what was done under all leases. */
    void forget(long nowNanos, Map<String, LeaseUse> uses) {
        byUsage.values()
                .forEach(leases -> leases.byClient().forEach((client, lease) -> {
                    collect(lease, uses);
                    if (lease.isForgotten(nowNanos) && leases.byClient().remove(client, lease)) {
                        clients.decrementAndGet();
                    }
                }));
    }

    /** What was done under all leases since this was last asked, by the name that use is counted by. */
    Map<String, LeaseUse> takeUses() {
        Map<String, LeaseUse> uses = new HashMap<>();
        byUsage.values().forEach(leases -> leases.byClient().values().forEach(lease -> collect(lease, uses)));
        return uses;
    }

    static void collect(Lease lease, Map<String, LeaseUse> uses) {
        LeaseUse use = lease.takeUse();
        if (!use.equals(LeaseUse.NONE)) {
            uses.merge(lease.usage(), use, LeaseUse::plus);
        }
    }
}
