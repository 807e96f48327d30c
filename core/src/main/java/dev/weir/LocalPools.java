package dev.weir;

import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Exact;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import dev.weir.limit.Source;
import dev.weir.limit.State;
import dev.weir.limit.TokenBucket;
import dev.weir.memory.MemoryStore;
import dev.weir.store.Charge;
import dev.weir.store.MicrosClock;
import dev.weir.store.Overrides;
import dev.weir.store.Share;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What this instance decides of pools by itself while the store is away: on its part of each, that is a pool's limit
 * divided by the live instances, which its clients share by weight.
 *
 * <p>While the store answers, its part is charged as well. And where an answer says how full the pool is, that is
 * remembered: others may have filled it. So the part starts with what is left of the pool, divided, and not with a
 * fresh burst.
 *
 * <p>Thread-safe.
 */
final class LocalPools {

    private final MemoryStore states;
    private final MicrosClock clock;
    private final IntSupplier instances;
    private final Debts debts;

    /** By a pool's name, what is in use of it at the store, as far as is known here. */
    private final Map<String, State> inUse = new ConcurrentHashMap<>();

    /**
     * @param instances how many live instances share the store
     * @param debts what is admitted here, until the store is charged for it
     */
    LocalPools(MemoryStore states, MicrosClock clock, IntSupplier instances, Debts debts) {
        this.states = states;
        this.clock = clock;
        this.instances = instances;
        this.debts = debts;
    }

    /**
     * A call on this instance's part of a pool, with as many instances as there are at one moment.
     *
     * @param call the call, of the part
     * @param limit what all clients of the pool may take of the part together
     */
    private record Part(StoreRequest call, TokenBucket limit, int instances) {

        static Part of(StoreRequest whole, Share share, int instances) {
            Charge charge = whole.charges().get(0).among(instances);
            StoreRequest call = new StoreRequest(whole.subject(), Overrides.NO_VERSION, List.of(charge));
            return new Part(call, share.pool().limit().share(instances), instances);
        }

        Charge charge() {
            return call.charges().get(0);
        }
    }

    /** Follows what the store has decided. */
    void follow(StoreRequest call, Share share, Decision decision) {
        if (decision.limit().equals(share.pool().limit())) {
            follow(share, decision);
        } else if (decision.permitted()) { // The client's own limit decided: of the pool it says that it was charged.
            charge(share, call.charges().get(0).cost());
        }
        if (decision.permitted()) {
            Part part = Part.of(call, share, instances.getAsInt());
            states.decide(part.call(), share, part.limit());
        }
    }

    /**
     * Follows a decision of the store on a pool alone: it says when the pool will be empty, and so how full it is.
     * While permits are leased the pool is not empty however little is in use. So it is never taken to be more than
     * full.
     */
    void follow(Share share, Decision decision) {
        TokenBucket limit = share.pool().limit();
        long nowMicros = clock.nowMicros();
        State said = limit.emptyAfter(decision.resetAfterMicros(), nowMicros);
        boolean isMoreThanFull = said.permitsUsed(nowMicros) > limit.capacity();
        inUse.put(share.pool().name(), isMoreThanFull ? limit.leaving(0, nowMicros) : said);
    }

    private void charge(Share share, long cost) {
        TokenBucket limit = share.pool().limit();
        long nowMicros = clock.nowMicros();
        inUse.compute(
                share.pool().name(), (name, known) -> limit.owing(limit.advance(known, nowMicros), nowMicros, cost));
    }

    /**
     * Decides a call on this instance's part of a pool.
     *
     * @param isOwed whether the store is to be charged for what is permitted: not if it may have charged it already
     */
    Outcome decide(StoreRequest call, Share share, boolean isOwed) {
        Charge whole = call.charges().get(0);
        Part part = Part.of(call, share, instances.getAsInt());
        states.oweUpTo(share, part.limit(), part.limit().capacity() - left(share, part));
        State own = states.state(share, call.subject().id(), whole.policy());
        StoreReply.Decided decided = (StoreReply.Decided) states.decide(part.call(), share, part.limit());
        Decision decision = decided.decisions().get(0);
        if (decision.permitted()) {
            admitted(call, share, part, own, isOwed);
        }
        StoreReply.Decided inWhole =
                new StoreReply.Decided(decided.atMicros(), List.of(ofPart(decision, whole, share)));
        return Outcome.ofShare(inWhole, part.call(), isOwed);
    }

    /** What was left of a pool for a part, going by the store's last answer; all of it if there was none. */
    private long left(Share share, Part part) {
        TokenBucket limit = share.pool().limit();
        long nowMicros = clock.nowMicros();
        State known = limit.advance(inUse.get(share.pool().name()), nowMicros);
        return Exact.ceilDiv(limit.remaining(known, nowMicros), part.instances());
    }

    /**
     * The pool's debt begins as if all of the part had been in use: what others have taken of it lately is not known
     * here. So the store is charged enough, and too much by what was left of the part at most.
     */
    private void admitted(StoreRequest call, Share share, Part part, @Nullable State own, boolean isOwed) {
        Charge whole = call.charges().get(0);
        Debtor together = new Debtor.Together(share.pool().name());
        State full = part.limit().leaving(0, clock.nowMicros());
        Charge ofPool = new Charge(whole.policy(), share.pool().limit(), whole.cost());
        Charge ofPart = new Charge(whole.policy(), part.limit(), whole.cost());
        debts.admitted(together, ofPool, ofPart, full, isOwed);
        if (whole.besidePool() != null) {
            Debtor client = new Debtor.Beside(call.subject(), whole.policy(), share.pool());
            debts.admitted(client, whole, part.charge(), own, isOwed);
        }
    }

    /**
     * Gives back what was charged here.
     *
     * @param isOwed whether the store would be charged for it
     */
    void giveBack(StoreRequest charged, Share share, long atMicros, boolean isOwed) {
        states.giveBack(charged, share, share.pool().limit().share(instances.getAsInt()), atMicros);
        if (isOwed) {
            Charge charge = charged.charges().get(0);
            for (Debtor debtor : Debtor.of(charged.subject(), charge)) {
                debts.givenBack(debtor, charge, atMicros);
            }
        }
    }

    /** A decision on this instance's part of a pool, in terms of the whole. */
    private static Decision ofPart(Decision part, Charge charge, Share share) {
        Limit own = charge.besidePool();
        boolean ofOwn = own != null && part.reason() != Reason.SHARE && part.reason() != Reason.CAPACITY;
        long retryAfter = part instanceof Rejected rejected ? rejected.retryAfterMicros() : 0;
        boolean passesWithStore = part.reason() == Reason.COST_ABOVE_LIMIT
                && charge.cost() <= share.pool().largestCost()
                && (own == null || charge.cost() <= own.capacity());
        Decision whole = charge.ofShare(
                passesWithStore ? Reason.STORE_UNAVAILABLE : part.reason(),
                ofOwn,
                part.remaining(),
                part.resetAfterMicros(),
                passesWithStore ? OnStoreFailure.RETRY_AFTER_MICROS : retryAfter);
        return whole.withRule(whole.rule().by(Source.LOCAL));
    }
}
