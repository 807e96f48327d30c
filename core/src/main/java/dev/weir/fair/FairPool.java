package dev.weir.fair;

import dev.weir.limit.Pool;
import dev.weir.limit.Reason;
import dev.weir.limit.State;
import dev.weir.limit.TokenBucket;
import dev.weir.limit.TokenBucketState;
import dev.weir.store.Grant;
import dev.weir.store.LeaseAccounting;
import dev.weir.store.LeaseCall;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Pool} in use: what has been admitted for its clients, and how much of it each client may have.
 *
 * <h2>How can a limiter be fair that never makes a request wait?</h2>
 *
 * A server that divides its capacity by weight keeps requests in queues and chooses which client to serve next. A
 * limiter has no queues: it says yes or no at once. But it can <em>imagine</em> the server. What it admits goes into
 * the imagined queue of its client; the imagined server ({@link FairClock}) drains all queues by weight; and a client
 * that has more in its queue than it may have is refused. A client that asks for more than its share sees its queue
 * grow to that threshold, and from then on gets exactly what is drained: its share. One that asks for less is never
 * near it, and what it leaves is drained from the others' queues.
 *
 * <pre>
 *            w=1   w=2   w=4                       L  greed * share * free: falls as the bucket fills
 *   burst  |                      |
 *    free  |  .......... free ....|                free stays at burst / (1 + greed), whatever comes
 *          |  L__                 |
 *    used  |  |##|  L__           |  the pool's meter: all queues together, exact; over any interval
 *          |  |##|  |##|  |  |    |  t, admitted &le; burst + rate * t
 *          +----------------------+
 *              drained by weight
 * </pre>
 *
 * <p>How much may a queue hold? A fixed number fails: many clients together would fill the bucket, and the client that
 * then asks most often wins. So the threshold is a multiple of the client's share of what is <em>free</em>, and falls
 * as the bucket fills: a fifth of it always stays free for those that come next, however many they are.
 *
 * <p>The imagined server is generalized processor sharing (A. Parekh, R. Gallager, IEEE/ACM Transactions on Networking
 * 1993); the threshold is the dynamic one of shared memory switches (A. Choudhury, E. Hahne, ibid. 1998); to police by
 * what a shadow system would have queued is FairDrop's (R. Addanki et al., IFIP Networking 2018). {@link FairTuning}
 * states what had to be added, and docs/decisions/0010-fair-pool.md why.
 *
 * <p>What is counted for the promise on the total are whole numbers, those of {@link TokenBucket}. Only the imagined
 * server counts in doubles: an error there shifts a share, never the total. A decision takes O(log n) among n clients
 * with something in the bucket, and only these take room. Not thread-safe.
 */
public final class FairPool {

    /**
     * More clients with nothing in the bucket do not get a place in it: what asks under ever new ids must not fill
     * memory.
     */
    public static final int MOST_CLAIMANTS = 10_000;

    private final FairTuning tuning;
    private final FairClock clock;
    private @Nullable TokenBucketState meter;

    public FairPool(FairTuning tuning) {
        this.tuning = tuning;
        this.clock = new FairClock(tuning);
    }

    /** How many clients take room now. */
    public int size() {
        return clock.size();
    }

    /** Forgets all clients if nothing is in use any more. */
    public void sweep(long nowMicros) {
        if (meter != null && meter.emptyAtMicros() <= nowMicros) {
            meter = null;
            clock.clear(nowMicros);
        }
    }

