package dev.weir.lease;

import dev.weir.limit.State;
import dev.weir.store.Store;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The lease protocol of a token bucket, small enough to try everything: one store, two or three instances, messages
 * that are late, lost or doubled, crashes, clocks that miss ticks. Time goes by in ticks; one permit comes back in
 * each.
 *
 * <p>The promise is watched by a <em>reference bucket</em> that no instance asks. It begins full, gets one permit back
 * a tick, and gives one for each permit that is spent. Over every interval t, admitted &le; capacity + t holds exactly
 * as long as it never goes below 0.
 *
 * <p>A charge counts when the store makes it, a leased permit when the instance spends it.
 * A call that charges a cost and asks for a lease at once is two steps here, a charge and the running of an ask,
 * without a tick between them: whatever one call can do, the two can do.
 */
final class LeaseModel {

    /** A rule that is broken. Each must be refuted. */
    enum Flaw {
        /**
         * While leases are out, the store refills up to its capacity instead of stopping at what is left beside them.
         */
        REFILLS_BEHIND_LEASES,
        /** Up to the end of the epoch, only the leases that end with it stop the refill. */
        REFILLS_BEHIND_LATER_LEASES,
        /** Every lease is counted as if it ended with the epoch in which it was granted. */
        ONE_GENERATION,
        /** The store goes from the last call to this one in a single step, with what is held at its end. */
        ONE_STEP,
        /** What was leased to an instance that has died is held for ever. */
        HELD_FOR_EVER,
        /**
         * The key lives until the bucket would be full if it refilled all the time, not until the leases out have
         * ended.
         */
        KEY_EXPIRES_EARLY,
        /** A renewal credits what was left when it was sent, though the instance goes on spending it. */
        CREDITS_WHILE_SPENDING,
        /** A renewal may be executed twice. */
        RENEWAL_TWICE,
        /** A return is credited although the epoch of its lease is over. */
        RETURN_NOT_FENCED,
        /** A return may be executed twice. */
        RETURN_TWICE,
        /** A return is sent first, and what is left taken out of the instance's hands some time later. */
        SPENDS_WHILE_RETURNING,
        /** After a renewal without an answer, the lease is mentioned again: renewed or returned. */
        MENTIONS_AFTER_UNKNOWN,
        /** The instance counts its lease's time from the answer instead of from before it asked. */
        COUNTS_FROM_ANSWER,
        /** The instance spends for the whole epoch by its own clock, which may be slow. */
        NO_MARGIN,
        /**
         * After a fail-over, only new permits of the lost writes are expected to be spent again, not what renewals
         * carried.
         */
        FORGETS_CARRIED,
        /** A cost that leases leave no room for does not stop new ones. */
        NEVER_CLOSED,
        /** While no leases are granted, renewals still carry what is left into a new one. */
        CARRIES_WHILE_CLOSED,
        /** A charge is judged by capacity - used - held, as if what is held were not counted as used. */
        COUNTS_HELD_TWICE
    }

