package dev.weir;

import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Permitted;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Exact;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import dev.weir.limit.TokenBucket;
import dev.weir.memory.MemoryStore;
import dev.weir.store.Charge;
import dev.weir.store.DaemonThread;
import dev.weir.store.GuardedCall;
import dev.weir.store.GuardedTask;
import dev.weir.store.LimiterListener;
import dev.weir.store.MicrosClock;
import dev.weir.store.NearStore;
import dev.weir.store.Overrides;
import dev.weir.store.Share;
import dev.weir.store.Store;
import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Kind;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How a request is answered whether or not the store answers: by the store within the deadline, or else as the policy
 * says.
 *
 * <p>A call that times out puts the store in doubt: from then on no request waits for it, and a probe, sent at once,
 * decides. If it is answered, the store is as it was and nothing is said: one late answer is no outage. If not, the
 * store is down, and that is said. Calls that fail without a wait, for want of a connection or by an error that the
 * store itself answers, start the same probe but no doubt, so that one odd request cannot turn the store off for all;
 * nor do calls that were given only what a call before them had left of the deadline, for such a wait says little of
 * the store. The store is probed every 500 ms, and the first answer puts it back into force. While it is up, the same
 * probe is a heartbeat that reports how many instances share it, and one that fails puts the store in doubt too.
 *
 * <p><b>The local share.</b> An instance that is cut off may permit what is left of a limit divided by the live
 * instances, and not a fresh burst. So each decision of the store is followed in memory: the client's local state is
 * made one that has its share of what remains. When the store is gone, that state simply goes on, at its share of the
 * rate. A client of which nothing is remembered here had its whole limit as far as this instance knows, and starts with
 * a whole share. So does one that was forgotten because too many others were followed: those with the fewest permits in
 * use are. A caller's timestamp is then judged by this instance's clock.
 */
final class StoreGuard implements AutoCloseable {

    private static final Logger LOG = System.getLogger(StoreGuard.class.getName());
    private static final long PROBE_MILLIS = 500;
    private static final String PROBING = "probing the store";
    private static final long FIRST_ANSWER_NANOS = TimeUnit.SECONDS.toNanos(2);
    static final long RETRY_AFTER_MICROS = 1_000_000;

    private final Store store;
    private final String instanceId;
    private final long deadlineNanos;
    private final LimiterListener listener;
    private final MemoryStore local;

    /** The store, if that is this process's own memory: it is always there, and nothing has to be made ready. */
    private final @Nullable NearStore near;

    /** Answers what this instance knows without a call. */
    private final Function<StoreRequest, @Nullable StoreReply> known;

    /** Ignores what is asked of it after its end. */
    private final ScheduledExecutorService prober = new ScheduledThreadPoolExecutor(
            1, DaemonThread.named("weir-store-probe"), new ThreadPoolExecutor.DiscardPolicy());

    private final GuardedTask probing;
    private final AtomicBoolean probeIsDue = new AtomicBoolean();

    /** Of the thread that probes. */
    private boolean isWarm;

    private volatile Standing standing = Standing.IN_DOUBT; // The first probe decides.
    private volatile int instances = 1;

    private enum Standing {
        UP,
        /** No request waits for the store, and no listener is notified of it yet. */
        IN_DOUBT,
        DOWN
    }