    /**
     * Lets time pass, and judges a request; nothing is charged or noted yet.
     *
     * @param weight the client's, from 0 to {@link Pool#MAX_WEIGHT}
     */
    public FairEvaluation judge(TokenBucket limit, String id, long weight, long cost, long nowMicros) {
        TokenBucketState advanced = advance(limit, nowMicros);
        FairStanding standing = standing(id, weight, nowMicros);
        double queued = Math.min(standing.queued(), mostOwed(limit, standing, cost));
        double counted = Math.max(0, queued - standing.claim());
        double threshold = threshold(limit, advanced, standing);
        double left = Math.floor(Math.max(0, threshold - counted));
        long remaining = Math.max(0, Math.min((long) left, limit.remaining(advanced, nowMicros)));
        FairEvaluation passes =
                new FairEvaluation(limit, advanced, standing, queued, cost, nowMicros, Reason.OK, 0, remaining);
        if (cost > largestCost(limit)) {
            return passes.refused(Reason.COST_ABOVE_LIMIT, 0);
        }
        // A client that has nothing in the bucket passes, whatever the request costs: or a small share would never
        // pass.
        double over = counted - Math.max(0, threshold - cost);
        if (over > 0) {
            return passes.refused(Reason.SHARE, shareAfterMicros(limit, standing, over));
        }
        long retryAfter = limit.retryAfterMicros(advanced, nowMicros, cost);
        return retryAfter == 0 ? passes : passes.refused(Reason.CAPACITY, retryAfter);
    }

    /** Lets time pass; the meter goes over to the numbers of a limit only when that charges it. */
    private TokenBucketState advance(TokenBucket limit, long nowMicros) {
        TokenBucketState before = meter;
        State advanced = before == null || before.isEmpty()
                ? limit.advance(null, nowMicros)
                : before.believed(nowMicros, limit.periodMicros()).drained(nowMicros);
        TokenBucketState now = (TokenBucketState) advanced;
        meter = now;
        clock.advance(nowMicros, limit.periodMicros(), perMicro(limit), permits(now));
        return now;
    }

    /** What is in use, in permits. */
    private static double permits(TokenBucketState meter) {
        return (double) meter.used() / meter.unit();
    }

    /** The permits that come free per microsecond. */
    private static double perMicro(TokenBucket limit) {
        return limit.rate() / ((double) limit.unit() * limit.tickMicros());
    }

    /** What a client may have queued; more is forgiven. */
    private double mostOwed(TokenBucket limit, FairStanding standing, long cost) {
        double perMicro = perMicro(limit);
        double micros = Math.max(tuning.horizonMicros(), tuning.burstsOwed() * limit.capacity() / perMicro);
        return Math.max(micros * perMicro * standing.share(), tuning.costsOwed() * Math.max(cost, standing.largest()));
    }

    /** Up to what a client may have queued: it falls as the bucket fills. */
    private double threshold(TokenBucket limit, TokenBucketState advanced, FairStanding standing) {
        double factor = tuning.greed() * standing.share();
        if (!standing.refused()) {
            factor = Math.max(factor, tuning.newcomer());
        }
        return factor * (limit.capacity() - permits(advanced));
    }

    /** When so much of what a client has queued will have been drained, as far as is known now. */
    private long shareAfterMicros(TokenBucket limit, FairStanding standing, double over) {
        double soonest = over / perMicro(limit);
        double micros = Math.min(soonest / standing.share(), Math.max(tuning.retryMicros(), soonest));
        return (long) Math.ceil(micros);
    }

    /** Of a small part of a pool too, which an instance keeps by itself while the store is away. */
    static long largestCost(TokenBucket limit) {
        return Math.max(1, limit.capacity() / 2);
    }

    private FairStanding standing(String id, long weight, long nowMicros) {
        boolean isMinimal = weight == 0;
        FairLane lane = clock.lane(isMinimal);
        FairLane other = clock.lane(!isMinimal);
        FairMember member = lane.find(id);
        FairMember moving = other.find(id);
        long counted = Math.max(1, weight);
        long sum = lane.weight() - (member == null ? 0 : member.weight()) + counted;
        boolean isShared = other.weight() - (moving == null ? 0 : moving.weight()) > 0;
        double share = clock.share(isMinimal, counted, sum, isShared);
        if (member != null) {
            return FairStanding.of(id, isMinimal, counted, share, member, lane.virtual(), nowMicros);
        }
        return moving != null
                ? FairStanding.of(id, isMinimal, counted, share, moving, other.virtual(), nowMicros)
                : FairStanding.idle(id, isMinimal, counted, share);
    }

    /** Charges a request that was judged last, and permitted. */
    public void charge(FairEvaluation judged) {
        charge(judged, judged.charged(), judged.cost());
    }

