package dev.weir.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Exact;
import dev.weir.limit.FixedWindow;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import dev.weir.limit.SlidingLog;
import dev.weir.limit.SlidingWindow;
import dev.weir.limit.TokenBucket;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * Random histories of one client against a {@link NaiveTokenBucket}, a {@link NaiveFixedWindow} and a
 * {@link NaiveSliding}: with costs of all sizes, limits that change in flight, and a clock that stands still, leaps and
 * goes back. To run them on a store, extend this class; annotate it with {@code @PropertyDefaults(tries = ...)} where
 * the store is slow.
 *
 * <p>The histories share one store, each with a client of its own. They are run by jqwik, which knows none of Jupiter's
 * extensions and callbacks: keep the store in a static field.
 */
public abstract class StoreHistories {

    private static final AtomicLong CLIENTS = new AtomicLong();
    private static final List<Long> PERIODS_MICROS =
            List.of(1_000L, 7_000L, 1_000_000L, 1_000_003L, 60_000_000L, 3_600_000_000L);
    /** Counted in ticks of a millisecond or a second. */
    private static final List<TokenBucket> COARSE_BUCKETS = List.of(
            Limit.tokenBucket(1_234_567, Duration.ofDays(1)),
            Limit.tokenBucket(123_456_791, Duration.ofDays(1)),
            Limit.tokenBucket(9_973, Duration.ofDays(30)),
            Limit.tokenBucket(9_000_000_000_007L, Duration.ofDays(366), 300),
            Limit.tokenBucket(8_000_000_003L, Duration.ofDays(366), 300_000));

    /** The store under test. */
    protected abstract Store store();

    /** Sets the clock by which the store decides. */
    protected abstract void setNowMicros(long nowMicros);

    /** Forgets what is over by the store's clock, if the store does not do so by itself when the test sets the time. */
    protected void forget() {}

    /** How the clock moves before a request. */
    enum Move {
        STAY,
        FORWARD,
        TO_RETRY,
        JUST_BEFORE_RETRY,
        BACK,
        FAR_BACK,
        FAR_AHEAD;

        long micros(Limit limit, int permille, long retryAfterMicros) {
            long periodMicros = Exact.micros(limit.period());
            return switch (this) {
                case STAY -> 0;
                case FORWARD -> 3 * (periodMicros / limit.permits()) * permille / 1_000 + permille % 3;
                case TO_RETRY -> retryAfterMicros;
                case JUST_BEFORE_RETRY -> Math.max(0, retryAfterMicros - 1);
                case BACK -> -(periodMicros / 1_000 * permille);
                case FAR_BACK -> -(periodMicros + periodMicros / 100 * permille);
                case FAR_AHEAD -> periodMicros + periodMicros / 100 * permille;
            };
        }
    }

    /** A request in terms of whatever limit is in force. */
    record Step(Move move, int movePermille, int costPermille, int limitIndex) {

        long cost(Limit limit) {
            return 1 + (limit.capacity() - 1) * costPermille / 1_000;
        }
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void tryAcquire_tokenBucket_asTheNaiveOneDecides(
            @ForAll("buckets") TokenBucket limit, @ForAll("origins") long origin, @ForAll("steps") List<Step> steps) {
        NaiveTokenBucket naive = new NaiveTokenBucket(List.of(limit));
        Client client = new Client(origin);
        for (Step step : steps) {
            client.move(step, limit);
            long cost = step.cost(limit);

            Decision decision = client.take(limit, cost);

            assertThat(decision)
                    .as("%s at %d", step, client.nowMicros)
                    .isEqualTo(naive.decide(limit, client.nowMicros, cost));
            naive.remember(new NaiveTokenBucket.Request(limit, client.nowMicros, cost, decision.permitted()));
        }
    }

    /** Rounding use up, and forfeiting the part of a coarse tick, may cost a client permits, but never give it one. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void tryAcquire_tokenBucketChangesInFlight_withinTheEnvelopeAndHardlyLate(
            @ForAll("changes") List<TokenBucket> limits,
            @ForAll("origins") long origin,
            @ForAll("forwardSteps") List<Step> steps) {
        NaiveTokenBucket naive = new NaiveTokenBucket(limits);
        NaiveTokenBucket late = new NaiveTokenBucket(limits);
        Client client = new Client(origin);
        TokenBucket before = limits.get(0);
        long forfeited = 0;
        for (Step step : steps) {
            TokenBucket limit = limits.get(step.limitIndex % limits.size());
            client.move(step, limit);
            long cost = step.cost(limit);
            forfeited += limit.equals(before) ? 0 : 1 + permitsPerTick(before);
            long slack = forfeited + permitsPerTick(limit);

            boolean permitted = client.take(limit, cost).permitted();

            if (permitted) {
                assertThat(naive.decide(limit, client.nowMicros, cost).permitted())
                        .as("%s permitted at %d", step, client.nowMicros)
                        .isTrue();
            } else {
                assertThat(late.decide(limit, client.nowMicros, cost, slack).permitted())
                        .as("%s refused at %d", step, client.nowMicros)
                        .isFalse();
            }
            naive.remember(new NaiveTokenBucket.Request(limit, client.nowMicros, cost, permitted));
            late.remember(new NaiveTokenBucket.Request(limit, client.nowMicros, cost, permitted, slack));
            before = limit;
        }
        assertThat(naive.leastEverLeft()).isNotNegative();
    }

    /**
     * Two clients make the same requests of any mixture of limits, but one leaves out those that are refused: all else
     * is the same to the letter. So a refused request frees nothing, and takes nothing.
     */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void tryAcquire_withAndWithoutTheRefusedOnes_theSame(
            @ForAll("anyChanges") List<Limit> limits,
            @ForAll("origins") long origin,
            @ForAll("forwardSteps") List<Step> steps) {
        Client all = new Client(origin);
        Client withoutRefused = new Client(origin);
        for (Step step : steps) {
            Limit limit = limits.get(step.limitIndex % limits.size());
            all.move(step, limit);
            withoutRefused.nowMicros = all.nowMicros;
            long cost = step.cost(limit);
            Decision decision = all.take(limit, cost);
            if (decision.permitted()) {
                assertThat(withoutRefused.take(limit, cost)).as("%s", step).isEqualTo(decision);
            }
        }
    }

