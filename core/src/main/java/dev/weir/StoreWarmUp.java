package dev.weir;

import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.TokenBucket;
import dev.weir.store.Charge;
import dev.weir.store.Grant;
import dev.weir.store.GuardedCall;
import dev.weir.store.LeaseCall;
import dev.weir.store.Overrides;
import dev.weir.store.Scheduler;
import dev.weir.store.Share;
import dev.weir.store.Store;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Makes each kind of call that a request may make, before the first request does. In a new virtual machine the first
 * call takes longer than a request waits: classes are loaded, and the store learns its scripts. Without a warm-up, the
 * first requests would be decided without a store that is healthy.
 *
 * <p><b>It charges nothing and leaves nothing in the store.</b> Each call asks for more than its limit ever has, so it
 * is refused; and it is made for a client, a policy and a pool of random names, which no other call uses.
 */
final class StoreWarmUp {

    private static final Logger LOG = System.getLogger(StoreWarmUp.class.getName());

    /** How long a warm-up waits for the store: many times what a request waits. */
    static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(2);

    static final TokenBucket ONE = Limit.tokenBucket(1, Duration.ofSeconds(1));

    /** More than the limit or the pool ever has. */
    static final long COST = 3;

    private static final String POLICY = newName();
    private static final Pool POOL = new Pool(newName(), Limit.tokenBucket(2, Duration.ofSeconds(1)));

    /** So many at once that they travel in batches, and in a cluster to each master. */
    private static final int CLIENTS = 16;

    private static final int ROUNDS = 4;

    private StoreWarmUp() {}

    static String newName() {
        return "weir-" + UUID.randomUUID();
    }

    /**
     * Calls a store, and waits for its answers. What fails here will fail for requests too, and is reported then.
     *
     * @return whether all was answered
     */
    static boolean on(Store store, Scheduler scheduler) {
        Deadline deadline = new Deadline(scheduler, MOST_NANOS);
        try {
            await(oneOfEachKind(store), deadline, scheduler);
            for (int i = 0; i < ROUNDS; i++) {
                await(decisions(store), deadline, scheduler);
            }
            return true;
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.DEBUG, "warming up failed", e);
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static void await(List<CompletableFuture<?>> answers, Deadline deadline, Scheduler scheduler)
            throws InterruptedException, ExecutionException, TimeoutException {
        scheduler.await(
                CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new)),
                Math.max(0, deadline.leftNanos()));
    }

    private static List<CompletableFuture<?>> oneOfEachKind(Store store) {
        Subject client = Subject.client(newName());
        Charge charge = new Charge(POLICY, ONE, COST);
        Charge ofPool = new Share(POOL, 1).charge(POLICY, null, COST);
        StoreRequest call = StoreRequest.of(client.id(), List.of(charge));
        StoreRequest nothing = StoreRequest.of(client.id(), List.of(new Charge(POLICY, ONE, 0)));
        StoreRequest outdated = new StoreRequest(client, 1, List.of(charge));
        LeaseCall lease = new LeaseCall(client, Overrides.NO_VERSION, POLICY, ONE, COST, 1, Grant.NONE, 0);
        return List.of(
                GuardedCall.started(() -> store.tryAcquire(call)),
                GuardedCall.started(() -> store.tryAcquire(outdated)),
                GuardedCall.started(() -> store.tryAcquire(StoreRequest.of(client.id(), List.of(ofPool)))),
                GuardedCall.started(() -> store.lease(lease)),
                GuardedCall.started(() -> store.overrides(client)),
                GuardedCall.started(() -> store.giveBack(call, 0)),
                GuardedCall.started(() -> store.owe(nothing)));
    }

    private static List<CompletableFuture<?>> decisions(Store store) {
        List<CompletableFuture<?>> answers = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            StoreRequest call = StoreRequest.of(newName(), List.of(new Charge(POLICY, ONE, COST)));
            answers.add(GuardedCall.started(() -> store.tryAcquire(call)));
        }
        return answers;
    }
}
