package dev.weir.limit;

import static dev.weir.limit.Exact.ceilDiv;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A token bucket, kept as a meter: over any interval of length t, admitted &le; burst + rate &middot; t, exactly.
 *
 * <h2>How can a rate of 3 permits a second be exact in whole numbers?</h2>
 *
 * Counting permits cannot: a third of a second is no whole number of microseconds. So a permit is cut into as many
 * <em>units</em> as there are ticks in the period. With N permits per P ticks, a permit is P units, and N units drain
 * per tick: both whole. What is kept is not the level of the bucket but what is <em>missing</em> from it, because a
 * client that has everything then needs no state at all.
 *
 * <pre>
 *   missing
 *   burst*P |- - - - - - - - - - -   full meter: nothing left
 *           |      /|
 *           |  /| / |\              a charge of c lifts it by c*P, if that stays under burst*P
 *           | / |/  | \             each tick drains N
 *         0 |/__________\________   empty meter: the whole limit, and no key
 * </pre>
 *
 * This is the generic cell rate algorithm in its "continuous-state leaky bucket" form (ITU-T I.371, Annex A; ATM Forum
 * Traffic Management 4.1, section 4.4.2), with the fraction kept. N and P are divided by their greatest common divisor,
 * so 86,400,000 a day counts as one per millisecond.
 *
 * <h2>What is a tick?</h2>
 *
 * The finest of a microsecond, a millisecond and a second for which burst &middot; P, and the time in which that
 * drains, stay within {@link Limit#EXACT}. Draining counts whole ticks from the moment the bucket was last full; only
 * the tick in which nothing is left to drain ends when that is so, to the microsecond. So a coarse tick gives back less
 * than one tick late, never early, and the promise above holds for any of them.
 *
 * <pre>
 *   missing                                    The line drains continuously, the steps tick by tick.
 *     |__.                                     The steps are never below the line. Where the line ends,
 *     |   `.|__                                so must the tick: what is charged after that would be
 *     |      `.|__                             credited with what drained from nothing otherwise.
 *   0 |_________`|____
 * </pre>
 *
 * <p>A leaky bucket, used as a meter, is the same automaton: what drains there is what is missing here. It differs in
 * name only.
 *
 * <p>Immutable. Equal when algorithm, permits, period and burst are.
 */
public final class TokenBucket implements Meter {

    private final Algorithm algorithm;
    private final long permits;
    private final long periodMicros;
    private final long burst;
    private final long tickMicros;
    private final long rate;
    private final long unit;

    private TokenBucket(Algorithm algorithm, long permits, long periodMicros, long burst, long tickMicros) {
        this.algorithm = algorithm;
        this.permits = permits;
        this.periodMicros = periodMicros;
        this.burst = burst;
        this.tickMicros = tickMicros;
        long periodTicks = periodMicros / tickMicros;
        long divisor = Exact.gcd(permits, periodTicks);
        this.rate = permits / divisor;
        this.unit = periodTicks / divisor;
    }

    static TokenBucket of(Algorithm algorithm, long permits, Duration period, long burst) {
        Exact.permits("permits", permits);
        Exact.permits("burst", burst);
        long periodMicros = Exact.periodMicros(period);
        long largestBurst = 0;
        for (long tickMicros : Exact.TICKS_MICROS) {
            if (periodMicros % tickMicros == 0) {
                TokenBucket bucket = new TokenBucket(algorithm, permits, periodMicros, burst, tickMicros);
                if (burst <= bucket.largestBurst()) {
                    return bucket;
                }
                largestBurst = Math.max(largestBurst, bucket.largestBurst());
            }
        }
        throw new IllegalArgumentException(
                "%d permits per %s with a burst of %d cannot be counted exactly: the burst may be at most %d"
                        .formatted(permits, period, burst, largestBurst));
    }

    private long largestBurst() {
        return TokenBucketState.mostUnits(tickMicros, rate) / unit;
    }

    @Override
    public Algorithm algorithm() {
        return algorithm;
    }

    @Override
    public long permits() {
        return permits;
    }

    @Override
    public Duration period() {
        return Exact.duration(periodMicros);
    }

    /** The permits at once from rest: the burst. */
    @Override
    public long capacity() {
        return burst;
    }

    /** For a store's script: the length of a tick in microseconds. */
    public long tickMicros() {
        return tickMicros;
    }

    /** For a store's script: the units that drain per tick. */
    public long rate() {
        return rate;
    }

    /** For a store's script: the units that make a permit. */
    public long unit() {
        return unit;
    }

    /** For a store's script: the period in microseconds. */
    public long periodMicros() {
        return periodMicros;
    }

    /** Whether a state is kept in these very numbers. */
    public boolean keeps(TokenBucketState bucket) {
        return bucket.unit() == unit && bucket.rate() == rate && bucket.tickMicros() == tickMicros;
    }

    /**
     * The same use, to be changed in place by this limit. Null if that would not do as {@link #advance} and
     * {@link #charge} do: if it is kept in other numbers, if permits are leased, if a caller's timestamp has moved it,
     * or if it is further ahead of the clock than is believed.
     *
     * @return {@code kept} itself if it is a tally of this limit
     */
    public @Nullable TokenBucketTally tally(Usage kept, long nowMicros) {
        TokenBucketTally tally =
                kept instanceof TokenBucketTally already && already.limit() == this ? already : tally(kept.asState());
        return tally != null && tally.atMicros() - nowMicros <= periodMicros ? tally : null;
    }

    private @Nullable TokenBucketTally tally(State state) {
        return state instanceof TokenBucketState bucket && keeps(bucket) && bucket.held() == OutstandingLeases.NONE
                ? new TokenBucketTally(this, bucket.used(), bucket.atMicros())
                : null;
    }

    /**
     * {@inheritDoc}
     *
     * <p>A bucket that was charged at a lower rate than this limit's, and fits its burst, drains at this limit's rate:
     * where a rate is raised, no client waits as long as before. Not so where the bucket or this limit counts in coarse
     * ticks: within a tick it does not show when it was charged, and would drain too early or too late.
     */
    @Override
    public State advance(@Nullable State state, long nowMicros) {
        if (state == null || state.isEmpty()) {
            return state(0, nowMicros);
        }
        State believed = state.believed(nowMicros, periodMicros);
        if (believed instanceof TokenBucketState bucket && drainsFasterThan(bucket) && fits(bucket)) {
            return converted(bucket, bucket.atMicros()).drained(nowMicros);
        }
        return believed.drained(nowMicros);
    }

    /**
     * Whether this limit drains a bucket faster than the bucket's own numbers do, and may. Not in coarse ticks: in
     * those of the bucket it does not show when it was charged; in those of this limit it would drain later than by its
     * own numbers.
     */
    private boolean drainsFasterThan(TokenBucketState bucket) {
        return tickMicros == 1
                && bucket.tickMicros() == 1
                && (double) rate / unit > (double) bucket.rate() / bucket.unit();
    }

    private boolean fits(TokenBucketState bucket) {
        return ceilDiv(bucket.used(), bucket.unit()) <= burst;
    }

    /**
     * In the numbers of this limit, whose burst it fits. The part of a tick that has passed by {@code atMicros} is
     * forfeit.
     */
    private TokenBucketState converted(TokenBucketState from, long atMicros) {
        long used = unitsOf(from.used() / from.unit(), from.used() % from.unit(), from.unit());
        return new TokenBucketState(tickMicros, rate, unit, used, Math.max(from.atMicros(), atMicros), from.held());
    }

    /** Permits and {@code rest / ofUnit} of one, in units, rounded up and at most a bucket full. */
    private long unitsOf(long wholePermits, long rest, long ofUnit) {
        if (wholePermits >= burst) {
            return burst * unit;
        }
        // Where the product would leave the exact range, the fraction counts as a whole permit: too much, never too
        // little.
        long fraction = rest == 0 || Exact.fits(rest, unit) ? ceilDiv(rest * unit, ofUnit) : unit;
        return wholePermits * unit + fraction;
    }

    private TokenBucketState state(long used, long atMicros) {
        return new TokenBucketState(tickMicros, rate, unit, used, atMicros);
    }

    @Override
    public State charge(State advanced, long nowMicros, long cost) {
        TokenBucketState own = own(advanced, nowMicros);
        return own.using(own.used() + cost * unit, own.held());
    }

    private TokenBucketState own(State advanced, long nowMicros) {
        if (!(advanced instanceof TokenBucketState bucket)) {
            return state(unitsOf(advanced.permitsUsed(nowMicros), 0, 1), nowMicros);
        }
        return keeps(bucket) ? bucket : converted(bucket, nowMicros);
    }

    @Override
    public TokenBucket share(int instances) {
        // A period that is longer, not permits that are fewer: 1 per second among 3 is exactly 1 per 3 seconds.
        return new TokenBucket(algorithm, permits, periodMicros * instances, ceilDiv(burst, instances), tickMicros);
    }

    @Override
    public State leaving(long remaining, long nowMicros) {
        return state((burst - Math.min(remaining, burst)) * unit, nowMicros);
    }

    /**
     * No less than what is in use, where all that is known is how long until nothing is.
     *
     * @param resetAfterMicros as {@link #resetAfterMicros} says
     */
    public State emptyAfter(long resetAfterMicros, long nowMicros) {
        long ticks = ceilDiv(resetAfterMicros, tickMicros);
        return state(Math.min(ticks, TokenBucketState.mostUnits(tickMicros, rate) / rate) * rate, nowMicros);
    }

    /**
     * A charge lifts the meter, and drains with it. How much of it has drained cannot be distinguished from the rest,
     * so it is taken to have drained alone, and first: each tick that began since, whole or not. Where others kept the
     * meter from running empty, that gives back too little. What is leased stays in use.
     */
    @Override
    public State without(State stored, long cost, long chargedAtMicros, long nowMicros) {
        long ticks = ceilDiv(nowMicros - chargedAtMicros, tickMicros);
        boolean hasDrained = ticks >= ceilDiv(cost * unit, rate);
        if (hasDrained || !(stored instanceof TokenBucketState bucket) || !keeps(bucket)) {
            return stored;
        }
        TokenBucketState drained = bucket.drained(nowMicros);
        long left = Math.max(0, drained.used() - (cost * unit - ticks * rate));
        return drained.usingHeld(left, drained.held());
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TokenBucket that
                && algorithm == that.algorithm
                && permits == that.permits
                && periodMicros == that.periodMicros
                && burst == that.burst;
    }

    @Override
    public int hashCode() {
        return Objects.hash(algorithm, permits, periodMicros, burst);
    }

    /** For instance {@code token-bucket 100 per PT1S, burst 150}. */
    @Override
    public String toString() {
        return "%s %d per %s, burst %d".formatted(algorithm, permits, period(), burst);
    }
}