    /**
     * What any mixture of limits admits is no more than each of them would by itself; and no request waits for more
     * than that.
     */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void tryAcquire_anyMixtureOfLimits_withinAllOfThemAndOutForNoLongerThanTheUseIsOld(
            @ForAll("anyChanges") List<Limit> limits,
            @ForAll("origins") long origin,
            @ForAll("forwardSteps") List<Step> steps) {
        Client client = new Client(origin);
        List<NaiveTimeline.Admitted> admitted = new ArrayList<>();
        for (Step step : steps) {
            Limit limit = limits.get(step.limitIndex % limits.size());
            client.move(step, limit);
            long cost = step.cost(limit);
            Decision decision = client.take(limit, cost);
            if (decision instanceof Rejected rejected) {
                assertThat(rejected.retryAfterMicros()).as("%s", step).isLessThanOrEqualTo(rejected.resetAfterMicros());
            } else {
                admitted.add(new NaiveTimeline.Admitted(client.nowMicros, client.nowMicros, cost));
            }
            long longest = limits.stream()
                    .mapToLong(StoreHistories::wholeAgainMicros)
                    .max()
                    .orElseThrow();
            assertThat(decision.resetAfterMicros()).as("%s", step).isLessThanOrEqualTo(longest);
        }
        assertWithinAll(limits, admitted);
    }

    /** The longest that a limit takes to be whole again. */
    private static long wholeAgainMicros(Limit limit) {
        long periodMicros = Exact.micros(limit.period());
        return switch (limit.algorithm()) {
            case TOKEN_BUCKET, LEAKY_BUCKET ->
                (long) ((double) limit.capacity() / limit.permits() * periodMicros) + 1_000_000;
            case SLIDING_WINDOW -> 2 * periodMicros;
            case FIXED_WINDOW, SLIDING_LOG -> periodMicros;
        };
    }

    /** A window can open twice within any time, however short: so each counts as a burst, beside its rate. */
    private static void assertWithinAll(List<Limit> limits, List<NaiveTimeline.Admitted> admitted) {
        long burst = limits.stream().mapToLong(Limit::capacity).max().orElseThrow();
        long windows = limits.stream()
                .distinct()
                .filter(limit -> !(limit instanceof TokenBucket))
                .mapToLong(Limit::capacity)
                .sum();
        double perMicro = limits.stream()
                .distinct()
                .mapToDouble(limit -> (double) limit.permits() / Exact.micros(limit.period()))
                .sum();
        for (int first = 0; first < admitted.size(); first++) {
            long cost = 0;
            for (int i = first; i < admitted.size(); i++) {
                cost += admitted.get(i).cost();
                long micros = admitted.get(i).nowMicros() - admitted.get(first).nowMicros();
                assertThat((double) cost)
                        .as("from %d to %d of %s", first, i, admitted)
                        .isLessThanOrEqualTo(burst + windows + perMicro * micros + 1e-6);
            }
        }
    }

    /** A request at some part of a tick, for some part of what is left. */
    record CoarseStep(int movePermille, boolean toRetry, Portion portion) {}

    enum Portion {
        ONE,
        HALF_A_TICKS,
        A_TICKS,
        ALL_BUT_ONE,
        ALL;

        long of(TokenBucket limit, long left) {
            long cost = switch (this) {
                case ONE -> 1;
                case HALF_A_TICKS -> permitsPerTick(limit) / 2;
                case A_TICKS -> permitsPerTick(limit);
                case ALL_BUT_ONE -> left - 1;
                case ALL -> left;
            };
            return Math.max(1, Math.min(cost, limit.capacity()));
        }
    }

