package dev.weir.lease;

import dev.weir.limit.Decision;
import dev.weir.store.ChangeListener;
import dev.weir.store.Charge;
import dev.weir.store.LeaseAccounting;
import dev.weir.store.LeaseCall;
import dev.weir.store.LimiterListener;
import dev.weir.store.Overrides;
import dev.weir.store.Page;
import dev.weir.store.Scheduler;
import dev.weir.store.Store;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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
 *   <li>With {@link Leasing#FAST}: the sweeper, which runs every 20 ms and each time looks at the leases that are
 *       near their end ({@link LeaseRounds}), runs once in what is left of a lease's life
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
 *       remembered until time can change it, by this instance's clock, and for at most 200 ms; so is one that the store
 *       foretells when it gives its last permits away. What is leased here, or is on its way back, is not in the way of
 *       a request, as long as the store answers in 10 ms and the request has three quarters of its deadline left; what
 *       is just being brought here is only while a refusal is remembered; what other instances hold is. Of a pool, a
 *       client that asks often and has used up its share is refused for 16 ms, although a permit may have come free.
 *   <li>Of the requests of a client that is over its limit, those that come within the time in which a permit comes
 *       back cost one call ({@link SingleFlight}), where the store answers within 8 ms: the others wait for its answer,
 *       20 ms at most, and are refused only if the store had too little for them while they were here. Requests on a
 *       pool each ask for themselves.
 *   <li>A lease lives a second at most, and is given back when nothing was spent from it for 100 ms, or, if it is so
 *       small that no client misses it, at its end; and by {@link #close}. One that has just become larger than that
 *       may be given back up to 120 ms later. One that was lost is found again when its time is over.
 *   <li>An override that was changed here, and other policies, hold at once. One that was changed by another instance
 *       holds as soon as that is {@linkplain Store#listen announced}, and within a second if it is not; so does a
 *       weight in a pool.
 *   <li>A client costs at most one call more than without leases ({@link LeaseCredit}). Where what is leased here was
 *       in the way of requests, it costs one more for the lease, and one for each of those that were under way.
 *   <li>What an instance that died held of a bucket is there again within three seconds ({@link LeaseAccounting#most}).
 *   <li>At most {@value #MOST_CLIENTS} clients under all policies are remembered; requests of further clients are
 *       decided by the store.
 * </ul>
 *
 * <h2>Which clients get a lease?</h2>
 *
 * Clients that need at least {@link LeaseBasis#LEAST_DEMAND} permits in 100 ms here, for at least four requests, under
 * a limit of which a tenth, and what comes back in a second, shared by all live instances, is at least {@value
 * LeaseKeeper#LEAST_SHARE}; and under such a limit those as well that need some in the life of a lease, but no more in
 * all of it than a tenth of that share. So a limit of 100 is strict: what others hold of it would be missed. A sliding
 * log is never leased, and neither are requests under several policies, on several subjects or with numbers of their
 * own. From a pool permits are leased for 16 ms, and for a fifth of the time in which its burst drains if that is less,
 * so that shares stay what they are; to clients without a limit of their own, and if a quarter of its burst is at least
 * {@value LeaseKeeper#LEAST_SHARE}. A client that uses up its share asks again when it has come back for such a time,
 * and not for each permit. A client's first request, and each that goes by another limit than is leased, is decided by
 * the store.
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

    /** After this part of its deadline a refused request does not wait for others any more, to ask again. */
    static final int PARTS_OF_DEADLINE = 4;

    private final Store store;
    private final Scheduler scheduler;
    private final LeaseKeeper keeper;
    private final LeaseTables leases;
    private final Patience patience;
    private final RefusalReview review;
    private final SingleFlight overLimit;

    /**
     * @param leasing not {@link Leasing#OFF}
     * @param mostClients the most clients under all policies that are remembered
     * @param deadline how long a request waits for this store
     * @param scheduler by whose time leases end
     * @param listener is notified of what leases did
     * @param onDecision is notified of what the store decided on a call that was made in the background
     */
    public LeasingStore(
            Store store,
            Leasing leasing,
            int mostClients,
            Duration deadline,
            Scheduler scheduler,
            LimiterListener listener,
            BiConsumer<LeaseCall, Decision> onDecision) {
        this.store = store;
        this.scheduler = scheduler;
        this.keeper = new LeaseKeeper(store, scheduler, leasing == Leasing.EXACT, mostClients, listener, onDecision);
        this.leases = keeper.leases();
        this.patience = new Patience(scheduler);
        long deadlineNanos = deadline.toNanos();
        this.review = new RefusalReview(keeper, scheduler, patience, deadlineNanos / PARTS_OF_DEADLINE, this::askAgain);
        this.overLimit = new SingleFlight(leases, scheduler, patience, deadlineNanos, this::ask);
    }

    /** What is leased under a name that use is counted by. */
    public LeaseTable of(String usage) {
        return leases.of(usage);
    }

    /** As {@link #of}, but a name that no request has asked for before is not kept. */
    public LeaseTable find(String usage) {
        return leases.find(usage);
    }

    /** What needs no call: what is spent from a lease, or refused as before. Null if the store has to be asked. */
    public StoreReply.@Nullable Decided known(StoreRequest call) {
        if (!LeaseBasis.isLeasable(call)) {
            return null;
        }
        Charge charge = call.charges().get(0);
        Lease lease = find(charge.policy()).find(call.subject().id());
        Decision known = lease == null ? null : lease.decide(charge, call.version(), scheduler.nanoTime());
        return known == null ? null : StoreReply.Decided.uncharged(known);
    }

    /** Asks the store, whatever is {@link #known}, and for a lease if it is worth one. */
    @Override
    public CompletableFuture<StoreReply> tryAcquire(StoreRequest call) {
        if (!LeaseBasis.isLeasable(call)) {
            long askedNanos = scheduler.nanoTime();
            return review.reconsidered(store.tryAcquire(call), call, askedNanos, askedNanos);
        }
        return overLimit.decide(call);
    }

    /** @param cameNanos when the request came, which may have waited for others */
    private CompletableFuture<StoreReply> ask(StoreRequest call, long cameNanos) {
        Charge charge = call.charges().get(0);
        long nowNanos = scheduler.nanoTime();
        LeaseBasis basis = LeaseBasis.of(charge, call.version());
        long most = keeper.mostPermits(basis);
        Lease lease = most == 0
                ? of(charge.policy()).find(call.subject().id())
                : leases.findOrCreate(call.subject(), charge.policy(), nowNanos);
        if (lease == null) {
            return remembering(call, nowNanos);
        }
        boolean wasInTheWay = lease.isInTheWay(nowNanos);
        LeaseCall ask =
                lease.serves(basis, nowNanos) && charge.cost() <= charge.limit().capacity()
                        ? lease.ask(charge.cost(), most, nowNanos)
                        : null;
        if (ask == null) {
            return review.reconsidered(remembering(call, nowNanos), call, cameNanos, nowNanos);
        }
        CompletableFuture<StoreReply> answer = keeper.ask(lease, ask, nowNanos).thenApply(LeasingStore::decided);
        // No other call brings permits while this one does.
        return wasInTheWay ? review.reconsidered(answer, call, cameNanos, nowNanos) : answer;
    }

    private CompletableFuture<StoreReply> askAgain(StoreRequest call) {
        return LeaseBasis.isLeasable(call) ? remembering(call, scheduler.nanoTime()) : store.tryAcquire(call);
    }

    /** Remembers a refusal, before it is known elsewhere. Cancelling the answer cancels the call. */
    private CompletableFuture<StoreReply> remembering(StoreRequest call, long askedNanos) {
        CompletableFuture<StoreReply> answer = store.tryAcquire(call);
        CompletableFuture<StoreReply> remembered = answer.thenApply(said -> {
            if (said instanceof StoreReply.Decided decided) {
                remember(decided, call, askedNanos);
            }
            return said;
        });
        return Cancellation.passedOn(remembered, answer);
    }

    private void remember(StoreReply.Decided decided, StoreRequest call, long askedNanos) {
        Charge charge = call.charges().get(0);
        LeaseBasis basis = LeaseBasis.of(charge, call.version());
        Decision decision = decided.decisions().get(0);
        long againAfterMicros = decided.againAfterMicros();
        boolean isNews =
                CachedRejection.of(basis, false, decision, charge.cost(), againAfterMicros, askedNanos) != null;
        Lease lease = isNews
                ? leases.findOrCreate(call.subject(), charge.policy(), askedNanos)
                : of(charge.policy()).find(call.subject().id());
        if (lease != null) {
            long nowNanos = scheduler.nanoTime();
            keeper.giveBack(lease, lease.comeUnder(basis, askedNanos, nowNanos));
            lease.answered(decision, charge.cost(), againAfterMicros, askedNanos, nowNanos);
        }
    }

    /** What is leased here is left to the client as well. */
    private static StoreReply decided(StoreReply answer) {
        if (!(answer instanceof StoreReply.Leased leased)) {
            return answer;
        }
        Decision said = leased.decision();
        return StoreReply.Decided.uncharged(
                said.permitted()
                        ? said.withRemaining(said.remaining() + leased.grant().permits())
                        : said);
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
        leases.recall(policies);
    }

    /** As {@link #recall()}, of one subject. */
    public void recall(Subject subject) {
        leases.recall(subject);
    }

    /** Of a call that the store has charged itself. What was refused meanwhile is worth another try. */
    @Override
    public CompletableFuture<@Nullable Void> giveBack(StoreRequest charged, long atMicros) {
        return store.giveBack(charged, atMicros)
                .whenComplete((done, failure) -> charged.charges().forEach(charge -> {
                    Lease lease = find(charge.policy()).find(charged.subject().id());
                    if (lease != null) {
                        lease.forgetRefusal(scheduler.nanoTime());
                    }
                }));
    }

    @Override
    public CompletableFuture<@Nullable Void> owe(StoreRequest owed) {
        return store.owe(owed);
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
        // The stage, and not the store's answer: a caller that has the answer must find the lease stopped.
        return store.replace(subject, expected, next).whenComplete((isReplaced, failure) -> recall(subject));
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
        return store.heartbeat(instanceId).thenApply(live -> {
            keeper.sharedBy(live);
            return live;
        });
    }

    @Override
    public CompletableFuture<List<String>> instances() {
        return store.instances();
    }

    /** Gives back what is leased, as far as the store answers in a quarter of a second. */
    @Override
    public void close() {
        try {
            keeper.close();
        } finally {
            patience.close(); // Not before: requests that wait for permits still get their answers.
            store.close();
        }
    }
}