    /**
     * What is searched.
     *
     * @param instances how many share the limit
     * @param capacities of the limit: the first, and those to which it may change, one after the other
     * @param lease the most permits of one lease
     * @param held the most permits that may be leased out together
     * @param epoch how many ticks the store counts a lease
     * @param drift how many ticks an instance's clock may miss while it has one lease; the margin is as long
     * @param late how many messages that no instance waits for may be under way together
     * @param stalls how often an instance may stall while it has a lease
     * @param readsClock whether an instance reads its clock before it spends, so that a stall is noticed
     * @param lazy whether the store brings its state up to now only when it is called, as it really does
     * @param losable 0, or the most permits whose writes a fail-over may lose; there is one
     * @param waiting 0, or a cost that is tried after every tick and is the only one that is charged
     */
    record Setting(
            int instances,
            List<Integer> capacities,
            int lease,
            int held,
            int epoch,
            int drift,
            int late,
            int stalls,
            boolean readsClock,
            boolean lazy,
            int losable,
            int waiting,
            Set<Flaw> flaws) {

        /**
         * Leases may take all of the limit, for an epoch of two ticks; one message is late at a time; nothing rare
         * happens.
         */
        static Setting of(int instances, int capacity, int lease) {
            return new Setting(
                    instances,
                    List.of(capacity),
                    lease,
                    capacity,
                    2,
                    0,
                    1,
                    0,
                    true,
                    false,
                    0,
                    0,
                    EnumSet.noneOf(Flaw.class));
        }

        Setting capacities(Integer... capacities) {
            return new Setting(
                    instances,
                    List.of(capacities),
                    lease,
                    held,
                    epoch,
                    drift,
                    late,
                    stalls,
                    readsClock,
                    lazy,
                    losable,
                    waiting,
                    flaws);
        }

        Setting held(int most) {
            return new Setting(
                    instances,
                    capacities,
                    lease,
                    most,
                    epoch,
                    drift,
                    late,
                    stalls,
                    readsClock,
                    lazy,
                    losable,
                    waiting,
                    flaws);
        }

        Setting epoch(int ticks) {
            return new Setting(
                    instances,
                    capacities,
                    lease,
                    held,
                    ticks,
                    drift,
                    late,
                    stalls,
                    readsClock,
                    lazy,
                    losable,
                    waiting,
                    flaws);
        }

        Setting drift(int ticks) {
            return new Setting(
                    instances,
                    capacities,
                    lease,
                    held,
                    epoch,
                    ticks,
                    late,
                    stalls,
                    readsClock,
                    lazy,
                    losable,
                    waiting,
                    flaws);
        }

        Setting late(int messages) {
            return new Setting(
                    instances,
                    capacities,
                    lease,
                    held,
                    epoch,
                    drift,
                    messages,
                    stalls,
                    readsClock,
                    lazy,
                    losable,
                    waiting,
                    flaws);
        }

        Setting stalls(int times, boolean clockRead) {
            return new Setting(
                    instances,
                    capacities,
                    lease,
                    held,
                    epoch,
                    drift,
                    late,
                    times,
                    clockRead,
                    lazy,
                    losable,
                    waiting,
                    flaws);
        }

        Setting lazily() {
            return new Setting(
                    instances,
                    capacities,
                    lease,
                    held,
                    epoch,
                    drift,
                    late,
                    stalls,
                    readsClock,
                    true,
                    losable,
                    waiting,
                    flaws);
        }

        Setting losing(int permits) {
            return new Setting(
                    instances,
                    capacities,
                    lease,
                    held,
                    epoch,
                    drift,
                    late,
                    stalls,
                    readsClock,
                    lazy,
                    permits,
                    waiting,
                    flaws);
        }

        Setting waiting(int cost) {
            return new Setting(
                    instances,
                    capacities,
                    lease,
                    held,
                    epoch,
                    drift,
                    late,
                    stalls,
                    readsClock,
                    lazy,
                    losable,
                    cost,
                    flaws);
        }

        Setting with(Flaw flaw) {
            return new Setting(
                    instances,
                    capacities,
                    lease,
                    held,
                    epoch,
                    drift,
                    late,
                    stalls,
                    readsClock,
                    lazy,
                    losable,
                    waiting,
                    EnumSet.of(flaw));
        }

        boolean has(Flaw flaw) {
            return flaws.contains(flaw);
        }

        int raise(int change) {
            return Math.max(0, capacities.get(change) - capacities.get(change - 1));
        }

        /**
         * Ticks within which the waiting cost must be charged: until the leases out have ended, and the time to full.
         */
        int patience() {
            return 2 * epoch + waiting;
        }
    }

    /**
     * What the store keeps.
     *
     * @param capacity of the limit that it was last called with
     * @param used permits that are missing from the bucket
     * @param heldThis permits of leases that end with this epoch
     * @param heldNext permits of leases that end with the next one
     * @param epochEnd ticks until this epoch ends; 0 while nothing is held
     * @param closed ticks for which no lease is granted
     * @param behind ticks that have passed since this was right
     * @param life ticks until the key expires; only with {@link Flaw#KEY_EXPIRES_EARLY}
     */
    record Store(int capacity, int used, int heldThis, int heldNext, int epochEnd, int closed, int behind, int life) {

        int held() {
            return heldThis + heldNext;
        }

        int left() {
            return capacity - used;
        }

        Store used(int permits) {
            return new Store(capacity, permits, heldThis, heldNext, epochEnd, closed, behind, life);
        }

        Store held(int inThis, int inNext, int end) {
            return new Store(capacity, used, inThis, inNext, inThis + inNext == 0 ? 0 : end, closed, behind, life);
        }