    /**
     * Coarse ticks against a bucket that knows of none: never early, over every interval, to the microsecond; and less
     * than a tick late.
     */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void tryAcquire_coarseTicks_withinTheEnvelopeAndLessThanATickLate(
            @ForAll("coarseBuckets") TokenBucket limit,
            @ForAll("origins") long origin,
            @ForAll("coarseSteps") List<CoarseStep> steps) {
        NaiveTokenBucket naive = new NaiveTokenBucket(List.of(limit));
        Client client = new Client(origin);
        for (CoarseStep step : steps) {
            client.nowMicros += step.toRetry ? client.retryAfterMicros : limit.tickMicros() * step.movePermille / 1_000;
            long cost = step.portion.of(limit, client.left(limit));

            boolean permitted = client.take(limit, cost).permitted();

            boolean mayPass = naive.decide(limit, client.nowMicros, cost).permitted();
            boolean mustPass = naive.decide(limit, client.nowMicros, cost + permitsPerTick(limit))
                    .permitted();
            assertThat(permitted).as("%s at %d", step, client.nowMicros).isIn(mustPass, mayPass);
            naive.remember(new NaiveTokenBucket.Request(limit, client.nowMicros, cost, permitted));
        }
        assertThat(naive.leastEverLeft()).isNotNegative();
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void tryAcquire_refusedAfterAnyHistory_passesWhenDueAndNotBefore(
            @ForAll("anyChanges") List<Limit> limits,
            @ForAll("origins") long origin,
            @ForAll("steps") List<Step> steps) {
        Client client = new Client(origin);
        for (Step step : steps) {
            Limit limit = limits.get(step.limitIndex % limits.size());
            client.move(step, limit);
            long cost = step.cost(limit);
            if (client.take(limit, cost) instanceof Rejected refused) {
                client.nowMicros += refused.retryAfterMicros() - 1;
                assertThat(client.take(limit, cost).permitted())
                        .as("early: %s", step)
                        .isFalse();
                client.nowMicros++;
                assertThat(client.take(limit, cost).permitted())
                        .as("due: %s", step)
                        .isTrue();
                // At worst the clock was set back by the longest period, and all that is in use drains by the slowest
                // numbers.
                long aheadMicros = largest(limits, each -> Exact.micros(each.period()));
                long drainMicros = largest(limits, StoreHistories::wholeAgainMicros);
                assertThat(refused.retryAfterMicros()).isLessThanOrEqualTo(aheadMicros + drainMicros);
            }
        }
    }

    private static long largest(List<Limit> limits, ToLongFunction<Limit> of) {
        return limits.stream().mapToLong(of).max().orElseThrow();
    }

    /**
     * The wait is stated in the caller's own time, whatever it is before or behind; other limits and a clock that leaps
     * included.
     */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void tryAcquire_refusedWithTimestampAfterAnyHistory_passesWhenDue(
            @ForAll("anyChanges") List<Limit> limits,
            @ForAll("origins") long origin,
            @ForAll("stampedSteps") List<Stamped> steps) {
        Bounds bounds = new Bounds(86_400_000_000L, 60_000_000);
        Client client = new Client(origin);
        for (Stamped stamped : steps) {
            Limit limit = limits.get(stamped.step.limitIndex % limits.size());
            client.move(stamped.step, limit);
            long cost = stamped.step.cost(limit);
            Timestamp at = stamped.timestamp(bounds, client.nowMicros, client.nowMicros, 0);
            if (client.take(limit, cost, at) instanceof Rejected refused && refused.reason() == Reason.LIMIT) {
                client.nowMicros += refused.retryAfterMicros();
                Timestamp due = at == null ? null : later(at, refused.retryAfterMicros());
                assertThat(client.take(limit, cost, due).permitted())
                        .as("due: %s", stamped)
                        .isTrue();
            } else {
                client.retryAfterMicros = 0;
            }
        }
    }

    private static Timestamp later(Timestamp at, long micros) {
        return new Timestamp(at.atMicros() + micros, at.maxAgeMicros(), at.maxSkewMicros());
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void tryAcquire_fixedWindow_asTheNaiveOneDecides(
            @ForAll("windows") List<FixedWindow> limits,
            @ForAll("origins") long origin,
            @ForAll("steps") List<Step> steps) {
        NaiveFixedWindow naive = new NaiveFixedWindow(limits.get(0).periodMicros());
        Client client = new Client(origin);
        for (Step step : steps) {
            FixedWindow limit = limits.get(step.limitIndex % limits.size());
            client.move(step, limit);
            long cost = step.cost(limit);

            assertThat(client.take(limit, cost))
                    .as("%s at %d", step, client.nowMicros)
                    .isEqualTo(naive.decide(limit, client.nowMicros, cost));
        }
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void tryAcquire_slidingWindowOrLog_asTheNaiveOneDecides(
            @ForAll("sliding") List<Limit> limits,
            @ForAll("origins") long origin,
            @ForAll("forwardSteps") List<Step> steps) {
        NaiveSliding naive = new NaiveSliding();
        Client client = new Client(origin);
        for (Step step : steps) {
            Limit limit = limits.get(step.limitIndex % limits.size());
            client.move(step, limit);
            long cost = step.cost(limit);

            assertThat(client.take(limit, cost))
                    .as("%s at %d", step, client.nowMicros)
                    .isEqualTo(naive.decide(limit, client.nowMicros, cost));
        }
        Limit first = limits.get(0);
        long largest = limits.stream().mapToLong(Limit::permits).max().orElseThrow();
        long bound = first instanceof SlidingLog ? largest : 2 * largest - 1;
        assertThat(naive.mostWithin(Exact.micros(first.period()))).isLessThanOrEqualTo(bound);
    }

    /**
     * Two clients ask the same. One now and then also takes permits that it gives back later, while others come and go;
     * what it keeps, the other one gets too. So giving back has never created a permit, as long as the limit stays the
     * same.
     */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void giveBack_onAClockThatGoesOn_neverBetterOffThanNeverCharged(
            @ForAll("anyFine") Limit limit,
            @ForAll("origins") long origin,
            @ForAll("forwardSteps") List<Step> steps,
            @ForAll("fates") List<Fate> fates) {
        Client returning = new Client(origin);
        Client never = new Client(origin);
        Deque<Charged> held = new ArrayDeque<>();
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            returning.move(step, limit);
            never.nowMicros = returning.nowMicros;
            long cost = step.cost(limit);
            switch (fates.get(i % fates.size())) {
                case KEPT -> {
                    if (returning.take(limit, cost).permitted()) {
                        assertThat(never.take(limit, cost).permitted())
                                .as("%s", step)
                                .isTrue();
                    }
                }
                case HELD -> {
                    if (returning.take(limit, cost).permitted()) {
                        held.add(new Charged(limit, cost, returning.decidedAtMicros));
                    }
                }
                case GIVEN_BACK_OLDEST -> returning.giveBack(held.pollFirst());
                case GIVEN_BACK_LATEST -> returning.giveBack(held.pollLast());
            }
            assertThat(returning.left(limit)).as("%s", step).isLessThanOrEqualTo(never.left(limit));
        }
    }

    /** What is kept stays within the envelope, whatever was taken and given back in between, under whatever limits. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void giveBack_tokenBucket_keptWithinTheEnvelope(
            @ForAll("changes") List<TokenBucket> limits,
            @ForAll("origins") long origin,
            @ForAll("forwardSteps") List<Step> steps,
            @ForAll("fates") List<Fate> fates) {
        NaiveTokenBucket naive = new NaiveTokenBucket(limits);
        Client client = new Client(origin);
        Deque<Charged> held = new ArrayDeque<>();
        for (int i = 0; i < steps.size(); i++) {
            Step step = steps.get(i);
            TokenBucket limit = limits.get(step.limitIndex % limits.size());
            client.move(step, limit);
            Fate fate = fates.get(i % fates.size());
            if (fate == Fate.GIVEN_BACK_OLDEST || fate == Fate.GIVEN_BACK_LATEST) {
                client.giveBack(held.poll());
                continue;
            }
            long cost = step.cost(limit);
            boolean permitted = client.take(limit, cost).permitted();
            if (permitted && fate == Fate.HELD) {
                held.add(new Charged(limit, cost, client.decidedAtMicros));
            }
            naive.remember(new NaiveTokenBucket.Request(limit, client.nowMicros, cost, permitted && fate == Fate.KEPT));
        }
        assertThat(naive.isEmpty() || naive.leastEverLeft().signum() >= 0).isTrue();
    }

    /** Under the limit that was charged, whatever the clock and other limits do meanwhile. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void giveBack_afterAnyHistory_atMostWhatWasTaken(
            @ForAll("anyChanges") List<Limit> limits,
            @ForAll("origins") long origin,
            @ForAll("steps") List<Step> steps) {
        Client client = new Client(origin);
        Charged held = null;
        for (Step step : steps) {
            Limit limit = limits.get(step.limitIndex % limits.size());
            client.move(step, limit);
            long cost = step.cost(limit);
            if (client.take(limit, cost).permitted() && held == null) {
                held = new Charged(limit, cost, client.decidedAtMicros);
            } else if (held != null) {
                long before = client.left(held.limit);
                client.giveBack(held);
                assertThat(client.left(held.limit)).as("%s", step).isBetween(before, before + held.cost);
                held = null;
            }
        }
    }

    /** What fits is owed as if it were taken: two clients, of which one takes and the other owes, never differ. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void owe_whatFits_asIfTaken(
            @ForAll("anyChanges") List<Limit> limits,
            @ForAll("origins") long origin,
            @ForAll("steps") List<Step> steps) {
        Client taking = new Client(origin);
        Client owing = new Client(origin);
        for (Step step : steps) {
            Limit limit = limits.get(step.limitIndex % limits.size());
            taking.move(step, limit);
            owing.nowMicros = taking.nowMicros;
            long cost = step.cost(limit);
            if (taking.take(limit, cost).permitted()) {
                owing.owe(limit, cost);
            } else {
                assertThat(owing.take(limit, cost).permitted()).as("%s", step).isFalse();
            }
            assertThat(owing.left(limit)).as("%s", step).isEqualTo(taking.left(limit));
        }
    }

    /** Some is taken and some owed, whatever is left: a meter of one line shows the same. */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void owe_tokenBucket_asOneMeterCounts(
            @ForAll("buckets") TokenBucket limit,
            @ForAll("origins") long origin,
            @ForAll("forwardSteps") List<Step> steps) {
        Client client = new Client(origin);
        long periodMicros = limit.periodMicros();
        long units = 0; // In use: a permit is as many as the period has microseconds.
        long atMicros = origin;
        for (Step step : steps) {
            client.move(step, limit);
            long cost = step.cost(limit);
            units = Math.max(0, units - limit.permits() * (client.nowMicros - atMicros));
            atMicros = client.nowMicros;
            boolean fits = units + cost * periodMicros <= limit.capacity() * periodMicros;
            boolean isOwed = step.costPermille % 2 == 0;
            if (isOwed) {
                client.owe(limit, cost);
            } else {
                assertThat(client.take(limit, cost).permitted()).as("%s", step).isEqualTo(fits);
            }
            units += isOwed || fits ? cost * periodMicros : 0;
            assertThat(client.left(limit))
                    .as("%s", step)
                    .isEqualTo(Math.max(0, limit.capacity() - Exact.ceilDiv(units, periodMicros)));
        }
    }

    /** What becomes of a charge. */
    enum Fate {
        KEPT,
        HELD,
        GIVEN_BACK_OLDEST,
        GIVEN_BACK_LATEST
    }

    /** A charge that may yet be given back. */
    private record Charged(Limit limit, long cost, long atMicros) {}

    @Provide
    static Arbitrary<List<Fate>> fates() {
        return Arbitraries.of(Fate.values()).list().ofMinSize(1).ofMaxSize(40);
    }

    /** Where a caller's timestamp lies, as seen from the store's clock. */
    enum At {
        NONE,
        CLOCK,
        LAST,
        LAST_RETRY,
        OLD,
        OLDEST,
        TOO_OLD,
        AHEAD,
        FURTHEST_AHEAD,
        TOO_FAR_AHEAD
    }

    /** A request that may have a timestamp. */
    record Stamped(Step step, At at, int atPermille) {

        @Nullable Timestamp timestamp(Bounds bounds, long clockMicros, long lastMicros, long retryAfterMicros) {
            long micros = switch (at) {
                case NONE -> -1;
                case CLOCK -> clockMicros;
                case LAST -> lastMicros;
                case LAST_RETRY -> lastMicros + retryAfterMicros;
                case OLD -> clockMicros - bounds.maxAgeMicros / 1_000 * atPermille;
                case OLDEST -> clockMicros - bounds.maxAgeMicros;
                case TOO_OLD -> clockMicros - bounds.maxAgeMicros - 1;
                case AHEAD -> clockMicros + bounds.maxSkewMicros / 1_000 * atPermille;
                case FURTHEST_AHEAD -> clockMicros + bounds.maxSkewMicros;
                case TOO_FAR_AHEAD -> clockMicros + bounds.maxSkewMicros + 1;
            };
            return at == At.NONE ? null : new Timestamp(micros, bounds.maxAgeMicros, bounds.maxSkewMicros);
        }
    }

    /** How far from the clock timestamps may be. */
    record Bounds(long maxAgeMicros, long maxSkewMicros) {}

    /**
     * Clocks that leap and go back, where the naive limits can follow. Every request is judged: a store may forget what
     * is over by a clock that was wrong, and then no two stores are alike.
     */
    @Property(edgeCases = EdgeCasesMode.NONE)
    void tryAcquire_timestampsAndLeapingClock_asTheNaiveOneDecides(
            @ForAll("bucketOrWindow") Limit limit,
            @ForAll("origins") long origin,
            @ForAll("bounds") Bounds bounds,
            @ForAll("stampedSteps") List<Stamped> steps) {
        assertAsNaive(limit, origin, bounds, steps, false);
    }

    @Property(edgeCases = EdgeCasesMode.NONE)
    void tryAcquire_timestamps_asTheNaiveOneDecidesAndWithinTheEnvelope(
            @ForAll("any") Limit limit,
            @ForAll("origins") long origin,
            @ForAll("bounds") Bounds bounds,
            @ForAll("forwardStampedSteps") List<Stamped> steps) {
        List<NaiveTimeline.Admitted> admitted = assertAsNaive(limit, origin, bounds, steps, true);
        if (limit instanceof TokenBucket bucket) {
            assertWithinTheEnvelope(bucket, bounds, steps, admitted);
        } else {
            assertWithinPeriods(limit, steps, admitted);
        }
    }

    private List<NaiveTimeline.Admitted> assertAsNaive(
            Limit limit, long origin, Bounds bounds, List<Stamped> steps, boolean goesForward) {
        NaiveTimeline naive = new NaiveTimeline(limit, () -> naive(limit));
        Client client = new Client(origin);
        long lastMicros = origin;
        for (Stamped stamped : steps) {
            client.move(stamped.step, limit);
            long clockMicros = client.nowMicros;
            Timestamp at = stamped.timestamp(bounds, clockMicros, lastMicros, client.retryAfterMicros);
            boolean isFuture = at != null && at.atMicros() > clockMicros + bounds.maxSkewMicros;
            boolean isStale = at != null && at.atMicros() < clockMicros - bounds.maxAgeMicros;
            if (goesForward) {
                setNowMicros(clockMicros);
                forget();
            } else if (isFuture || isStale) {
                at = null;
            }
            long cost = stamped.step.cost(limit);

            Decision decision = client.take(limit, cost, at);

            if (goesForward && (isFuture || isStale)) {
                long wait = isStale ? Rejected.NEVER : at.atMicros() - bounds.maxSkewMicros - clockMicros;
                assertThat(decision.reason()).isEqualTo(isStale ? Reason.STALE : Reason.FUTURE);
                assertThat(((Rejected) decision).retryAfterMicros()).isEqualTo(wait);
                client.retryAfterMicros = 0;
            } else {
                assertThat(decision)
                        .as("%s at %d, %s", stamped, clockMicros, at)
                        .isEqualTo(naive.decide(clockMicros, at, cost));
                lastMicros = at == null ? clockMicros : at.atMicros();
            }
        }
        return naive.admitted();
    }

    private static NaiveTimeline.NaiveLimit naive(Limit limit) {
        if (limit instanceof TokenBucket bucket) {
            NaiveTokenBucket naive = new NaiveTokenBucket(List.of(bucket));
            return (nowMicros, cost) -> {
                Decision decision = naive.decide(bucket, nowMicros, cost);
                naive.remember(new NaiveTokenBucket.Request(bucket, nowMicros, cost, decision.permitted()));
                return decision;
            };
        }
        if (limit instanceof FixedWindow window) {
            NaiveFixedWindow naive = new NaiveFixedWindow(window.periodMicros());
            return (nowMicros, cost) -> naive.decide(window, nowMicros, cost);
        }
        NaiveSliding naive = new NaiveSliding();
        return (nowMicros, cost) -> naive.decide(limit, nowMicros, cost);
    }

    /**
     * By the store's clock, over any t: burst + rate &middot; (t + max-age + max-skew), of which max-age is for
     * timestamps of the past alone; and in the time that counts, as long as it is all callers', exactly burst + rate
     * &middot; t.
     */
    private static void assertWithinTheEnvelope(
            TokenBucket limit, Bounds bounds, List<Stamped> steps, List<NaiveTimeline.Admitted> admitted) {
        boolean allStamped = steps.stream().noneMatch(step -> step.at == At.NONE);
        boolean noneOld = steps.stream()
                .allMatch(step -> Set.of(At.NONE, At.CLOCK, At.AHEAD, At.FURTHEST_AHEAD, At.TOO_FAR_AHEAD)
                        .contains(step.at));
        long looseMicros = bounds.maxSkewMicros + (noneOld ? 0 : bounds.maxAgeMicros);
        for (int first = 0; first < admitted.size(); first++) {
            BigInteger cost = BigInteger.ZERO;
            for (int i = first; i < admitted.size(); i++) {
                cost = cost.add(BigInteger.valueOf(admitted.get(i).cost()));
                long byClock =
                        admitted.get(i).clockMicros() - admitted.get(first).clockMicros();
                assertThat(cost.multiply(BigInteger.valueOf(limit.periodMicros())))
                        .as("%s from %d to %d of %s", limit, first, i, admitted)
                        .isLessThanOrEqualTo(envelope(limit, byClock + looseMicros));
                long byCallers =
                        admitted.get(i).nowMicros() - admitted.get(first).nowMicros();
                if (allStamped) {
                    assertThat(cost.multiply(BigInteger.valueOf(limit.periodMicros())))
                            .isLessThanOrEqualTo(envelope(limit, byCallers));
                }
            }
        }
    }

    /** What may be admitted over some time, times the period. */
    private static BigInteger envelope(TokenBucket limit, long micros) {
        return BigInteger.valueOf(limit.capacity())
                .multiply(BigInteger.valueOf(limit.periodMicros()))
                .add(BigInteger.valueOf(limit.permits()).multiply(BigInteger.valueOf(micros)));
    }

    /**
     * In the time that counts, windows and logs keep their promise, as long as it is all callers': what only plain
     * calls have used is forgotten as soon as it is over by the clock, and an older timestamp then finds nothing of it.
     */
    private static void assertWithinPeriods(Limit limit, List<Stamped> steps, List<NaiveTimeline.Admitted> admitted) {
        long periodMicros = Exact.micros(limit.period());
        boolean goesForward = steps.stream().noneMatch(step -> step.at == At.NONE);
        for (int i = 1; i < admitted.size(); i++) {
            goesForward &= admitted.get(i).nowMicros() >= admitted.get(i - 1).nowMicros();
        }
        if (!goesForward) {
            return;
        }
        for (NaiveTimeline.Admitted first : admitted) {
            long within = admitted.stream()
                    .filter(other -> other.nowMicros() >= first.nowMicros()
                            && other.nowMicros() < first.nowMicros() + periodMicros)
                    .mapToLong(NaiveTimeline.Admitted::cost)
                    .sum();
            assertThat(within).isLessThanOrEqualTo(limit instanceof SlidingLog ? limit.permits() : 2 * limit.permits());
        }
    }

    @Provide
    static Arbitrary<Limit> bucketOrWindow() {
        return Arbitraries.oneOf(buckets(), Arbitraries.of(PERIODS_MICROS).flatMap(StoreHistories::windows));
    }

    @Provide
    static Arbitrary<Limit> any() {
        return Arbitraries.oneOf(
                buckets(),
                buckets(),
                Arbitraries.of(PERIODS_MICROS).flatMap(StoreHistories::windows),
                slidingWindows(),
                slidingLogs());
    }

    @Provide
    static Arbitrary<Bounds> bounds() {
        return Combinators.combine(
                        Arbitraries.of(0L, 1L, 999L, 1_000L, 10_000L, 1_500_000L, 60_000_000L, 86_400_000_000L),
                        Arbitraries.of(0L, 1L, 3_000L, 2_000_000L, 5_000_000L, 60_000_000L))
                .as(Bounds::new);
    }

    @Provide
    static Arbitrary<List<Stamped>> stampedSteps() {
        return stamped(steps());
    }

    @Provide
    static Arbitrary<List<Stamped>> forwardStampedSteps() {
        return stamped(steps(Arbitraries.of(
                Move.STAY, Move.STAY, Move.FORWARD, Move.TO_RETRY, Move.JUST_BEFORE_RETRY, Move.FAR_AHEAD)));
    }

    /** Some histories have timestamps only of some kinds, because for these a narrower envelope holds. */
    private static Arbitrary<List<Stamped>> stamped(Arbitrary<List<Step>> steps) {
        Arbitrary<At> kinds = Arbitraries.of(At.class).filter(at -> at != At.NONE);
        Arbitrary<List<At>> ats = Arbitraries.oneOf(
                Arbitraries.of(At.class).list().ofSize(40),
                kinds.list().ofSize(40),
                Arbitraries.of(At.NONE, At.AHEAD, At.FURTHEST_AHEAD, At.CLOCK)
                        .list()
                        .ofSize(40));
        return Combinators.combine(
                        steps,
                        ats,
                        Arbitraries.integers().between(0, 1_000).list().ofSize(40))
                .as((all, at, permille) -> IntStream.range(0, all.size())
                        .mapToObj(i -> new Stamped(all.get(i), at.get(i), permille.get(i)))
                        .toList());
    }

    @Provide
    static Arbitrary<List<Limit>> sliding() {
        return Arbitraries.of(PERIODS_MICROS)
                .flatMap(periodMicros -> Arbitraries.<List<Limit>>oneOf(
                        slidingWindows(periodMicros)
                                .<Limit>map(limit -> limit)
                                .list()
                                .ofMinSize(1)
                                .ofMaxSize(4),
                        slidingLogs(periodMicros)
                                .<Limit>map(limit -> limit)
                                .list()
                                .ofMinSize(1)
                                .ofMaxSize(4)));
    }

    @Provide
    static Arbitrary<Long> origins() {
        return Arbitraries.longs().between(Limit.EXACT / 5, Limit.EXACT / 5 * 4);
    }

    @Provide
    static Arbitrary<List<Step>> steps() {
        return steps(Arbitraries.frequency(
                Tuple.of(3, Move.STAY),
                Tuple.of(6, Move.FORWARD),
                Tuple.of(3, Move.TO_RETRY),
                Tuple.of(3, Move.JUST_BEFORE_RETRY),
                Tuple.of(2, Move.BACK),
                Tuple.of(1, Move.FAR_BACK),
                Tuple.of(1, Move.FAR_AHEAD)));
    }

    @Provide
    static Arbitrary<List<Step>> forwardSteps() {
        return steps(Arbitraries.of(Move.STAY, Move.FORWARD, Move.TO_RETRY, Move.JUST_BEFORE_RETRY));
    }

    private static Arbitrary<List<Step>> steps(Arbitrary<Move> moves) {
        Arbitrary<Integer> permille = Arbitraries.integers().between(0, 1_000);
        Arbitrary<Integer> costs = Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.just(0)),
                Tuple.of(2, Arbitraries.integers().between(0, 300)),
                Tuple.of(1, permille));
        return Combinators.combine(
                        moves, permille, costs, Arbitraries.integers().between(0, 9))
                .as(Step::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(40);
    }

    @Provide
    static Arbitrary<TokenBucket> buckets() {
        return Combinators.combine(
                        Arbitraries.longs().between(1, 1_000),
                        Arbitraries.of(PERIODS_MICROS),
                        Arbitraries.longs().between(1, 200))
                .as((permits, periodMicros, burst) -> Limit.tokenBucket(permits, Exact.duration(periodMicros), burst));
    }

    @Provide
    static Arbitrary<List<TokenBucket>> changes() {
        return fineOrCoarseBuckets().list().ofMinSize(1).ofMaxSize(4);
    }

    @Provide
    static Arbitrary<TokenBucket> fineOrCoarseBuckets() {
        return Arbitraries.oneOf(buckets(), coarseBuckets());
    }

    @Provide
    static Arbitrary<TokenBucket> coarseBuckets() {
        return Arbitraries.of(COARSE_BUCKETS);
    }

    @Provide
    static Arbitrary<List<CoarseStep>> coarseSteps() {
        Arbitrary<Integer> moves = Arbitraries.oneOf(
                Arbitraries.integers().between(0, 100),
                Arbitraries.integers().between(0, 1_000),
                Arbitraries.integers().between(800, 2_500));
        return Combinators.combine(
                        moves,
                        Arbitraries.frequency(Tuple.of(3, false), Tuple.of(1, true)),
                        Arbitraries.of(Portion.class))
                .as(CoarseStep::new)
                .list()
                .ofMinSize(2)
                .ofMaxSize(40);
    }

    @Provide
    static Arbitrary<List<FixedWindow>> windows() {
        return Arbitraries.of(PERIODS_MICROS)
                .flatMap(periodMicros ->
                        windows(periodMicros).list().ofMinSize(1).ofMaxSize(4));
    }

    private static Arbitrary<FixedWindow> windows(long periodMicros) {
        return Arbitraries.longs()
                .between(1, 200)
                .map(permits -> Limit.fixedWindow(permits, Exact.duration(periodMicros)));
    }

    @Provide
    static Arbitrary<List<Limit>> anyChanges() {
        return Arbitraries.<Limit>oneOf(anyFine(), Arbitraries.of(COARSE_BUCKETS))
                .list()
                .ofMinSize(1)
                .ofMaxSize(4);
    }

    /**
     * Without coarse ticks, whose phase is that of a client's first charge: two clients then differ by up to a tick's
     * worth.
     */
    @Provide
    static Arbitrary<Limit> anyFine() {
        Arbitrary<FixedWindow> windows = Arbitraries.of(PERIODS_MICROS).flatMap(StoreHistories::windows);
        return Arbitraries.oneOf(buckets(), windows, slidingWindows(), slidingLogs());
    }

    @Provide
    static Arbitrary<SlidingWindow> slidingWindows() {
        return Arbitraries.of(PERIODS_MICROS).flatMap(StoreHistories::slidingWindows);
    }

    private static Arbitrary<SlidingWindow> slidingWindows(long periodMicros) {
        return Arbitraries.longs()
                .between(1, 200)
                .map(permits -> Limit.slidingWindow(permits, Exact.duration(periodMicros)));
    }

    @Provide
    static Arbitrary<SlidingLog> slidingLogs() {
        return Arbitraries.of(PERIODS_MICROS).flatMap(StoreHistories::slidingLogs);
    }

    private static Arbitrary<SlidingLog> slidingLogs(long periodMicros) {
        return Arbitraries.longs()
                .between(1, 200)
                .map(permits -> Limit.slidingLog(permits, Exact.duration(periodMicros)));
    }

    /** The permits, rounded up, that a part of a tick can be worth. */
    private static long permitsPerTick(TokenBucket limit) {
        return limit.tickMicros() == 1 ? 0 : Exact.ceilDiv(limit.rate(), limit.unit());
    }

    /** A client that starts with its whole limit, and the clock it lives by. */
    private final class Client {

        private final String id = "history-" + CLIENTS.incrementAndGet();
        private long nowMicros;
        private long retryAfterMicros;
        private long decidedAtMicros;

        Client(long nowMicros) {
            this.nowMicros = nowMicros;
        }

        void move(Step step, Limit limit) {
            nowMicros += step.move.micros(limit, step.movePermille, retryAfterMicros);
        }

        Decision take(Limit limit, long cost) {
            return take(limit, cost, null);
        }

        Decision take(Limit limit, long cost, @Nullable Timestamp at) {
            setNowMicros(nowMicros);
            List<Charge> charges = List.of(new Charge("policy", limit, cost));
            StoreReply answer = store().tryAcquire(
                            new StoreRequest(Subject.client(id), Overrides.NO_VERSION, charges, at))
                    .orTimeout(10, TimeUnit.SECONDS)
                    .join();
            decidedAtMicros = ((StoreReply.Decided) answer).atMicros();
            Decision decision = ((StoreReply.Decided) answer).decisions().get(0);
            retryAfterMicros = decision instanceof Rejected rejected && rejected.retryAfterMicros() != Rejected.NEVER
                    ? rejected.retryAfterMicros()
                    : 0;
            return decision;
        }

        void giveBack(@Nullable Charged held) {
            if (held != null) {
                setNowMicros(nowMicros);
                store().giveBack(
                                StoreRequest.of(id, List.of(new Charge("policy", held.limit, held.cost))),
                                held.atMicros)
                        .orTimeout(10, TimeUnit.SECONDS)
                        .join();
            }
        }

        void owe(Limit limit, long cost) {
            setNowMicros(nowMicros);
            store().owe(StoreRequest.of(id, List.of(new Charge("policy", limit, cost))))
                    .orTimeout(10, TimeUnit.SECONDS)
                    .join();
        }

        /** The permits left, without taking any. */
        long left(Limit limit) {
            long retryAfterBefore = retryAfterMicros;
            long left = take(limit, limit.capacity() + 1).remaining();
            retryAfterMicros = retryAfterBefore;
            return left;
        }
    }
}