    private void charge(FairEvaluation judged, State charged, long permits) {
        FairStanding standing = judged.standing();
        meter = (TokenBucketState) charged;
        double queued = Math.max(0, judged.queued() + permits - standing.claim());
        note(judged, queued, standing.refused(), 0, 0, Math.max(standing.largest(), judged.cost()));
    }

    /** Charges what was admitted elsewhere, whatever is left: to the meter. All clients repay it. */
    public void owe(TokenBucket limit, long cost, long nowMicros) {
        meter = (TokenBucketState) limit.owing(advance(limit, nowMicros), nowMicros, cost);
        clock.forgive(cost);
    }

    /** As {@link #owe}, so much that at least {@code used} permits are in use then. */
    public void oweUpTo(TokenBucket limit, long used, long nowMicros) {
        long missing = used - advance(limit, nowMicros).permitsUsed(nowMicros);
        if (missing > 0) {
            owe(limit, missing, nowMicros);
        }
    }

    /** Notes a refusal that was judged last. */
    public void refuse(FairEvaluation judged) {
        if (judged.reason() == Reason.COST_ABOVE_LIMIT) {
            return; // It is no matter of the pool's.
        }
        FairStanding standing = judged.standing();
        long claim = standing.claim();
        long until = standing.claimUntilMicros();
        double queued = judged.queued();
        boolean isShare = judged.reason() == Reason.SHARE;
        boolean claims = judged.reason() == Reason.CAPACITY
                && claim == 0
                && tuning.claimMicros() > 0
                && (standing.isMember() || clock.size() < MOST_CLAIMANTS);
        if (claims) {
            claim = judged.cost();
            until = judged.nowMicros() + judged.retryAfterMicros() + tuning.claimMicros();
            queued += claim;
        }
        if (claims || standing.isMember()) {
            note(judged, queued, standing.refused() || isShare, claim, until, standing.largest());
        }
    }

    /**
     * Charges a request that was judged last and permitted, and lends permits beside it. What is lent counts as
     * admitted: it is in the client's queue at once, as if it were spent.
     */
    public LeaseAccounting.Lent lend(FairEvaluation judged, LeaseCall call) {
        LeaseAccounting.Lent lent = LeaseAccounting.lendOfPool(
                call, judged.limit(), judged.charged(), judged.remainingAfter(), judged.nowMicros());
        long permits = judged.cost() + lent.more(call);
        if (permits > 0) {
            charge(judged, lent.state(), permits);
        }
        return lent;
    }

    /** Takes back what is left of a lease. */
    public void takeBack(TokenBucket limit, String id, Grant lease, long left, long nowMicros) {
        TokenBucketState before = advance(limit, nowMicros);
        relieve(id, before, (TokenBucketState) LeaseAccounting.returned(before, lease, left));
    }

    /**
     * Gives back a charge, because the request was refused elsewhere: to the meter what surely has not drained, and to
     * the client's queue as much. Nothing, if the meter is kept in other numbers since.
     *
     * @param limit as it was when it was charged
     */
    public void giveBack(TokenBucket limit, String id, long cost, long chargedAtMicros, long nowMicros) {
        if (meter == null || !limit.keeps(meter)) {
            return; // Under other numbers a charge cannot be distinguished from what came after.
        }
        TokenBucketState before = advance(limit, nowMicros);
        relieve(id, before, (TokenBucketState) limit.givenBack(before, cost, chargedAtMicros, nowMicros));
    }

    private void relieve(String id, TokenBucketState before, TokenBucketState after) {
        meter = after;
        double permits = (double) (before.used() - after.used()) / before.unit();
        clock.lane(false).relieve(id, permits);
        clock.lane(true).relieve(id, permits);
    }

    private void note(FairEvaluation judged, double queued, boolean refused, long claim, long until, long largest) {
        FairStanding standing = judged.standing();
        clock.forgive(standing.queued() - judged.queued());
        FairLane lane = clock.lane(standing.isMinimal());
        clock.lane(!standing.isMinimal()).remove(standing.id());
        double finish = lane.virtual() + queued / standing.weight();
        lane.put(standing.id(), new FairMember(standing.weight(), finish, refused, claim, until, largest));
    }
}