        Store closed(int ticks) {
            return new Store(capacity, used, heldThis, heldNext, epochEnd, ticks, behind, life);
        }

        Store behind(int ticks) {
            return new Store(capacity, used, heldThis, heldNext, epochEnd, closed, ticks, life);
        }

        Store life(int ticks) {
            return new Store(capacity, used, heldThis, heldNext, epochEnd, closed, behind, ticks);
        }

        Store capacity(int permits) {
            return new Store(permits, Math.min(used, permits), heldThis, heldNext, epochEnd, closed, behind, life);
        }

        @Override
        public String toString() {
            return "used %d of %d, held %d + %d, epoch ends in %d%s%s"
                    .formatted(
                            used,
                            capacity,
                            heldThis,
                            heldNext,
                            epochEnd,
                            closed > 0 ? ", closed for " + closed : "",
                            behind > 0 ? ", as of " + behind + " ticks ago" : "");
        }
    }

    /**
     * A lease in an instance's hands.
     *
     * @param left permits that it may still spend
     * @param granted permits that the store holds for it; 0 if it is never to be mentioned again
     * @param end ticks until the store's epoch, in which it is counted, is over: the name of that epoch
     * @param time ticks by the instance's clock until it may not be spent any more
     * @param misses ticks that the clock may still miss
     */
    record Lease(int left, int granted, int end, int time, int misses) {

        static final Lease NONE = new Lease(0, 0, 0, 0, 0);

        Lease left(int permits) {
            return new Lease(permits, granted, end, time, misses);
        }

        Lease orphaned() {
            return new Lease(left, 0, 0, time, misses);
        }
    }

    enum Kind {
        RENEW,
        RETURN
    }

    /**
     * A message to the store that names a lease as it was when it was sent. To ask for the first one is to renew none.
     */
    record Message(Kind kind, int left, int granted, int end) {

        /** A tick later. Once the epoch is over, a lease is as good as none. */
        Message aged(boolean named) {
            boolean over = end <= 1 && !named;
            return over ? new Message(kind, 0, 0, 0) : new Message(kind, left, granted, Math.max(0, end - 1));
        }
    }

    /**
     * What the store answers: the permits given, and what it now holds for the instance, until the end of which epoch.
     */
    record Answer(boolean changed, int given, int granted, int end) {

        static final Answer NOTHING = new Answer(false, 0, 0, 0);

        Answer aged() {
            return new Answer(changed, given, granted, Math.max(0, end - 1));
        }
    }

    /**
     * A call under way: what was sent, what was answered once it has been executed, and the new lease's time from
     * sending.
     */
    record Asked(Message message, @Nullable Answer answer, int time, int misses) {}

    /**
     * An instance: at most one call that it waits for, and at most one message under way that it does not wait for.
     *
     * @param stalled whether it has not run since: its timers have not, and it spends as soon as it wakes
     */
    record Instance(
            Lease lease, @Nullable Asked asked, @Nullable Message stray, boolean stalled) {

        static final Instance IDLE = new Instance(Lease.NONE, null, null, false);

        Instance lease(Lease other) {
            return new Instance(other, asked, stray, stalled);
        }

        Instance asked(@Nullable Asked other) {
            return new Instance(lease, other, stray, stalled);
        }

        Instance stray(@Nullable Message other) {
            return new Instance(lease, asked, other, stalled);
        }

        Instance stalled(boolean other) {
            return new Instance(lease, asked, stray, other);
        }
    }

