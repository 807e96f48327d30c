package dev.weir;

import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.Meter;
import dev.weir.limit.State;
import dev.weir.limit.TokenBucket;
import dev.weir.limit.TokenBucketState;
import dev.weir.memory.MemoryStore;
import dev.weir.store.Charge;
import dev.weir.store.LeaseAccounting;
import dev.weir.store.VirtualScheduler;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Holds a simulated cluster to its promises, at every step.
 *
 * <ol>
 *   <li>The store never knows less than one true meter, but for what faults may cost: {@link ClusterLedger}.
 *   <li>An instance admits without the store no more than its share: {@link ClusterShares}.
 *   <li>A change is in force in time, wherever a request is decided: {@link ClusterChanges}.
 *   <li>No request is refused for permits that its own instance has, is being brought or is returning.
 *   <li>No call for permits of a client leaves an instance before the store has charged what that owes of them, or the
 *       deadline for it has passed.
 * </ol>
 */
final class ClusterJudge {

    /** A client's use under a name. */
    record Key(String client, String usage) {}

    /** For so long at most can a lease be in hand that the store has forgotten. */
    private static final long LEASE_MICROS = 1_200_000;

    /** A clock that is so much faster, one part in so many, refills its share faster, and lets debts drain. */
    static final long DRIFT_PARTS = 20;

    private final ClusterVerdict verdict;
    private final VirtualScheduler time;
    private final Map<Key, ClusterLedger> ledgers = new HashMap<>();
    private final Map<String, Limit> largest = new HashMap<>();
    final ClusterRoom room = new ClusterRoom();
    final ClusterChanges changes;
    private final ClusterShares shares;
    private final ClusterDebts debts = new ClusterDebts();
    private @Nullable Asking asking;
    private long leastRoom;
    private MemoryStore memory;

    /** Whether the store is away for all instances. */
    private boolean isAway;

    int owesUnderWay;
    long checks;

    ClusterJudge(ClusterVerdict verdict, VirtualScheduler time, MemoryStore memory, int instances) {
        this.verdict = verdict;
        this.time = time;
        this.memory = memory;
        this.shares = new ClusterShares(verdict, instances);
        this.changes = new ClusterChanges(verdict);
    }

    private long nowMicros() {
        return time.clock().nowMicros();
    }

    private ClusterLedger ledger(Key key) {
        return ledgers.computeIfAbsent(key, any -> new ClusterLedger());
    }

    private long usedAtStore(Key key) {
        State state = memory.state(key.client(), key.usage());
        return state == null ? 0 : state.permitsUsed(nowMicros());
    }

    /** What is leased may be spent without the store's knowing more of it. */
    private long heldAtStore(Key key) {
        return memory.state(key.client(), key.usage()) instanceof TokenBucketState bucket
                ? bucket.held().permits()
                : 0;
    }

    /** A request is made; until it is {@link #refused} or permitted, what it could have had is followed. */
    void asked(int instance, Key key, Limit limit) {
        asking = new Asking(instance, key, limit);
        leastRoom = Long.MAX_VALUE;
        followRoom();
    }

    private record Asking(int instance, Key key, Limit limit) {}

    private void followRoom() {
        Asking now = asking;
        if (now != null) {
            long left = now.limit().capacity() - usedAtStore(now.key());
            leastRoom = Math.min(leastRoom, left + room.of(now.instance(), now.key(), nowMicros()));
        }
    }

    /** The store has refused a request: at some moment it must have been too much. */
    void refused(int instance, Key key, Limit limit, long cost) {
        followRoom();
        if (room.isCalm(nowMicros()) && asking != null && limit.equals(asking.limit()) && leastRoom >= cost) {
            throw verdict.broken(
                    "instance %d was refused %d of %s, and there were %d at any moment",
                    instance, cost, key, leastRoom);
        }
    }

    /** The first promise, of all that is known. */
    void check() {
        checks++;
        followRoom();
        ledgers.forEach((key, ledger) -> {
            long missing = ledger.missing(usedAtStore(key), nowMicros());
            if (missing > 0) {
                throw verdict.broken(
                        "at %d the store knows %d permits of %s less than were admitted: %s; the store: %d, %s",
                        nowMicros(), missing, key, ledger, usedAtStore(key), memory.state(key.client(), key.usage()));
            }
        });
    }

    /** No instance owes anything or is about to charge it. */
    void settled() {
        ledgers.forEach((key, ledger) -> {
            ledger.settled();
            check();
            ledger.tighten(known(key, memory.state(key.client(), key.usage())) - heldAtStore(key), nowMicros());
        });
    }

    boolean isOwed() {
        return ledgers.values().stream().anyMatch(ClusterLedger::isOwed);
    }

    /**
     * Charged by the store, spent from a lease, or admitted alone. The true meter counts in the largest numbers there
     * were: the store may not have gone over to lower ones, and drains by the higher ones then.
     */
    void admitted(Key key, Limit limit, long cost) {
        Limit known = key.usage().equals(ClusterSimulation.SEARCH) ? largest.get(key.client()) : null;
        Limit counted = known != null && known.permits() > limit.permits() ? known : limit;
        ledger(key).admitted(counted, cost, nowMicros());
        check();
    }

    /** An answer of the store has reached an instance. */
    void seen(int instance, Key key, Decision decision) {
        shares.seen(instance, key, decision, nowMicros());
    }

