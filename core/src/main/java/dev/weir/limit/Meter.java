package dev.weir.limit;

import org.jspecify.annotations.Nullable;

/**
 * How the use of a limit is counted: a {@link Limit} with the pure steps that a store takes. An application needs none
 * of them.
 *
 * <p>A meter is immutable and holds no usage. What a client has used is a {@link State}; the steps take one and return
 * another, so a store can judge every limit of a request before it charges any:
 *
 * <pre>{@code
 * Meter meter = limit.meter();
 * State now = meter.advance(stored, nowMicros);       // what the clock gave back
 * if (cost <= meter.remaining(now, nowMicros)) {      // judge
 *     stored = meter.charge(now, nowMicros, cost);    // commit
 * }
 * }</pre>
 *
 * <h2>What if the numbers change?</h2>
 *
 * A state is kept in the numbers of the limit that charged it last. Another limit <em>judges</em> it as it is, and
 * takes it over into its own numbers only when it charges a permit. Three things follow, for any mixture of limits on
 * one client:
 *
 * <ul>
 *   <li>A refused request changes nothing, so it frees nothing.
 *   <li>After each charge, what is in use fits the burst of the limit that charged; and it drains at the rate of a
 *       limit in use. So token buckets together admit at most the largest burst and the largest rate times t over any
 *       interval.
 *   <li>A limit whose burst is smaller than what is in use refuses until that has drained by its own numbers: no client
 *       waits longer than its old use takes to drain, and as long as the new limit asks for.
 * </ul>
 *
 * <p>All arithmetic is on whole numbers, without rounding. Every number stays within {@link #EXACT}, because the same
 * steps run in Redis, whose scripts compute with doubles; a limit that would leave that range cannot be made.
 *
 * <p>The hierarchy is sealed: an algorithm is only complete together with its twin in the script of each store.
 */
public sealed interface Meter extends Limit permits TokenBucket, FixedWindow, SlidingWindow, SlidingLog {

    /** This meter itself: each limit is its own. */
    @Override
    default Meter meter() {
        return this;
    }

    /**
     * What is used at {@code nowMicros}, given what was used when {@code state} was written.
     *
     * <p>A state that was written under other numbers, or by another algorithm, stays in these: it is advanced by them.
     * Time does not go back: a state from the future is believed for one period; one further ahead comes from a clock
     * that was wrong, and goes on from {@code nowMicros}. A store keeps a state {@linkplain State#believed so
     * corrected} even if it then refuses, or the next call would start over from the old one. Otherwise a refusal
     * leaves no trace.
     *
     * @param state what the store holds; {@code null}, or one with nothing in use, is a client with its whole limit
     * @param nowMicros the store's time, microseconds since the epoch
     */
    State advance(@Nullable State state, long nowMicros);

    /**
     * The permits that can be taken now, given a state {@linkplain #advance advanced} to {@code nowMicros}; never
     * negative.
     */
    default long remaining(State advanced, long nowMicros) {
        return Math.max(0, capacity() - advanced.permitsUsed(nowMicros));
    }

    /**
     * The state after taking {@code cost} permits, of which there must be {@linkplain #remaining enough}: in the
     * numbers of this limit from now on, use rounded up.
     */
    State charge(State advanced, long nowMicros, long cost);

    /**
     * The state after {@code cost} permits that were admitted elsewhere: all of them are in use from now on, also
     * beyond the {@link #capacity()}, up to what can be counted exactly. What fits is {@linkplain #charge charged} as
     * ever; the rest is in use by the numbers in which the state is kept then.
     */
    default State owing(State advanced, long nowMicros, long cost) {
        long fits = Math.min(cost, remaining(advanced, nowMicros));
        State charged = fits == 0 ? advanced : charge(advanced, nowMicros, fits);
        return fits == cost ? charged : charged.owing(cost - fits);
    }

    /**
     * Microseconds until {@code cost} permits, at most {@link #capacity()}, can be taken if no other request takes any
     * before; 0 if they can now.
     */
    default long retryAfterMicros(State advanced, long nowMicros, long cost) {
        return advanced.fitsAfterMicros(capacity() - cost, nowMicros);
    }

    /** Microseconds until the client has its whole limit again and its state can be forgotten; 0 if it has. */
    default long resetAfterMicros(State advanced, long nowMicros) {
        return advanced.fitsAfterMicros(0, nowMicros);
    }

    /**
     * This limit divided among {@code instances} that cannot talk to each other: so that together they permit as much
     * as this limit does, but for what rounding each part up to a whole permit adds (at most {@code instances - 1}
     * permits of burst, or per window).
     *
     * @param instances at least 1
     */
    Meter share(int instances);

    /** The state of a client that has {@code remaining} permits left at {@code nowMicros}. */
    State leaving(long remaining, long nowMicros);

    /**
     * What is left of {@code stored} when a charge of it is given back: never less than if that charge had never been
     * made, as long as the client's numbers have stayed the same since the charge.
     *
     * <p>Only a charge that still stands in the state under these very numbers can be distinguished from what came
     * after. Any other state stays as it is, and so does every state if the clock shows less than it did at the charge
     * or at the state's last change: then what time has given back meanwhile cannot be known. Nor is anything given
     * back to a state that a caller's timestamp has moved. Permits may be lost by that, but none is created.
     *
     * @param stored what the store holds
     * @param cost what was charged under this limit
     * @param chargedAtMicros when, on the store's clock
     * @param nowMicros the store's time, microseconds since the epoch
     */
    default State givenBack(State stored, long cost, long chargedAtMicros, long nowMicros) {
        boolean clockWentBack = chargedAtMicros > nowMicros || stored.atMicros() > nowMicros;
        return clockWentBack || stored instanceof StampedState
                ? stored
                : without(stored, cost, chargedAtMicros, nowMicros);
    }

    /** As {@link #givenBack}, on a clock that has not gone back. */
    State without(State stored, long cost, long chargedAtMicros, long nowMicros);
}