    /**
     * What no party of the protocol knows.
     *
     * @param reference permits left in the reference bucket
     * @param full permits in it when it is full: the largest capacity so far, and what a fail-over has lost
     * @param wronged whether a cost was refused that the store had room for
     * @param waited ticks for which the waiting cost has been refused
     * @param change how often the limit has changed
     * @param stalls how many stalls may still come
     * @param replica what a fail-over would go on with; null once it has been
     * @param unreplicated permits charged, granted or carried since the replica was right
     */
    record World(
            int reference,
            int full,
            boolean wronged,
            int waited,
            int change,
            int stalls,
            @Nullable Store replica,
            int unreplicated) {

        World reference(int permits) {
            return new World(permits, full, wronged, waited, change, stalls, replica, unreplicated);
        }

        World raised(int permits) {
            return new World(
                    reference + permits, full + permits, wronged, waited, change, stalls, replica, unreplicated);
        }

        World wronged(boolean refused) {
            return new World(reference, full, refused, waited, change, stalls, replica, unreplicated);
        }

        World waited(int ticks) {
            return new World(reference, full, wronged, ticks, change, stalls, replica, unreplicated);
        }

        World changed() {
            return new World(reference, full, wronged, waited, change + 1, stalls, replica, unreplicated);
        }

        World stalled() {
            return new World(reference, full, wronged, waited, change, stalls - 1, replica, unreplicated);
        }

        World replica(@Nullable Store other, int since) {
            return new World(reference, full, wronged, waited, change, stalls, other, since);
        }
    }

    record State(Store store, List<Instance> instances, World world) {

        State with(int i, Instance instance) {
            List<Instance> others = new ArrayList<>(instances);
            others.set(i, instance);
            return new State(store, others, world);
        }

        State with(Store other) {
            return new State(other, instances, world);
        }

        State with(World other) {
            return new State(store, instances, other);
        }
    }

    /** Something that can happen: what, to which instance (-1: to none), and the state after it. */
    record Step(String what, int instance, State next) {

        @Override
        public String toString() {
            return instance < 0 ? what : "instance " + instance + (what.startsWith("'") ? what : " " + what);
        }
    }

    private static final int NO_INSTANCE = -1;
    private static final String[] TICKS = {
        "a tick", "a tick, missed by clock 0", "a tick, missed by clock 1", "a tick, missed by clocks 0 and 1"
    };

    private final Setting setting;
    private final Set<Store> thatGetFull = new HashSet<>();

    LeaseModel(Setting setting) {
        this.setting = setting;
    }

    State initial() {
        int capacity = setting.capacities.get(0);
        Store store = new Store(capacity, 0, 0, 0, 0, 0, 0, 0);
        World world = new World(capacity, capacity, false, 0, 0, setting.stalls, setting.losable > 0 ? store : null, 0);
        return new State(store, Collections.nCopies(setting.instances, Instance.IDLE), world);
    }

    /** Hands out all that can happen in a state. */
    void steps(State state, Consumer<Step> to) {
        ticks(state, to);
        if (setting.waiting == 0) {
            charges(state, to);
        }
        rare(state, to);
        for (int i = 0; i < setting.instances; i++) {
            Instance instance = state.instances.get(i);
            messages(state, i, instance, to);
            if (instance.stalled) {
                stalled(state, i, instance, to);
            } else {
                runs(state, i, instance, to);
            }
        }
    }

    // Time

    private void ticks(State state, Consumer<Step> to) {
        int clocks = setting.drift == 0 ? 1 : 1 << setting.instances;
        Store store = setting.lazy ? later(state.store) : tick(state.store);
        World world = ticked(state.world);
        for (int missed = 0; missed < clocks; missed++) {
            List<Instance> instances = new ArrayList<>(setting.instances);
            for (int i = 0; i < setting.instances; i++) {
                Instance aged = tick(state.instances.get(i), missed >> i & 1);
                if (aged != null) {
                    instances.add(aged);
                }
            }
            if (instances.size() == setting.instances) {
                to.accept(new Step(TICKS[missed], NO_INSTANCE, tried(new State(store, instances, world))));
            }
        }
    }

    private World ticked(World world) {
        int most = Math.min(world.full, world.reference + 1);
        Store replica = world.replica;
        return world.reference(most).replica(replica == null ? null : tick(replica), world.unreplicated);
    }

    /** The waiting cost is tried again, first thing in each tick. */
    private State tried(State state) {
        if (setting.waiting == 0) {
            return state;
        }
        State charged = charge(state, setting.waiting);
        boolean refused = charged.world.reference == state.world.reference;
        boolean waits = charged.world.waited > 0 || inTheWay(charged.store, setting.waiting);
        return charged.with(charged.world.waited(refused && waits ? charged.world.waited + 1 : 0));
    }

    private Store later(Store store) {
        boolean isEmpty = store.used == 0 && store.held() == 0 && store.closed == 0;
        boolean getsFull = store.behind == 2 * setting.epoch + store.capacity;
        return isEmpty ? store.behind(0) : getsFull ? upToNow(store) : store.behind(store.behind + 1);
    }

