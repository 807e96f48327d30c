package dev.weir.store;

import dev.weir.limit.Exact;
import dev.weir.limit.FixedWindowState;
import dev.weir.limit.Limit;
import dev.weir.limit.Meter;
import dev.weir.limit.OutstandingLeases;
import dev.weir.limit.SlidingLog;
import dev.weir.limit.SlidingWindowState;
import dev.weir.limit.State;
import dev.weir.limit.TokenBucket;
import dev.weir.limit.TokenBucketState;

/**
 * How much of a limit may be leased, and how a state keeps count of it: pure steps, like those of {@link Meter}.
 *
 * <p>A token bucket holds back what is leased ({@link OutstandingLeases}): it would refill behind the leases
 * otherwise, and let through the burst and the leases at once. Under a window nothing comes back before the window is
 * over, and a lease is over by then too: what is leased simply counts as used.
 */
public final class LeaseAccounting {

    /**
     * All leases together are at most this part of a limit, so that what others can still take at once stays nearly
     * all.
     */
    private static final long PART = 10;

    /** All leases from a pool together are at most this part of its burst: it is small, and lent for moments only. */
    private static final long PART_OF_POOL = 4;

    private static final long SECOND_MICROS = 1_000_000;

    /** In a window that is about to end a lease would end before it has paid. */
    static final long LEAST_LIFE_MICROS = 200_000;

    private LeaseAccounting() {}

    /**
     * The most permits of a limit that all leases together may hold: a part of it, and no more than comes back in a
     * second. So what an instance held that died is there again within three seconds of its last call, of which its
     * leases take up to two to end. Of a window it is there again with the next one; meanwhile it misses what it gives
     * on average in a second.
     */
    public static long most(Limit limit) {
        if (limit instanceof TokenBucket bucket) {
            return most(bucket, PART);
        }
        long seconds = Exact.ceilDiv(Exact.micros(limit.period()), SECOND_MICROS);
        return limit instanceof SlidingLog ? 0 : Math.min(limit.capacity() / PART, limit.capacity() / seconds);
    }

    public static long mostOfPool(TokenBucket limit) {
        return most(limit, PART_OF_POOL);
    }

    /** Compared first, because the units of a second may be more than can be counted. */
    private static long most(TokenBucket limit, long part) {
        long most = limit.capacity() / part;
        long ticks = SECOND_MICROS / limit.tickMicros();
        return limit.rate() >= Exact.ceilDiv(most * limit.unit(), ticks) ? most : limit.rate() * ticks / limit.unit();
    }

    /**
     * The permits that can be lent beside {@code carried} ones, which are no longer counted.
     *
     * @param instances a window's state does not distinguish leases from use: each instance has its part of what may be
     *     lent
     */
    private static long lendable(Limit limit, State advanced, long nowMicros, long carried, int instances) {
        long remaining = limit.meter().remaining(advanced, nowMicros);
        if (remaining == 0 || limit instanceof SlidingLog) {
            return 0;
        }
        if (limit instanceof TokenBucket) {
            OutstandingLeases held = heldOf(advanced);
            long most = held.isClosed(nowMicros) ? 0 : most(limit);
            return Math.max(0, Math.min(remaining, most - held.permits() - carried));
        }
        State own = limit.meter().charge(advanced, nowMicros, 0);
        long part = Math.min(remaining / PART, most(limit)) / instances;
        return lifeMicros(limit, own, nowMicros) >= LEAST_LIFE_MICROS ? Math.max(0, part - carried) : 0;
    }

    private static OutstandingLeases heldOf(State state) {
        return state instanceof TokenBucketState bucket ? bucket.held() : OutstandingLeases.NONE;
    }

    /** @param own a window's state, in the numbers of the limit */
    private static long lifeMicros(Limit limit, State own, long nowMicros) {
        return Math.min(OutstandingLeases.EPOCH_MICROS, own.atMicros() + Exact.micros(limit.period()) - nowMicros);
    }

    /**
     * What becomes of a state, and of a lease.
     *
     * @param grant the lease that the instance has from now on; {@link Grant#NONE} if it gets nothing: then all is as
     *     it was
     */
    public record Lent(State state, Grant grant) {

        /** The permits that the instance did not have before. */
        public long more(LeaseCall call) {
            return grant.permits() == 0 ? 0 : grant.permits() - call.left();
        }
    }

