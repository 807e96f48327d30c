package dev.weir;

import dev.weir.lease.Leasing;
import dev.weir.lease.LeasingStore;
import dev.weir.limit.Limit;
import dev.weir.memory.MemoryStore;
import dev.weir.store.Charge;
import dev.weir.store.LimiterListener;
import dev.weir.store.Overrides;
import dev.weir.store.Scheduler;
import dev.weir.store.StoreRequest;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Decides requests before the first one comes, as {@link StoreWarmUp} calls the store: in a new virtual machine the
 * first decision takes longer than a request waits, because classes are loaded. It charges nothing, for the same
 * reason.
 */
final class DryRun {

    private static final Policy POLICY =
            Policy.of(StoreWarmUp.newName(), StoreWarmUp.ONE).onStoreFailure(OnStoreFailure.REJECT);
    private static final int ROUNDS = 4;

    /** So many decisions in time are no accident. */
    private static final int IN_A_ROW = 8;

    /** How long they are waited for. */
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(3);

    private static final Logger LOG = System.getLogger(DryRun.class.getName());

    /** The permits of a limit that is leased from: in so many requests a lease is taken, renewed and used up. */
    private static final int LEASED = 500;

    private DryRun() {}

    /**
     * Decides requests as a limiter does, down to its store.
     *
     * @param newDecider makes a decider that knows only the policies it is given
     * @param deadlineNanos how long a request waits for the store
     */
    static void on(Function<Function<String, Policy>, Decider> newDecider, long deadlineNanos, Scheduler scheduler) {
        Decider decider = newDecider.apply(name -> POLICY);
        Deadline deadline = new Deadline(scheduler, StoreWarmUp.MOST_NANOS);
        List<PolicyCost> costs = List.of(new PolicyCost(POLICY.name(), StoreWarmUp.COST));
        for (int i = 0; i < ROUNDS; i++) {
            RequestPart known = decider.known(StoreWarmUp.newName(), costs, deadline);
            decider.take(known, deadline);
            // Once more as after a change at run time: the store answers what is set, and is asked again.
            Overrides outdated = new Overrides(1, null, Map.of());
            decider.take(RequestPart.of(known.subject(), outdated, known.claimsUnder()), deadline);
        }
        if (!untilInTime(decider, deadlineNanos, scheduler)) {
            LOG.log(
                    Level.INFO,
                    "the store answers, but later than within the deadline of {0} ms: then each policy does what its"
                            + " on-store-failure says",
                    TimeUnit.NANOSECONDS.toMillis(deadlineNanos));
        }
    }

    /**
     * Decides requests until each of a few in a row was decided within the deadline of a request, in the time that is
     * left for it: a process whose machine is busy is not left alone with its first requests.
     *
     * @return whether they were
     */
    private static boolean untilInTime(Decider decider, long deadlineNanos, Scheduler scheduler) {
        List<PolicyCost> costs = List.of(new PolicyCost(POLICY.name(), StoreWarmUp.COST));
        long startNanos = scheduler.nanoTime();
        for (int inTime = 0; inTime < IN_A_ROW; ) {
            long askedNanos = scheduler.nanoTime();
            if (askedNanos - startNanos > MOST_NANOS) {
                return false;
            }
            Deadline patient = new Deadline(scheduler, StoreWarmUp.MOST_NANOS);
            decider.take(decider.known(StoreWarmUp.newName(), costs, patient), patient);
            inTime = scheduler.nanoTime() - askedNanos <= deadlineNanos ? inTime + 1 : 0;
        }
        return true;
    }

    /** Decides requests from leases of a store of its own: the shared one must not lend what no request needs. */
    static void on(Leasing leasing, Scheduler scheduler) {
        try (LeasingStore store = new LeasingStore(
                new MemoryStore(scheduler),
                leasing,
                1,
                Duration.ofSeconds(1),
                scheduler,
                LimiterListener.NONE,
                (client, decision) -> {})) {
            Limit limit = Limit.tokenBucket(LEASED, Duration.ofSeconds(10));
            StoreRequest call = StoreRequest.of(StoreWarmUp.newName(), List.of(new Charge(POLICY.name(), limit, 1)));
            for (int i = 0; i <= LEASED; i++) { // The last request is refused.
                if (store.known(call) == null) {
                    store.tryAcquire(call).join();
                }
            }
        }
    }
}