    private Store upToNow(Store store) {
        Store now = store.behind(0);
        if (setting.has(Flaw.ONE_STEP)) {
            return oneStep(now, store.behind);
        }
        for (int i = 0; i < store.behind; i++) {
            now = tick(now);
        }
        return now;
    }

    /** One tick of the store's time: refill first, by what was held during the tick; then the epoch may end. */
    private Store tick(Store store) {
        Store next = store.closed > 0 ? store.closed(store.closed - 1) : store;
        if (next.used > floor(next)) {
            next = next.used(next.used - 1);
        }
        if (next.held() > 0) {
            next = next.epochEnd > 1 ? next.held(next.heldThis, next.heldNext, next.epochEnd - 1) : epochOver(next);
        }
        if (setting.has(Flaw.KEY_EXPIRES_EARLY) && next.life > 0) {
            boolean expires = next.life == 1;
            next = expires ? new Store(next.capacity, 0, 0, 0, 0, 0, 0, 0) : next.life(next.life - 1);
        }
        return next;
    }

    private Store epochOver(Store store) {
        return setting.has(Flaw.HELD_FOR_EVER)
                ? store.held(store.held(), 0, setting.epoch)
                : store.held(store.heldNext, 0, setting.epoch);
    }

    /** What the refill leaves as used. */
    private int floor(Store store) {
        if (setting.has(Flaw.REFILLS_BEHIND_LEASES)) {
            return 0;
        }
        int held = setting.has(Flaw.REFILLS_BEHIND_LATER_LEASES) ? store.heldThis : store.held();
        return Math.min(held, store.capacity);
    }

    private Store oneStep(Store store, int ticks) {
        Store next = store.closed(Math.max(0, store.closed - ticks));
        int end = next.epochEnd - ticks;
        while (next.held() > 0 && end <= 0) {
            end += setting.epoch;
            next = next.held(next.heldNext, 0, end);
        }
        next = next.held(next.heldThis, next.heldNext, end);
        return next.used(Math.max(Math.min(next.used, floor(next)), next.used - ticks));
    }

    /** One tick of an instance's time, or of none of it if its clock misses one; null if it has no more to miss. */
    private @Nullable Instance tick(Instance instance, int missed) {
        Lease lease = instance.lease;
        Asked asked = instance.asked;
        if (missed > 0) {
            boolean mayMiss = (lease.time > 0 || asked != null)
                    && (lease.time == 0 || lease.misses > 0)
                    && (asked == null || asked.misses > 0);
            if (!mayMiss) {
                return null;
            }
        }
        int time = Math.max(0, lease.time - 1 + missed);
        Lease aged = time > 0 || instance.stalled
                ? new Lease(lease.left, lease.granted, Math.max(0, lease.end - 1), time, lease.misses - missed)
                : Lease.NONE;
        Message stray = instance.stray == null ? null : instance.stray.aged(setting.has(Flaw.RETURN_NOT_FENCED));
        return new Instance(
                lease.equals(Lease.NONE) ? lease : aged,
                asked == null ? null : tick(asked, missed),
                stray,
                instance.stalled);
    }

    private Asked tick(Asked asked, int missed) {
        int passed = setting.has(Flaw.COUNTS_FROM_ANSWER) ? 0 : 1 - missed;
        Answer answer = asked.answer == null ? null : asked.answer.aged();
        return new Asked(
                asked.message.aged(asked.answer != null),
                answer,
                Math.max(0, asked.time - passed),
                asked.misses - missed);
    }

    // The store

    private void charges(State state, Consumer<Step> to) {
        to.accept(new Step("1 is charged, or refused", NO_INSTANCE, charge(state, 1)));
        to.accept(new Step("2 are charged, or refused", NO_INSTANCE, charge(state, 2)));
    }

    private State charge(State state, int cost) {
        Store store = upToNow(state.store);
        int counted = setting.has(Flaw.COUNTS_HELD_TWICE) ? store.used + store.held() : store.used;
        if (counted + cost <= store.capacity) {
            World world = state.world.reference(state.world.reference - cost);
            return written(state.with(world), store.used(store.used + cost), cost);
        }
        boolean wronged = cost <= state.store.left() && !setting.lazy;
        return state.with(state.world.wronged(wronged)).with(refused(store, cost));
    }