    /**
     * Lends what can be lent. An instance that gets nothing keeps the lease that it has, to its own end: it is not even
     * carried on.
     */
    public static Lent lend(LeaseCall call, State advanced, long nowMicros) {
        Limit limit = call.limit();
        State released = released(advanced, call.lease());
        long permits = Math.min(call.wanted(), lendable(limit, released, nowMicros, call.left(), call.instances()));
        return permits == 0 ? new Lent(advanced, Grant.NONE) : lent(limit, released, permits, call.left(), nowMicros);
    }

    /**
     * As {@link #lend}, from a pool.
     *
     * @param room the most that the client may have beside what it has
     */
    public static Lent lendOfPool(
            LeaseCall call, TokenBucket limit, TokenBucketState advanced, long room, long nowMicros) {
        TokenBucketState released = (TokenBucketState) released(advanced, call.lease());
        long most = mostOfPool(limit) - released.held().permits() - call.left();
        long permits = Math.min(Math.min(call.wanted(), room), most);
        return permits <= 0 ? new Lent(advanced, Grant.NONE) : lent(limit, released, permits, call.left(), nowMicros);
    }

    private static Lent lent(Limit limit, State released, long permits, long carried, long nowMicros) {
        long total = carried + permits;
        State charged = limit.meter().charge(released, nowMicros, permits);
        if (!(charged instanceof TokenBucketState bucket)) {
            return new Lent(charged, new Grant(total, charged.atMicros(), lifeMicros(limit, charged, nowMicros)));
        }
        long epoch = bucket.held().epochOf(Math.max(nowMicros, bucket.atMicros()));
        OutstandingLeases held = bucket.held().plus(total, epoch);
        // What is carried was in use before, unless its epoch was over or unknown here: then it is made up for.
        return new Lent(bucket.usingHeld(bucket.used(), held), new Grant(total, epoch, OutstandingLeases.EPOCH_MICROS));
    }

    /** No longer counts a lease, if it can be one that was counted here. */
    private static State released(State advanced, Grant lease) {
        if (!(advanced instanceof TokenBucketState bucket) || !isCounted(bucket, lease)) {
            return advanced;
        }
        return bucket.using(bucket.used(), bucket.held().minus(lease.permits(), lease.epoch()));
    }

    /**
     * No longer counts a lease, and what is left of it can be used again; in whatever numbers the state is kept.
     *
     * @param advanced {@linkplain State#drained by its own numbers}
     */
    public static State returned(State advanced, Grant lease, long left) {
        if (advanced instanceof TokenBucketState bucket) {
            if (!isCounted(bucket, lease)) {
                return advanced;
            }
            OutstandingLeases held = bucket.held().minus(lease.permits(), lease.epoch());
            long used = bucket.used() - Math.min(left, bucket.used() / bucket.unit()) * bucket.unit();
            return bucket.usingHeld(used, held);
        }
        if (lease.epoch() != advanced.atMicros()) {
            return advanced;
        }
        if (advanced instanceof FixedWindowState window && left <= window.used()) {
            return new FixedWindowState(window.periodMicros(), window.used() - left, window.atMicros());
        }
        if (advanced instanceof SlidingWindowState sliding && left <= sliding.current()) {
            return new SlidingWindowState(
                    sliding.tickMicros(),
                    sliding.periodTicks(),
                    sliding.current() - left,
                    sliding.previous(),
                    sliding.atMicros());
        }
        return advanced;
    }

    private static boolean isCounted(TokenBucketState bucket, Grant lease) {
        return lease.permits() > 0 && bucket.held().counts(lease.permits(), lease.epoch());
    }

    /**
     * A cost so large that it would only fit if nothing were leased must not wait for ever because leases are renewed:
     * once it is refused, none are given until it has had its time.
     */
    static State refused(Limit limit, State advanced, long nowMicros, long cost) {
        return advanced instanceof TokenBucketState bucket && closes(limit, advanced, nowMicros, cost)
                ? bucket.using(bucket.used(), bucket.held().closed())
                : advanced;
    }

    /** Whether a refusal of {@code cost} changes what is leased from now on. */
    static boolean closes(Limit limit, State advanced, long nowMicros, long cost) {
        OutstandingLeases held = heldOf(advanced);
        return isLarge(limit, cost) && held.permits() > 0 && !held.isClosed(nowMicros);
    }

    static State served(Limit limit, State charged, long cost) {
        return charged instanceof TokenBucketState bucket && isLarge(limit, cost)
                ? bucket.using(bucket.used(), bucket.held().opened())
                : charged;
    }

    private static boolean isLarge(Limit limit, long cost) {
        return cost <= limit.capacity() && cost > limit.capacity() - limit.capacity() / PART;
    }
}
