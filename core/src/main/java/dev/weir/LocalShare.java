package dev.weir;

import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Permitted;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Exact;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import dev.weir.limit.Source;
import dev.weir.limit.State;
import dev.weir.memory.MemoryStore;
import dev.weir.store.Charge;
import dev.weir.store.LeaseCall;
import dev.weir.store.Overrides;
import dev.weir.store.Scheduler;
import dev.weir.store.Share;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What this instance decides by itself while the store is away, as each policy says.
 *
 * <p>An instance that is cut off may permit what is left of a limit divided by the live instances, and not a fresh
 * burst. So each decision of the store is followed in memory: the client's local state is made one that has its share
 * of what remains. When the store is gone, that state simply goes on, at its share of the rate. A client of which
 * nothing is remembered here had its whole limit as far as this instance knows, and starts with a whole share. So does
 * one that was forgotten because too many others were followed: those with the fewest permits in use are. A caller's
 * timestamp is then judged by this instance's clock.
 *
 * <p>Thread-safe.
 */
final class LocalShare implements AutoCloseable {

    private final MemoryStore states;
    private final IntSupplier instances;
    private final Debts debts;
    private final LocalPools ofPools;

    /**
     * @param most of how many clients, times policies, what the store decides is followed
     * @param instances how many live instances share the store
     * @param debts what is admitted here, until the store is charged for it
     */
    LocalShare(Scheduler scheduler, int most, IntSupplier instances, Debts debts) {
        this.states = new MemoryStore(scheduler, most);
        this.instances = instances;
        this.debts = debts;
        this.ofPools = new LocalPools(states, scheduler.clock(), instances, debts);
    }

    /** Follows what the store has decided. */
    void follow(StoreRequest call, List<Decision> decisions) {
        Share share = call.share();
        if (share == null) {
            follow(call.subject().id(), decisions);
        } else {
            ofPools.follow(call, share, decisions.get(0));
        }
    }

    /** Follows what the store has decided on a lease. */
    void follow(LeaseCall call, Decision decision) {
        Share share = call.share();
        if (share == null) {
            follow(call.subject().id(), List.of(decision));
        } else {
            ofPools.follow(share, decision);
        }
    }

    /** Keeps the client's local state one that has its share of what remains. */
    private void follow(String client, List<Decision> decisions) {
        int sharing = instances.getAsInt();
        for (Decision decision : decisions) {
            Limit share = decision.limit().meter().share(sharing);
            long remaining = Exact.ceilDiv(decision.remaining(), sharing);
            if (decision.permitted()) {
                states.set(client, decision.policy(), share, remaining);
            } else {
                states.setAtMost(client, decision.policy(), share, remaining);
            }
        }
    }

    /**
     * Decides a call as its policies say for a store that does not answer.
     *
     * @param costs what its charges were made from, in the same order
     * @param isOwed whether the store is to be charged for what is permitted: not if it may have charged it already
     */
    Outcome decide(StoreRequest call, List<ResolvedCost> costs, boolean isOwed) {
        Share share = call.share();
        return share == null ? decideOnLimits(call, costs, isOwed) : decideOnPool(call, share, costs.get(0), isOwed);
    }

    /**
     * Gives back what was charged here.
     *
     * @param isOwed whether the store would be charged for it
     */
    void giveBack(StoreRequest charged, long atMicros, boolean isOwed) {
        Share share = charged.share();
        if (share == null) {
            states.giveBack(charged, atMicros);
            if (isOwed) {
                Debtor client = new Debtor.Alone(charged.subject());
                charged.charges().forEach(charge -> debts.givenBack(client, charge, atMicros));
            }
        } else {
            ofPools.giveBack(charged, share, atMicros, isOwed);
        }
    }

    private Outcome decideOnPool(StoreRequest call, Share share, ResolvedCost cost, boolean isOwed) {
        return cost.policy().behaviour().onStoreFailure() == OnStoreFailure.LOCAL
                ? ofPools.decide(call, share, isOwed)
                : Outcome.ofShare(StoreReply.Decided.uncharged(uncounted(cost)), null, false);
    }

    private StoreRequest ofThisInstance(StoreRequest call, List<Charge> charges) {
        return new StoreRequest(call.subject(), Overrides.NO_VERSION, among(charges), call.timestamp());
    }