    /** A cost that leases leave no room for stops new ones, until those out have ended and for an epoch more. */
    private Store refused(Store store, int cost) {
        if (!inTheWay(store, cost) || setting.has(Flaw.NEVER_CLOSED) || setting.waiting == 0) {
            return store;
        }
        int allEnded = store.epochEnd + (store.heldNext > 0 ? setting.epoch : 0);
        return store.closed(allEnded + setting.epoch);
    }

    private static boolean inTheWay(Store store, int cost) {
        return cost <= store.capacity && cost > store.capacity - store.held();
    }

    /** The state after a write that gave or charged permits. */
    private State written(State state, Store store, int permits) {
        Store kept = setting.has(Flaw.KEY_EXPIRES_EARLY) ? store.life(store.used) : store;
        World world = state.world;
        if (world.replica != null) {
            int lost = world.unreplicated + permits;
            // No more than so many writes wait for the replica: past it, they have arrived.
            world = lost <= setting.losable ? world.replica(world.replica, lost) : world.replica(kept, 0);
        }
        return new State(kept, state.instances, world);
    }

    /** What a renewal does in the store. Its answer stands in {@code answers}, from the instance's point of view. */
    private State renew(State state, Message message, Consumer<Answer> answers) {
        Store store = upToNow(state.store);
        if (store.closed > 0 && !setting.has(Flaw.CARRIES_WHILE_CLOSED)) {
            answers.accept(Answer.NOTHING);
            return state.with(store);
        }
        boolean counts = message.granted > 0 && counted(store, message.end) >= message.granted;
        int carried = counts && !setting.has(Flaw.CREDITS_WHILE_SPENDING) ? message.left : 0;
        if (counts) {
            store = release(store, message);
            if (setting.has(Flaw.CREDITS_WHILE_SPENDING)) {
                store = store.used(Math.max(0, store.used - message.left));
            }
        }
        int free = Math.min(store.left(), setting.held - store.held() - carried);
        int given = store.closed > 0 ? 0 : Math.max(0, Math.min(setting.lease - carried, free));
        if (!counts && given == 0) {
            answers.accept(Answer.NOTHING);
            return state.with(store);
        }
        int granted = carried + given;
        int epochEnd = store.held() == 0 ? setting.epoch : store.epochEnd;
        boolean endsWithThis = epochEnd == setting.epoch || setting.has(Flaw.ONE_GENERATION);
        store = endsWithThis
                ? store.held(store.heldThis + granted, store.heldNext, epochEnd)
                : store.held(store.heldThis, store.heldNext + granted, epochEnd);
        int end = endsWithThis ? epochEnd : epochEnd + setting.epoch;
        answers.accept(new Answer(true, given, granted, end));
        int losable = setting.has(Flaw.FORGETS_CARRIED) ? given : granted;
        return written(state, store.used(store.used + given), losable);
    }

    private State giveBack(State state, Message message) {
        Store store = upToNow(state.store);
        boolean counts = counted(store, message.end) >= message.granted;
        if (!counts && !setting.has(Flaw.RETURN_NOT_FENCED)) {
            return state.with(store);
        }
        store = store.used(Math.max(0, store.used - message.left));
        return written(state, counts ? release(store, message) : store, 0);
    }

    /** The permits that count until the end of an epoch; none if that is over. */
    private int counted(Store store, int end) {
        if (end == 0 || store.held() == 0) {
            return 0;
        }
        return end == store.epochEnd ? store.heldThis : end == store.epochEnd + setting.epoch ? store.heldNext : 0;
    }

    private Store release(Store store, Message message) {
        return message.end == store.epochEnd
                ? store.held(store.heldThis - message.granted, store.heldNext, store.epochEnd)
                : store.held(store.heldThis, store.heldNext - message.granted, store.epochEnd);
    }

    // What is rare: a change of the limit, a fail-over