    /**
     * Waits up to 2 s for the store's first answer, so that the first requests know whether it is there and which
     * instances share it.
     *
     * @param known answers what is known without a call, null if nothing is
     * @param localClients of how many clients, times policies, what the store decides is followed
     */
    StoreGuard(
            Store store,
            Function<StoreRequest, @Nullable StoreReply> known,
            String instanceId,
            Duration deadline,
            int localClients,
            LimiterListener listener) {
        this.store = store;
        this.known = known;
        this.instanceId = instanceId;
        this.deadlineNanos = deadline.toNanos();
        this.listener = listener;
        this.local = new MemoryStore(MicrosClock.steady(), localClients);
        this.near = store.near().orElse(null);
        this.probing = new GuardedTask(PROBING, () -> probe(deadlineNanos));
        new GuardedTask(PROBING, () -> probe(FIRST_ANSWER_NANOS)).run();
        prober.scheduleWithFixedDelay(probing, PROBE_MILLIS, PROBE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** What a request may wait from now on. */
    Deadline deadline() {
        return new Deadline(deadlineNanos);
    }

    /**
     * An answer, and what to give back where if it was permitted and another subject refuses.
     *
     * @param charged what was charged, or would have been; null if the answer was made without charging anything
     * @param byStore whether by the store; if not, by this instance's share
     */
    record Outcome(StoreReply answer, @Nullable StoreRequest charged, boolean byStore) {}

    /**
     * Decides a call.
     *
     * @param claims what its charges were made from, in the same order
     */
    Outcome decide(StoreRequest call, List<ResolvedCost> claims, Deadline deadline) {
        StoreReply atHand = near == null ? known.apply(call) : near.decide(call);
        if (atHand != null) {
            return new Outcome(atHand, call, true);
        }
        Optional<StoreReply> answer = ask(store -> store.tryAcquire(call), deadline);
        if (answer.isEmpty()) {
            return decideWithout(call, claims);
        }
        if (answer.get() instanceof StoreReply.Decided decided) {
            follow(call, decided.decisions());
        }
        return new Outcome(answer.get(), call, true);
    }

    private void follow(StoreRequest call, List<Decision> decisions) {
        Share share = call.share();
        if (share == null) {
            follow(call.subject().id(), decisions);
        } else if (decisions.get(0).permitted()) {
            decideLocally(call, share);
        }
    }

    /**
     * Gives back what was charged, where it was charged: no request waits for it, and it is not tried again. A store
     * that does not answer by then keeps it.
     */
    void giveBack(Outcome permitted) {
        if (permitted.charged() == null || !(permitted.answer() instanceof StoreReply.Decided decided)) {
            return;
        }
        StoreRequest charged = permitted.charged();
        if (!permitted.byStore()) {
            giveBackLocally(charged, decided.atMicros());
        } else if (standing == Standing.UP) {
            GuardedCall.started(() -> store.giveBack(charged, decided.atMicros()))
                    .whenComplete((done, failure) -> {
                        if (failure != null) {
                            LOG.log(Level.DEBUG, "the store failed to give back a charge", failure);
                        }
                    });
        }
    }

    private void giveBackLocally(StoreRequest charged, long atMicros) {
        Share share = charged.share();
        if (share == null) {
            local.giveBack(charged, atMicros);
        } else {
            local.giveBack(charged, share, ofPool(share), atMicros);
        }
    }

    /**
     * What the store says to something that a request waits for; empty if it does not, and at once while it is not up
     * or the request has no patience left.
     */
    <T> Optional<T> ask(Function<Store, CompletableFuture<T>> question, Deadline deadline) {
        long leftNanos = standing == Standing.UP ? deadline.leftNanos() : 0;
        if (leftNanos > 0) {
            try {
                return Optional.of(answer(() -> question.apply(store), leftNanos));
            } catch (StoreException e) {
                suspect(e, leftNanos == deadlineNanos);
            }
        }
        return Optional.empty();
    }

    /** What the store answers an administrator, whose deadline is longer than that of a request. */
    <T> T administer(Function<Store, CompletableFuture<T>> question) {
        return answer(() -> question.apply(store), Math.max(deadlineNanos, FIRST_ANSWER_NANOS));
    }

    private <T> T answer(Supplier<CompletableFuture<T>> call, long waitNanos) {
        long startNanos = System.nanoTime();
        CompletableFuture<T> future = GuardedCall.started(call);
        try {
            T answer = future.get(waitNanos, TimeUnit.NANOSECONDS);
            listener.onStoreAnswer(System.nanoTime() - startNanos);
            return answer;
        } catch (InterruptedException | TimeoutException | ExecutionException | CancellationException e) {
            future.cancel(true);
            StoreException failure = failure(e, waitNanos);
            if (!prober.isShutdown()) { // What a close has cut off is no failure of the store.
                listener.onStoreFailure(failure.kind(), System.nanoTime() - startNanos);
            }
            throw failure;
        }
    }

    private static StoreException failure(Exception e, long waitNanos) {
        if (e instanceof InterruptedException) {
            Thread.currentThread().interrupt();
            return new StoreException(Kind.ERROR, "interrupted while waiting for the store", e);
        }
        if (e instanceof TimeoutException) {
            return new StoreException(
                    Kind.TIMEOUT, "no answer within %d ms".formatted(TimeUnit.NANOSECONDS.toMillis(waitNanos)), e);
        }
        Throwable cause = e.getCause() == null ? e : e.getCause();
        return cause instanceof StoreException known
                ? known
                : new StoreException(Kind.ERROR, String.valueOf(cause), cause);
    }

    private void suspect(StoreException failure, boolean hadTheWholeDeadline) {
        LOG.log(Level.DEBUG, "the store failed a call", failure);
        if (failure.kind() == Kind.TIMEOUT && hadTheWholeDeadline) {
            doubt();
        }
        probeSoon();
    }

    /** @return whether it was up */
    private synchronized boolean doubt() {
        boolean wasUp = standing == Standing.UP;
        if (wasUp) {
            standing = Standing.IN_DOUBT;
        }
        return wasUp;
    }

    private void probeSoon() {
        if (probeIsDue.compareAndSet(false, true)) { // A thousand failed requests need no more than one probe.
            prober.execute(() -> {
                probeIsDue.set(false);
                probing.run();
            });
        }
    }

    private void probe(long waitNanos) {
        try {
            int live = Math.max(1, answer(() -> store.heartbeat(instanceId), waitNanos));
            warmUp();
            // A store that comes back empty learns of the others only with their next beat; until then they still
            // count.
            instances = standing == Standing.UP ? live : Math.max(instances, live);
            change(Standing.UP, "");
        } catch (StoreException e) {
            if (doubt()) {
                probeSoon();
            } else {
                change(Standing.DOWN, e.getMessage());
            }
        }
    }

    /**
     * Before the store is in force for the first time: the first request must not wait for what is made ready only
     * once.
     */
    private void warmUp() {
        if (near == null && !isWarm) {
            isWarm = DryRun.on(store);
        }
    }

    /** Under a lock, so that the listener is notified of changes in the order in which they happen. */
    private synchronized void change(Standing now, @Nullable String why) {
        if (prober.isShutdown()) {
            return;
        }
        boolean isKnown = (standing == Standing.DOWN) == (now == Standing.DOWN);
        standing = now;
        if (isKnown) {
            return;
        }
        listener.onStoreChange(now == Standing.UP);
        if (now == Standing.UP) {
            LOG.log(Level.INFO, "the store is back: limits are shared again; instances: {0}", instances);
        } else {
            LOG.log(
                    Level.WARNING,
                    "the store is down ({0}): each policy does what its on-store-failure says until it is back",
                    why);
        }
    }

    /** Keeps the client's local state one that has its share of what remains. */
    void follow(String client, List<Decision> decisions) {
        int sharing = instances;
        for (Decision decision : decisions) {
            Limit share = decision.limit().share(sharing);
            long remaining = Exact.ceilDiv(decision.remaining(), sharing);
            if (decision.permitted()) {
                local.set(client, decision.policy(), share, remaining);
            } else {
                local.setAtMost(client, decision.policy(), share, remaining);
            }
        }
    }

    /** Decides a call on a pool by this instance's part of it; what the store permits is followed so too. */
    private StoreReply.Decided decideLocally(StoreRequest call, Share share) {
        return (StoreReply.Decided) local.decide(ofThisInstance(call), share, ofPool(share));
    }

    private StoreRequest ofThisInstance(StoreRequest call) {
        List<Charge> charges =
                call.charges().stream().map(charge -> charge.among(instances)).toList();
        return new StoreRequest(call.subject(), Overrides.NO_VERSION, charges, call.timestamp());
    }

    private TokenBucket ofPool(Share share) {
        return share.pool().limit().share(instances);
    }

    private Outcome decideWithout(StoreRequest call, Share share, ResolvedCost claim) {
        if (claim.policy().behaviour().onStoreFailure() != OnStoreFailure.LOCAL) {
            return new Outcome(
                    new StoreReply.Decided(StoreReply.Decided.NOT_GIVEN_BACK, List.of(unshared(claim))), null, false);
        }
        StoreReply.Decided decided = decideLocally(call, share);
        Decision decision = ofPart(decided.decisions().get(0), call.charges().get(0), share);
        return new Outcome(new StoreReply.Decided(decided.atMicros(), List.of(decision)), ofThisInstance(call), false);
    }

    /** A decision on this instance's part of a pool, in terms of the whole. */
    private static Decision ofPart(Decision part, Charge charge, Share share) {
        Limit own = charge.besidePool();
        boolean ofOwn = own != null && part.reason() != Reason.SHARE && part.reason() != Reason.CAPACITY;
        long retryAfter = part instanceof Rejected rejected ? rejected.retryAfterMicros() : 0;
        boolean passesWithStore = part.reason() == Reason.COST_ABOVE_LIMIT
                && charge.cost() <= share.pool().largestCost()
                && (own == null || charge.cost() <= own.capacity());
        return charge.ofShare(
                passesWithStore ? Reason.STORE_UNAVAILABLE : part.reason(),
                ofOwn,
                part.remaining(),
                part.resetAfterMicros(),
                passesWithStore ? RETRY_AFTER_MICROS : retryAfter);
    }

    private Outcome decideWithout(StoreRequest call, List<ResolvedCost> claims) {
        Share share = call.share();
        if (share != null) {
            return decideWithout(call, share, claims.get(0));
        }
        boolean refused = claims.stream().anyMatch(StoreGuard::isRefusedWithout);
        List<ResolvedCost> kept = refused
                ? List.of()
                : claims.stream()
                        .filter(claim -> claim.policy().behaviour().onStoreFailure() == OnStoreFailure.LOCAL)
                        .toList();
        List<Charge> charges = kept.stream()
                .flatMap(claim -> claim.charges().stream())
                .map(charge -> charge.among(instances))
                .toList();
        StoreReply.Decided ofShares = local.decide(call.subject().id(), charges, call.timestamp());
        List<Decision> shares = ofShares.decisions();
        List<Decision> decisions = new ArrayList<>(claims.size());
        int next = 0;
        for (ResolvedCost claim : claims) {
            boolean isKept = kept.contains(claim);
            for (Charge charge : claim.charges()) {
                decisions.add(isKept ? ofShare(charge, shares.get(next++)) : unshared(claim));
            }
        }
        return new Outcome(
                new StoreReply.Decided(ofShares.atMicros(), decisions),
                charges.isEmpty()
                        ? null
                        : new StoreRequest(call.subject(), Overrides.NO_VERSION, charges, call.timestamp()),
                false);
    }

    /** A decision on this instance's share, in terms of the whole limit. */
    private static Decision ofShare(Charge charge, Decision share) {
        Limit limit = charge.limit();
        Decision whole = share.withRule(new Decision.Rule(charge.policy(), limit));
        boolean passesWithStore = share.reason() == Reason.COST_ABOVE_LIMIT && charge.cost() <= limit.capacity();
        return whole instanceof Rejected rejected && passesWithStore
                ? rejected.withReason(Reason.STORE_UNAVAILABLE).withRetryAfterMicros(RETRY_AFTER_MICROS)
                : whole;
    }

    private static boolean isRefusedWithout(ResolvedCost claim) {
        OnStoreFailure onStoreFailure = claim.policy().behaviour().onStoreFailure();
        return onStoreFailure == OnStoreFailure.REJECT || onStoreFailure == OnStoreFailure.PERMIT && neverPasses(claim);
    }

    /** Whether a request is refused however little is used: to know that takes no store. */
    private static boolean neverPasses(ResolvedCost claim) {
        return claim.cost() > claim.capacity();
    }

    /** A decision in which use has no say, only whether the limit permits so much at all. */
    private static Decision unshared(ResolvedCost claim) {
        String policy = claim.policy().name();
        Limit limit = claim.charge().limit();
        if (neverPasses(claim)) {
            return new Rejected(policy, limit, limit.capacity(), 0, Reason.COST_ABOVE_LIMIT, Rejected.NEVER);
        }
        return claim.policy().behaviour().onStoreFailure() == OnStoreFailure.REJECT
                ? new Rejected(policy, limit, 0, 0, Reason.STORE_UNAVAILABLE, RETRY_AFTER_MICROS)
                : new Permitted(policy, limit, limit.capacity(), 0, Reason.STORE_UNAVAILABLE);
    }

    boolean storeUp() {
        return standing != Standing.DOWN;
    }

    /** How many clients, times policies, are followed now. */
    int followed() {
        return local.size();
    }

    int instances() {
        return instances;
    }

    @Override
    public void close() {
        synchronized (this) {
            prober.shutdownNow(); // The listener is not notified of a change that a last probe finds.
        }
        local.close();
    }
}