    /**
     * Admitted by an instance without the store.
     *
     * @param isOwed whether the store will be charged for it
     * @param alive so many instances are known to the store
     * @param hereMicros on the instance's clock, by which its share refills
     */
    void admittedAlone(int instance, Key key, Charge charge, boolean isOwed, int alive, long hereMicros) {
        alive(alive);
        Meter share = shares.admitted(instance, key, charge, hereMicros);
        ClusterLedger ledger = ledger(key);
        if (shares.isFirst(instance, key)) {
            long stale = shares.stale(instance, key, usedAtStore(key), nowMicros());
            ledger.lost(stale + share.capacity() / DRIFT_PARTS + 2);
        }
        if (isOwed && charge.limit() instanceof TokenBucket) {
            debts.admittedAlone(instance, key, share, charge.cost(), hereMicros);
        }
        ledger.drifts(charge.cost());
        if (isOwed && isAway) {
            ledger.owed(charge, hereMicros, nowMicros());
        } else {
            ledger.lost(charge.cost());
        }
        admitted(key, charge.limit(), charge.cost());
    }

    /** Admitted by an instance without the store, of which not all is seen: its share is not looked at. */
    void admittedUnseen(Key key, Limit limit, long cost) {
        ledger(key).lost(cost);
        admitted(key, limit, cost);
    }

    /** The store is away for all instances. */
    void away() {
        isAway = true;
    }

    /** The store is there again. */
    void back() {
        isAway = false;
        shares.back();
    }

    boolean isAway() {
        return isAway;
    }

    /** So many instances are known to the store. */
    void alive(int number) {
        shares.alive(number, nowMicros());
    }

    /** A call for permits is sent: by then the store has what the instance owes of the same. */
    void sent(int instance, Key key, long hereMicros) {
        if (debts.isUnsent(instance, key, hereMicros) || debts.isOnItsWay(instance, key, nowMicros())) {
            throw verdict.broken("instance %d asks for %s at %d, and owes of it", instance, key, nowMicros());
        }
    }

    /** What the store is sent of debts may be lost on its way, and is not sent again. */
    void owedIsSent(int instance, Key key, long permits) {
        owesUnderWay++;
        debts.sent(instance, key, nowMicros());
        ledger(key).lost(permits);
    }

    void owedIsCharged(int instance, Key key, Charge charge) {
        owesUnderWay--;
        debts.charged(instance, key);
        ledger(key).lost(-charge.cost());
        ledger(key).wasCharged(charge.limit(), nowMicros());
        check();
    }

    /** Another memory is in force, which may know less. */
    void replaced(MemoryStore other, boolean isCountLost) {
        ledgers.forEach((key, ledger) -> {
            State before = memory.state(key.client(), key.usage());
            State after = other.state(key.client(), key.usage());
            long nowMicros = nowMicros();
            long held = heldAtStore(key);
            long less = (before == null ? 0 : before.permitsUsed(nowMicros)) - known(key, after);
            ledger.lost(Math.max(0, less) + held + 1); // Both uses are rounded up, and drain at different moments.
            ledger.forgotten(nowMicros + LEASE_MICROS);
        });
        memory = other;
        if (isCountLost) {
            shares.countIsLost(nowMicros());
        }
        largest.clear();
        changes.replaced();
    }

    /** What a memory knows to be in use, once it has gone over to numbers that were raised since it was charged. */
    private long known(Key key, @Nullable State state) {
        if (state == null) {
            return 0;
        }
        Limit raised = key.usage().equals(ClusterSimulation.SEARCH) ? largest.get(key.client()) : null;
        State now = raised == null ? state : raised.meter().advance(state, nowMicros());
        return Math.min(state.permitsUsed(nowMicros()), now.permitsUsed(nowMicros()));
    }

    /** An instance that dies takes what it owes with it. */
    void died(int instance) {
        ledgers.values().forEach(ClusterLedger::owedIsLost);
        shares.died(instance);
        debts.died(instance);
        changes.died(instance);
    }

    /** A change was made at run time, and its caller has the answer. */
    void changed(int instance, String client, Limit limit, Limit before) {
        changes.changed(instance, client, limit, nowMicros() + LEASE_MICROS);
        goesOver(client, limit, before);
    }

    /** A client has another limit from now on, and some instances may not know it yet. */
    void goesOver(String client, Limit limit, Limit before) {
        BinaryOperator<Limit> larger = (one, other) -> one.permits() > other.permits() ? one : other;
        largest.merge(client, larger.apply(limit, before), larger);
        differs(client, limit, before);
    }

    /** Another memory knows this limit of a client. */
    void goesBack(String client, Limit limit, Limit before) {
        largest.put(client, limit);
        differs(client, limit, before);
    }

    /** The store may go over to other numbers up to a second later than the true meter. */
    private void differs(String client, Limit now, Limit before) {
        debts.changed(client);
        ClusterLedger ledger = ledger(new Key(client, ClusterSimulation.SEARCH));
        ledger.lost(Math.abs(now.capacity() - before.capacity()) + Math.abs(now.permits() - before.permits()));
        if (now.permits() > before.permits()) { // To lower ones a state goes over with the next permit only.
            ledger.goOver(now, nowMicros());
        }
        ledger.forgotten(nowMicros() + LEASE_MICROS);
    }

    /** A process that was stopped may spend what was left of each lease, although its time is over. */
    void mayOverspend(Limit limit) {
        ledgers.values().forEach(ledger -> ledger.lost(LeaseAccounting.most(limit)));
    }

    Set<Key> keys() {
        return Set.copyOf(ledgers.keySet());
    }
}