    private void rare(State state, Consumer<Step> to) {
        World world = state.world;
        if (world.change + 1 < setting.capacities.size()) {
            int change = world.change + 1;
            World raised = world.changed().raised(setting.raise(change));
            Store store = upToNow(state.store).capacity(setting.capacities.get(change));
            to.accept(new Step(
                    "the limit changes to " + store.capacity, NO_INSTANCE, new State(store, state.instances, raised)));
        }
        if (world.replica != null) {
            if (world.unreplicated > 0) {
                World same = world.replica(state.store, 0);
                to.accept(new Step("the replica catches up", NO_INSTANCE, state.with(same)));
            }
            World after = world.raised(world.unreplicated).replica(null, 0);
            to.accept(
                    new Step("the replica takes over", NO_INSTANCE, new State(world.replica, state.instances, after)));
        }
    }

    // Messages

    /** What happens to an instance's messages, whether it runs or not. */
    private void messages(State state, int i, Instance instance, Consumer<Step> to) {
        Asked asked = instance.asked;
        if (asked != null && asked.answer == null) {
            Answer[] answer = new Answer[1];
            State executed = renew(state, asked.message, given -> answer[0] = given);
            Instance answered = instance.asked(new Asked(asked.message, answer[0], asked.time, asked.misses));
            to.accept(new Step("'s renewal is executed", i, executed.with(i, answered)));
            boolean doubles = asked.message.granted == 0 || setting.has(Flaw.RENEWAL_TWICE);
            if (doubles && mayBeLate(state, instance)) {
                Instance again = answered.stray(asked.message);
                to.accept(new Step("'s renewal is executed and stays under way", i, executed.with(i, again)));
            }
        }
        Message stray = instance.stray;
        if (stray != null) {
            State executed = stray.kind == Kind.RENEW ? renew(state, stray, unused -> {}) : giveBack(state, stray);
            String what = stray.kind == Kind.RENEW ? "'s late renewal is executed" : "'s return is executed";
            to.accept(new Step(what, i, executed.with(i, instance.stray(null))));
            if (stray.kind == Kind.RETURN && setting.has(Flaw.RETURN_TWICE)) {
                to.accept(new Step("'s return is executed and stays under way", i, executed));
            }
            to.accept(new Step("'s late message is lost", i, state.with(i, instance.stray(null))));
        }
    }

    private boolean mayBeLate(State state, Instance instance) {
        long late =
                state.instances.stream().filter(other -> other.stray != null).count();
        return instance.stray == null && late < setting.late;
    }

    // Instances

    private void runs(State state, int i, Instance instance, Consumer<Step> to) {
        Lease lease = instance.lease;
        for (int cost = 1; cost <= 2; cost++) {
            if (lease.left >= cost) {
                to.accept(new Step("spends " + cost, i, spend(state, i, cost)));
            }
        }
        if (instance.asked == null) {
            idle(state, i, instance, to);
        } else {
            waits(state, i, instance, instance.asked, to);
        }
        if (!instance.equals(Instance.IDLE)) {
            to.accept(new Step("crashes", i, state.with(i, Instance.IDLE.stray(instance.stray))));
        }
        if (lease.left > 0 && state.world.stalls > 0) {
            State stalled = state.with(i, instance.stalled(true));
            to.accept(new Step("stalls", i, stalled.with(state.world.stalled())));
        }
    }

    private State spend(State state, int i, int cost) {
        Instance instance = state.instances.get(i);
        State spent = state.with(i, instance.lease(instance.lease.left(instance.lease.left - cost)));
        return spent.with(state.world.reference(state.world.reference - cost));
    }

    /** With no call under way: asks for a lease, renews the one it has, or returns it. */
    private void idle(State state, int i, Instance instance, Consumer<Step> to) {
        Lease lease = instance.lease;
        int time = setting.epoch - (setting.has(Flaw.NO_MARGIN) ? 0 : setting.drift);
        boolean orphan = lease.granted == 0;
        if (lease.left < setting.lease && !(orphan && lease.left > 0)) {
            Message message = orphan
                    ? new Message(Kind.RENEW, 0, 0, 0)
                    : new Message(Kind.RENEW, lease.left, lease.granted, lease.end);
            Asked asked = new Asked(message, null, time, setting.drift);
            to.accept(new Step(orphan ? "asks" : "renews", i, state.with(i, instance.asked(asked))));
        }
        if (!orphan && mayBeLate(state, instance)) {
            Message message = new Message(Kind.RETURN, lease.left, lease.granted, lease.end);
            Lease kept = setting.has(Flaw.SPENDS_WHILE_RETURNING) ? lease.orphaned() : Lease.NONE;
            to.accept(new Step(
                    "returns its lease", i, state.with(i, instance.lease(kept).stray(message))));
        }
    }

