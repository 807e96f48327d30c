package dev.weir.lease;

import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.TokenBucket;
import dev.weir.store.ChangeListener;
import dev.weir.store.Charge;
import dev.weir.store.GuardedCall;
import dev.weir.store.GuardedTask;
import dev.weir.store.LeaseAccounting;
import dev.weir.store.LeaseCall;
import dev.weir.store.LeaseUse;
import dev.weir.store.LimiterListener;
import dev.weir.store.Overrides;
import dev.weir.store.Page;
import dev.weir.store.Store;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import dev.weir.store.UsageKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A store that answers for another one: from permits that it has taken there in advance, and from what was refused
 * there.
 *
 * <h2>Assumptions</h2>
 *
 * <ul>
 *   <li>The store holds back what it has lent ({@link Store#lease}), and forgets a lease no earlier than it said.
 *   <li>The monotonic clocks of instances, and the store's clock, run at the same speed to within a tenth.
 *   <li>With {@link Leasing#FAST}: the sweeper, which runs every 20 ms, runs once in what is left of a lease's life
 *       when it has ended here: a fifth, so 40 to 200 ms, half of it if the clocks differ by a tenth. A process that is
 *       stopped for longer may afterwards spend at most what was left of each lease, once. {@link Leasing#EXACT} does
 *       not need it.
 * </ul>
 *
 * <h2>Guarantees</h2>
 *
 * <ul>
 *   <li><b>Reserve first.</b> What is spent here was charged there before, so over any interval no more is admitted
 *       than the limit says, with any number of instances, and whatever becomes of them, of calls and of answers.
 *   <li><b>No false denial.</b> A request is refused only if the store has refused it, or would now. A refusal is
 *       remembered until time can change it, and for at most 200 ms; so is one that the store foretells when it gives
 *       its last permits away. What is leased here is never in the way of a request, and what is just being brought
 *       here only while a refusal is remembered; what other instances hold is. Of a pool, a client that asks often and
 *       has used up its share is refused for 16 ms, although a permit may have come free.
 *   <li>A lease lives a second at most, and is given back when nothing was spent from it for 100 ms, or, if it is so
 *       small that no client misses it, at its end; and by {@link #close}. One that was lost is found again when its
 *       time is over.
 *   <li>An override that was changed here, and other policies, hold at once. One that was changed by another instance
 *       holds as soon as that is {@linkplain Store#listen announced}, and within a second if it is not; so does a
 *       weight in a pool.
 *   <li>A client costs at most one call more than without leases ({@link LeaseCredit}); and two more, once a lease,
 *       where what is leased here was in a request's way.
 *   <li>What an instance that died held of a bucket is there again within three seconds ({@link LeaseAccounting#most}).
 *   <li>At most {@value #MOST_CLIENTS} clients under all policies are remembered; requests of further clients are
 *       decided by the store.
 * </ul>
 *
 * <h2>Which clients get a lease?</h2>
 *
 * Clients that need at least {@link DemandEstimate#LEAST} permits in 100 ms here, for at least four requests, under a
 * limit of which a tenth, and what comes back in a second, shared by all live instances, is at least
 * {@value #LEAST_SHARE}; and under such a limit those as well that need some in the life of a lease, but no more in all
 * of it than a tenth of that share. So a limit of 100 is strict: what others hold of it would be missed. A sliding log
 * is never leased, and neither are requests under several policies, on several subjects or with numbers of their own.
 * From a pool permits are leased for 16 ms, and for a fifth of the time in which its burst drains if that is less, so
 * that shares stay what they are; to clients without a limit of their own, and if a quarter of its burst is at least
 * {@value #LEAST_SHARE}. A client that uses up its share asks again when it has come back for such a time, and not for
 * each permit. A client's first request, and each that goes by another limit than is leased, is decided by the store.
 *
 * <h2>Example</h2>
 *
 * A limit of 10,000 a second on two instances, of which one has 5,000 requests a second: it holds up to 500 permits,
 * asks for more when about half of them are spent, some 20 times a second, and decides all others within tens of
 * nanoseconds. The other one, with a request now and then, asks for each. When the traffic moves to it, the first gives
 * back what it has 100 ms after its last request.
 *
 * <p>Thread-safe.
 */
public final class LeasingStore implements Store {

    public static final int MOST_CLIENTS = 1 << 17;
    static final long LEAST_SHARE = 20;

    /** Windows that are shorter end before a lease has paid. */
    private static final long LEAST_WINDOW_SECONDS = 1;

    private static final long SWEEP_MILLIS = 20;
    private static final int SWEEPS_TO_FORGET = 50;
    private static final long GOODBYE_MILLIS = 250;

    /**
     * How long a request that was refused waits for permits that another call is bringing: longer than a round trip.
     */
    private static final long PATIENCE_MILLIS = 10;

    /**
     * A refusal that took more than this part of a request's deadline stands. To wait, give back and ask again would
     * take the request beyond its deadline, and the store would be taken to be away.
     */
    private static final int PARTS_OF_DEADLINE = 4;

    private final Store store;
    private final boolean isExact;
    private final int mostClients;
    private final LimiterListener listener;
    private final BiConsumer<String, Decision> onDecision;
    private final long longestReconsideredNanos;
    private final Map<String, LeaseTable> byUsage = new ConcurrentHashMap<>();

    /** What there is to look after, and the last call that was made for it: that one may still be under way. */
    private final Map<Lease, CompletableFuture<StoreReply>> active = new ConcurrentHashMap<>();

    private final AtomicInteger clients = new AtomicInteger();
    private final ScheduledThreadPoolExecutor sweeper =
            (ScheduledThreadPoolExecutor) dev.weir.store.Scheduler.system().worker("weir-leases", 1);
    private volatile int instances = 1;
    private volatile boolean isClosing;

    /**
     * When anything was changed last: a client that is not known here yet must not be refused for an answer from
     * before.
     */
    private volatile long changedNanos = System.nanoTime();

    private int sweeps;

    /**
     * @param leasing not {@link Leasing#OFF}
     * @param mostClients the most clients under all policies that are remembered
     * @param deadline how long a request waits for this store
     * @param listener is notified of what leases did
     * @param onDecision is notified of what the store decided on a client when it was asked in the background
     */
    public LeasingStore(
            Store store,
            Leasing leasing,
            int mostClients,
            Duration deadline,
            LimiterListener listener,
            BiConsumer<String, Decision> onDecision) {
        this.store = store;
        this.isExact = leasing == Leasing.EXACT;
        this.mostClients = mostClients;
        this.listener = listener;
        this.onDecision = onDecision;
        this.longestReconsideredNanos = deadline.toNanos() / PARTS_OF_DEADLINE;
        GuardedTask sweep = new GuardedTask("looking after leases", this::sweep);
        sweeper.scheduleWithFixedDelay(sweep, SWEEP_MILLIS, SWEEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** What is leased under a name that use is counted by. */
    public LeaseTable of(String usage) {
        return byUsage.computeIfAbsent(usage, name -> new LeaseTable(this::refill));
    }

    /** As {@link #of}, but a name that no request has asked for before is not kept. */
    public LeaseTable find(String usage) {
        return byUsage.getOrDefault(usage, LeaseTable.NONE);
    }

    /** What needs no call: what is spent from a lease, or refused as before. Null if the store has to be asked. */
    public StoreReply.@Nullable Decided known(StoreRequest call) {
        if (isForTheStore(call)) {
            return null;
        }
        Charge charge = call.charges().get(0);
        Lease lease = find(charge.policy()).find(call.subject().id());
        Decision known = lease == null ? null : lease.decide(charge, call.version(), System.nanoTime());
        return known == null ? null : fromHere(known);
    }

    private static boolean isForTheStore(StoreRequest call) {
        return call.strict()
                || call.charges().size() > 1
                || call.charges().get(0).besidePool() != null;
    }

    /** Asks the store, whatever is {@link #known}, and for a lease if it is worth one. */
    @Override
    public CompletableFuture<StoreReply> tryAcquire(StoreRequest call) {
        if (isForTheStore(call)) {
            return reconsidered(store.tryAcquire(call), call, System.nanoTime());
        }
        Charge charge = call.charges().get(0);
        long nowNanos = System.nanoTime();
        LeaseBasis basis = LeaseBasis.of(charge, call.version());
        long most = mostPermits(basis);
        Lease lease = most == 0
                ? of(charge.policy()).find(call.subject().id())
                : findOrCreate(call.subject(), charge.policy(), nowNanos);
        if (lease == null || !lease.serves(basis, nowNanos)) {
            return remembering(call, nowNanos);
        }
        boolean wasLeased = lease.isLeased();
        LeaseCall ask = charge.cost() > charge.limit().capacity() ? null : lease.ask(charge.cost(), most, nowNanos);
        boolean isAlone = !wasLeased && (ask != null || !lease.isLeased());
        CompletableFuture<StoreReply> answer = ask == null
                ? remembering(call, nowNanos)
                : ask(lease, ask, nowNanos).thenApply(LeasingStore::decided);
        return isAlone ? answer : reconsidered(answer, call, nowNanos);
    }

    /** Remembers a refusal. Cancelling the answer cancels the call. */
    private CompletableFuture<StoreReply> remembering(StoreRequest call, long askedNanos) {
        CompletableFuture<StoreReply> answer = store.tryAcquire(call);
        answer.whenComplete((said, failure) -> {
            if (said instanceof StoreReply.Decided decided) {
                remember(decided, call, askedNanos);
            }
        });
        return answer;
    }

    /**
     * What the store says in the end: a refusal may not be needed, because of what is leased here, or is just being
     * brought by another call.
     */
    private CompletableFuture<StoreReply> reconsidered(
            CompletableFuture<StoreReply> answer, StoreRequest call, long askedNanos) {
        CompletableFuture<StoreReply> again = answer.thenCompose(said -> {
            boolean isInTime = System.nanoTime() - askedNanos < longestReconsideredNanos;
            List<Lease> inTheWay = isInTime ? inTheWay(said, call) : List.of();
            if (inTheWay.isEmpty()) {
                return answer;
            }
            CompletableFuture<?>[] others =
                    inTheWay.stream().map(Lease::underWay).toArray(CompletableFuture<?>[]::new);
            return CompletableFuture.allOf(others)
                    .handle((done, failure) -> said)
                    .completeOnTimeout(said, PATIENCE_MILLIS, TimeUnit.MILLISECONDS)
                    .thenCompose(refused -> reconsider(refused, inTheWay, call));
        });
        again.whenComplete((said, failure) -> {
            if (again.isCancelled()) {
                answer.cancel(true);
            }
        });
        return again;
    }

    /**
     * What was brought meanwhile is spent. What is here but not enough is given back before the store is asked again:
     * if it has the rest, it permits the request then; and if not, it says for how long it cannot.
     */
    private CompletableFuture<StoreReply> reconsider(StoreReply refused, List<Lease> leases, StoreRequest call) {
        long nowNanos = System.nanoTime();
        boolean isPlain = !isForTheStore(call);
        Decision permitted = isPlain ? leases.get(0).permit(call.charges().get(0), call.version(), nowNanos) : null;
        if (permitted != null) {
            leases.get(0).hasWastedACall();
            return CompletableFuture.completedFuture(fromHere(permitted));
        }
        // Or a refill that is due would take again what is given back, before the request gets it.
        leases.forEach(Lease::beginYielding);
        CompletableFuture<StoreReply> again = givenBack(refused, leases, call, nowNanos);
        again.whenComplete((said, failure) -> leases.forEach(Lease::endYielding));
        return again;
    }

    private CompletableFuture<StoreReply> givenBack(
            StoreReply refused, List<Lease> leases, StoreRequest call, long nowNanos) {
        CompletableFuture<?>[] given = leases.stream()
                .filter(lease -> lease.left() > 0)
                .map(lease -> giveBack(lease, lease.giveBack(nowNanos)))
                .toArray(CompletableFuture<?>[]::new);
        if (given.length == 0) {
            return CompletableFuture.completedFuture(refused);
        }
        leases.get(0).hasWastedACall();
        return CompletableFuture.allOf(given)
                .thenCompose(
                        done -> isForTheStore(call) ? store.tryAcquire(call) : remembering(call, System.nanoTime()));
    }

    private static StoreReply.Decided fromHere(Decision decision) {
        return new StoreReply.Decided(StoreReply.Decided.NOT_GIVEN_BACK, List.of(decision));
    }

    /** What is leased here of the limits that have refused a call: it would help. */
    private List<Lease> inTheWay(StoreReply said, StoreRequest call) {
        if (!(said instanceof StoreReply.Decided decided)
                || decided.decisions().stream().noneMatch(LeasingStore::isUsedUp)) {
            return List.of();
        }
        List<Lease> leases = new ArrayList<>();
        for (int i = 0; i < call.charges().size(); i++) {
            Lease lease =
                    find(call.charges().get(i).policy()).find(call.subject().id());
            if (lease != null
                    && active.containsKey(lease)
                    && isUsedUp(decided.decisions().get(i))) {
                leases.add(lease);
            }
        }
        return leases;
    }

    private static boolean isUsedUp(Decision decision) {
        return switch (decision.reason()) {
            case LIMIT, SHARE, CAPACITY -> !decision.permitted();
            default -> false;
        };
    }

    private void remember(StoreReply.Decided decided, StoreRequest call, long askedNanos) {
        Charge charge = call.charges().get(0);
        LeaseBasis basis = LeaseBasis.of(charge, call.version());
        Decision decision = decided.decisions().get(0);
        long againAfterMicros = decided.againAfterMicros();
        boolean isNews =
                CachedRejection.of(basis, false, decision, charge.cost(), againAfterMicros, askedNanos) != null;
        Lease lease = isNews
                ? findOrCreate(call.subject(), charge.policy(), askedNanos)
                : of(charge.policy()).find(call.subject().id());
        if (lease != null) {
            long nowNanos = System.nanoTime();
            giveBack(lease, lease.comeUnder(basis, askedNanos, nowNanos));
            lease.answered(decision, charge.cost(), againAfterMicros, askedNanos, nowNanos);
        }
    }

    /** What is leased here is left to the client as well. */
    private static StoreReply decided(StoreReply answer) {
        if (!(answer instanceof StoreReply.Leased leased)) {
            return answer;
        }
        Decision said = leased.decision();
        Decision shown = said.permitted()
                ? new Decision.Permitted(
                        said.policy(),
                        said.limit(),
                        said.remaining() + leased.grant().permits(),
                        said.resetAfterMicros(),
                        said.reason())
                : said;
        return fromHere(shown);
    }

    private @Nullable Lease findOrCreate(Subject subject, String usage, long nowNanos) {
        LeaseTable leases = of(usage);
        Lease found = leases.find(subject.id());
        if (found != null || clients.get() >= mostClients) {
            return found;
        }
        Lease created = new Lease(subject, usage, isExact, nowNanos);
        created.forgetRefusal(changedNanos);
        Lease there = leases.putIfAbsent(subject.id(), created);
        if (there == created) {
            clients.incrementAndGet();
        }
        return there;
    }

    /**
     * The most that one instance may hold of a limit, 0 if nothing is to be leased of it; all of them together hold no
     * more than the store lends.
     */
    private long mostPermits(LeaseBasis basis) {
        Limit limit = basis.limit();
        if (basis.share() != null) {
            long part = LeaseAccounting.mostOfPool(basis.share().pool().limit());
            return part < LEAST_SHARE || isClosing ? 0 : part;
        }
        boolean isShortWindow =
                !(limit instanceof TokenBucket) && limit.period().toSeconds() < LEAST_WINDOW_SECONDS;
        long share = LeaseAccounting.most(limit) / instances;
        return isShortWindow || share < LEAST_SHARE || isClosing ? 0 : share;
    }

    /** Gets more permits for a lease, but not on the thread of the request that has noticed it. */
    private void refill(Lease lease) {
        try {
            sweeper.execute(() -> {
                long nowNanos = System.nanoTime();
                LeaseCall ask = lease.ask(0, mostPermits(lease), nowNanos);
                if (ask != null) {
                    askInBackground(lease, ask, nowNanos);
                }
            });
        } catch (RejectedExecutionException closed) {
            // What is left is spent, and then the store is asked, which is closed as well.
        }
    }

    private void askInBackground(Lease lease, LeaseCall call, long nowNanos) {
        ask(lease, call, nowNanos).thenAccept(answer -> {
            if (answer instanceof StoreReply.Leased leased && call.share() == null) {
                onDecision.accept(call.subject().id(), leased.decision());
            }
        });
    }

    private long mostPermits(Lease lease) {
        LeaseBasis basis = lease.basis();
        return basis == null ? 0 : mostPermits(basis);
    }

    private CompletableFuture<StoreReply> ask(Lease lease, LeaseCall call, long askedNanos) {
        CompletableFuture<StoreReply> answer = lease.answerOf(call);
        // Before the store lends: a request that is refused from then on, for lack of what is lent, has to find it.
        active.put(lease, answer);
        GuardedCall.started(() -> store.lease(call.among(instances)))
                .whenComplete((said, failure) -> lease.answered(call, said, askedNanos, System.nanoTime()))
                .whenComplete((said, failure) -> {
                    if (failure == null) {
                        answer.complete(said);
                    } else {
                        answer.completeExceptionally(failure);
                    }
                });
        return answer;
    }

    /** Gives permits back to the store, if there are any. What was refused without it is worth another try then. */
    private CompletableFuture<?> giveBack(Lease lease, @Nullable LeaseCall call) {
        return call == null
                ? CompletableFuture.completedFuture(null)
                : GuardedCall.started(() -> store.lease(call))
                        .whenComplete((answer, failure) -> lease.forgetRefusal(System.nanoTime()));
    }

    private void sweep() {
        long nowNanos = System.nanoTime();
        Map<String, LeaseUse> uses = new HashMap<>();
        Throwable failure = null;
        for (Lease lease : active.keySet()) {
            try {
                tend(lease, nowNanos, uses);
            } catch (Throwable e) {
                failure = e; // The others have to end in time all the same.
            }
        }
        if (++sweeps % SWEEPS_TO_FORGET == 0) {
            byUsage.values().forEach(leases -> forget(leases.byClient(), nowNanos, uses));
        }
        report(uses);
        if (failure != null) {
            throw new IllegalStateException("a lease could not be looked after", failure);
        }
    }

    private void tend(Lease lease, long nowNanos, Map<String, LeaseUse> uses) {
        LeaseCall call = lease.tend(mostPermits(lease), nowNanos);
        if (call != null && call.wanted() > 0) {
            askInBackground(lease, call, nowNanos);
        } else {
            giveBack(lease, call);
        }
        collect(lease, uses);
        active.computeIfPresent(lease, (same, last) -> lease.isLeased() ? last : null);
    }

    private void forget(Map<String, Lease> leases, long nowNanos, Map<String, LeaseUse> uses) {
        leases.forEach((client, lease) -> {
            collect(lease, uses);
            if (lease.isForgotten(nowNanos) && leases.remove(client, lease)) {
                clients.decrementAndGet();
            }
        });
    }

    private void report(Map<String, LeaseUse> uses) {
        uses.forEach((usage, use) -> listener.onLeaseUse(UsageKey.policyOf(usage), use));
    }

    private static void collect(Lease lease, Map<String, LeaseUse> uses) {
        LeaseUse use = lease.takeUse();
        if (!use.equals(LeaseUse.NONE)) {
            uses.merge(lease.usage(), use, LeaseUse::plus);
        }
    }

    /**
     * Stops spending what is leased, and forgets what was refused: limits may have been changed, and the next request
     * brings the new ones.
     */
    public void recall() {
        recall(policy -> true);
    }

    /** As {@link #recall()}, under some policies. */
    public void recall(Predicate<String> policies) {
        long nowNanos = System.nanoTime();
        changedNanos = nowNanos;
        byUsage.forEach((usage, leases) -> {
            if (policies.test(UsageKey.policyOf(usage))) {
                leases.byClient().values().forEach(lease -> lease.recall(nowNanos));
            }
        });
    }

    /** As {@link #recall()}, of one subject. */
    public void recall(Subject subject) {
        long nowNanos = System.nanoTime();
        changedNanos = nowNanos;
        for (LeaseTable leases : byUsage.values()) {
            Lease lease = leases.find(subject.id());
            if (lease != null && lease.subject().equals(subject)) {
                lease.recall(nowNanos);
            }
        }
    }

    /** Of a call that the store has charged itself. What was refused meanwhile is worth another try. */
    @Override
    public CompletableFuture<@Nullable Void> giveBack(StoreRequest charged, long atMicros) {
        CompletableFuture<@Nullable Void> given = store.giveBack(charged, atMicros);
        given.whenComplete((done, failure) -> charged.charges().forEach(charge -> {
            Lease lease = find(charge.policy()).find(charged.subject().id());
            if (lease != null) {
                lease.forgetRefusal(System.nanoTime());
            }
        }));
        return given;
    }

    @Override
    public CompletableFuture<StoreReply> lease(LeaseCall call) {
        return store.lease(call);
    }

    @Override
    public CompletableFuture<Overrides> overrides(Subject subject) {
        return store.overrides(subject);
    }

    @Override
    public CompletableFuture<Boolean> replace(Subject subject, long expected, Overrides next) {
        CompletableFuture<Boolean> replaced = store.replace(subject, expected, next);
        replaced.whenComplete((isReplaced, failure) -> recall(subject));
        return replaced;
    }

    @Override
    public void listen(ChangeListener listener) {
        store.listen(listener);
    }

    @Override
    public CompletableFuture<Page> list(Subject.Kind kind, String from, int most) {
        return store.list(kind, from, most);
    }

    @Override
    public CompletableFuture<Integer> heartbeat(String instanceId) {
        CompletableFuture<Integer> beat = store.heartbeat(instanceId);
        beat.thenAccept(live -> instances = Math.max(1, live));
        return beat;
    }

    @Override
    public CompletableFuture<List<String>> instances() {
        return store.instances();
    }

    /**
     * Gives back what is leased, and what a call under way still brings, for which it waits {@value #GOODBYE_MILLIS} ms
     * at most.
     */
    @Override
    public void close() {
        isClosing = true;
        try {
            giveBackAll();
        } finally {
            store.close();
        }
    }

    private void giveBackAll() {
        endSweeping();
        CompletableFuture<?>[] given = active.entrySet().stream()
                .map(entry -> goodbye(entry.getKey(), entry.getValue()))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(given)
                .completeOnTimeout(null, GOODBYE_MILLIS, TimeUnit.MILLISECONDS)
                .exceptionally(failure -> null)
                .join();
        Map<String, LeaseUse> uses = new HashMap<>();
        byUsage.values().forEach(leases -> leases.byClient().values().forEach(lease -> collect(lease, uses)));
        report(uses);
    }

    private CompletableFuture<?> goodbye(Lease lease, CompletableFuture<StoreReply> last) {
        return last.handle((answer, failure) -> giveBack(lease, lease.giveBack(System.nanoTime())))
                .thenCompose(given -> given);
    }

    /** A sweep under way still has something to report. */
    private void endSweeping() {
        sweeper.shutdownNow();
        try {
            sweeper.awaitTermination(GOODBYE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