    private Outcome decideOnLimits(StoreRequest call, List<ResolvedCost> costs, boolean isOwed) {
        boolean isRefused = costs.stream().anyMatch(LocalShare::isRefused);
        List<ResolvedCost> counted = isRefused
                ? List.of()
                : costs.stream()
                        .filter(cost -> cost.policy().behaviour().onStoreFailure() == OnStoreFailure.LOCAL)
                        .toList();
        List<Charge> whole =
                counted.stream().flatMap(cost -> cost.charges().stream()).toList();
        StoreReply.Decided ofShares = decideOnShares(call, whole, isOwed);
        List<Decision> decisions = decisions(costs, counted, ofShares.decisions());
        StoreRequest charged = whole.isEmpty() ? null : ofThisInstance(call, whole);
        return Outcome.ofShare(new StoreReply.Decided(ofShares.atMicros(), decisions), charged, isOwed);
    }

    private StoreReply.Decided decideOnShares(StoreRequest call, List<Charge> whole, boolean isOwed) {
        String id = call.subject().id();
        List<Charge> parts = among(whole);
        List<@Nullable State> followed = new ArrayList<>(parts.size());
        parts.forEach(part -> followed.add(states.state(id, part.policy())));
        StoreReply.Decided decided = states.decide(id, parts, call.timestamp());
        if (decided.decisions().stream().allMatch(Decision::permitted)) {
            Debtor client = new Debtor.Alone(call.subject());
            for (int i = 0; i < parts.size(); i++) {
                debts.admitted(client, whole.get(i), parts.get(i), followed.get(i), isOwed);
            }
        }
        return decided;
    }

    /** What is left of charges for each of the live instances. */
    private List<Charge> among(List<Charge> charges) {
        int sharing = instances.getAsInt();
        return charges.stream().map(charge -> charge.among(sharing)).toList();
    }

    private static List<Decision> decisions(
            List<ResolvedCost> costs, List<ResolvedCost> counted, List<Decision> shares) {
        List<Decision> decisions = new ArrayList<>(costs.size());
        int next = 0;
        for (ResolvedCost cost : costs) {
            boolean isCounted = counted.contains(cost);
            for (Charge charge : cost.charges()) {
                decisions.add(isCounted ? ofShare(charge, shares.get(next++)) : uncounted(cost));
            }
        }
        return decisions;
    }

    /** A decision on this instance's share, in terms of the whole limit. */
    private static Decision ofShare(Charge charge, Decision share) {
        Limit limit = charge.limit();
        Decision whole = share.withRule(new Decision.Rule(charge.policy(), limit, Source.LOCAL));
        boolean passesWithStore = share.reason() == Reason.COST_ABOVE_LIMIT && charge.cost() <= limit.capacity();
        return whole instanceof Rejected rejected && passesWithStore
                ? rejected.withReason(Reason.STORE_UNAVAILABLE).withRetryAfterMicros(OnStoreFailure.RETRY_AFTER_MICROS)
                : whole;
    }

    private static boolean isRefused(ResolvedCost cost) {
        OnStoreFailure onStoreFailure = cost.policy().behaviour().onStoreFailure();
        return onStoreFailure == OnStoreFailure.REJECT || onStoreFailure == OnStoreFailure.PERMIT && neverPasses(cost);
    }

    /** Whether a request is refused however little is used: to know that takes no store. */
    private static boolean neverPasses(ResolvedCost cost) {
        return cost.cost() > cost.capacity();
    }

    /** A decision in which use has no say, only whether the limit permits so much at all. */
    private static Decision uncounted(ResolvedCost cost) {
        Limit limit = cost.charge().limit();
        Decision.Rule rule = new Decision.Rule(cost.policy().name(), limit, Source.LOCAL);
        OptionalInt whole = OptionalInt.empty();
        if (neverPasses(cost)) {
            return new Rejected(rule, limit.capacity(), 0, Reason.COST_ABOVE_LIMIT, Rejected.NEVER, whole);
        }
        return cost.policy().behaviour().onStoreFailure() == OnStoreFailure.REJECT
                ? new Rejected(rule, 0, 0, Reason.STORE_UNAVAILABLE, OnStoreFailure.RETRY_AFTER_MICROS, whole)
                : new Permitted(rule, limit.capacity(), 0, Reason.STORE_UNAVAILABLE, whole);
    }

    /** How many clients, times policies, are followed now. */
    int size() {
        return states.size();
    }

    /** For how many clients, times policies, the store is yet to be charged. */
    int debts() {
        return debts.size();
    }

    /** What the store would be charged now. */
    long debtPermits() {
        return debts.permits();
    }

    @Override
    public void close() {
        states.close();
    }
}