    /**
     * With a call under way: takes the answer, or gives up waiting; the call may still be executed then, or be lost.
     */
    private void waits(State state, int i, Instance instance, Asked asked, Consumer<Step> to) {
        if (asked.answer != null) {
            Instance done = instance.asked(null);
            Instance after = asked.answer.changed ? done.lease(renewed(instance.lease, asked, asked.answer)) : done;
            to.accept(new Step("takes the answer", i, state.with(i, after)));
        }
        boolean kept = setting.has(Flaw.MENTIONS_AFTER_UNKNOWN);
        Lease lease =
                instance.lease.left == 0 && !kept ? Lease.NONE : kept ? instance.lease : instance.lease.orphaned();
        Instance gaveUp = instance.asked(null).lease(lease);
        to.accept(new Step("never gets an answer", i, state.with(i, gaveUp)));
        if (asked.answer == null && mayBeLate(state, instance)) {
            to.accept(new Step("gives up waiting", i, state.with(i, gaveUp.stray(asked.message))));
        }
    }

    /**
     * The lease after an answer: what the instance still has, and what it was given. What has ended meanwhile stays
     * ended.
     */
    private Lease renewed(Lease old, Asked asked, Answer answer) {
        if (asked.time == 0) {
            return old.left == 0 ? Lease.NONE : old.orphaned();
        }
        boolean replaces = old.time == 0 || setting.has(Flaw.CREDITS_WHILE_SPENDING);
        int left = replaces ? answer.given : old.left + answer.given;
        return new Lease(left, answer.granted, answer.end, asked.time, asked.misses);
    }

    /** Not running. On waking it may spend before any timer has ended its lease, unless it reads the clock. */
    private void stalled(State state, int i, Instance instance, Consumer<Step> to) {
        Lease lease = instance.lease;
        if (lease.left > 0 && (lease.time > 0 || !setting.readsClock)) {
            to.accept(new Step("spends 1 on waking", i, spend(state, i, 1)));
        }
        Lease noticed = lease.time > 0 ? lease : Lease.NONE;
        to.accept(
                new Step("runs again", i, state.with(i, instance.stalled(false).lease(noticed))));
    }

    // Promises

    /**
     * What is wrong in a state, or null. With stalls, the reference bucket may go below 0: the search reports how far.
     */
    @Nullable String wrong(State state) {
        World world = state.world;
        if (world.reference < 0 && setting.stalls == 0) {
            return "more was spent than the limit permits";
        }
        if (world.wronged) {
            return "a cost was refused that the store had room for";
        }
        if (setting.waiting > 0 && world.waited > setting.patience()) {
            return "a cost waits for ever";
        }
        if (!setting.lazy && thatGetFull.add(state.store) && !getsFull(state.store)) {
            return "left alone, the bucket does not get full again";
        }
        return setting.flaws.isEmpty() ? unproved(state) : null;
    }

    private boolean getsFull(Store store) {
        Store later = store;
        for (int i = 0; i < 2 * setting.epoch + store.capacity; i++) {
            later = tick(later);
        }
        return later.used == 0 && later.held() == 0;
    }

    /** What the argument for the promise says of every state: missing + in hand &le; used, and in hand &le; held. */
    private @Nullable String unproved(State state) {
        if (setting.lazy || setting.stalls > 0 || setting.losable > 0 || setting.capacities.size() > 1) {
            return null;
        }
        Store store = state.store;
        int inHand = 0;
        for (Instance instance : state.instances) {
            inHand += instance.lease.left;
            Asked asked = instance.asked;
            if (asked != null && asked.answer != null && asked.time > 0) {
                inHand += asked.answer.given;
            }
            Message stray = instance.stray;
            if (stray != null && stray.kind == Kind.RETURN && counted(store, stray.end) >= stray.granted) {
                inHand += stray.left;
            }
        }
        int missing = store.capacity - state.world.reference;
        if (inHand > store.held()) {
            return "more is in the hands of instances than the store holds";
        }
        if (missing + inHand > store.used || store.used > store.capacity || store.held() > setting.held) {
            return "used is not what the argument says";
        }
        return null;
    }
}
