package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lease.LeaseSteps;
import dev.weir.limit.Algorithm;
import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Permitted;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Limit;
import dev.weir.limit.Meter;
import dev.weir.limit.OutstandingLeases;
import dev.weir.limit.Rate;
import dev.weir.limit.Reason;
import dev.weir.limit.SlidingLog;
import dev.weir.limit.SlidingLogState;
import dev.weir.limit.SlidingWindowState;
import dev.weir.limit.State;
import dev.weir.limit.TokenBucketState;
import dev.weir.store.Charge;
import dev.weir.store.Grant;
import dev.weir.store.LeaseCall;
import dev.weir.store.Overrides;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The Lua steps against the Java steps: any state, left by any limit at any time, met by any other limit at any other
 * time. What is answered and what is stored must be equal to the last bit, up to the largest numbers that are allowed;
 * and whichever form runs the step, a function or a script.
 */
class TwinTest {

    private static final int ROUNDS = 6_000;
    private static final long[] PERIODS_MICROS = {
        1_000, 1_001, 60_000, 1_000_000, 1_234_567, 60_000_000, 3_600_000_000L, 86_400_000_000L, 366 * 86_400_000_000L
    };

    @RegisterExtension
    static final RedisExtension redis = new RedisExtension();

    private final long seed = ThreadLocalRandom.current().nextLong();
    private final Random random = new Random(seed);

    private record Round(Meter limit, State stored, long nowMicros, long cost, String client) {}

    @Test
    void acquire_anyStateLimitAndTime_asInJava() {
        try (BothForms forms = new BothForms(redis.uri(), redis::send, random)) {
            for (int i = 0; i < ROUNDS; i++) {
                judge(forms, round(i));
            }
        }
    }

    @Test
    void lease_anyStateLimitAndTime_asInJava() {
        judgeLeases(i -> round(ROUNDS + i));
    }

    /** What is leased changes what drains in the part of a tick that has passed. */
    @Test
    void lease_withinACoarseTick_asInJava() {
        judgeLeases(this::coarseRound);
    }

    private void judgeLeases(IntFunction<Round> rounds) {
        try (BothForms forms = new BothForms(redis.uri(), redis::send, random)) {
            for (int i = 0; i < ROUNDS; i++) {
                Round round = rounds.apply(i);
                judgeLease(forms, round, leaseCall(round));
            }
        }
    }

    /** In the middle of a tick: what is carried counts as held from then on, and part of a permit drains at once. */
    @Test
    void lease_carriedFromAnotherEpoch_partOfAPermitDrains_asInJava() {
        Meter limit = Limit.tokenBucket(1_000_003, Duration.ofDays(1)).meter();
        long nowMicros = 1_700_000_000_000_000L;
        TokenBucketState numbers = (TokenBucketState) limit.leaving(0, nowMicros);
        assertThat(numbers.tickMicros()).isEqualTo(1_000);
        State stored = new TokenBucketState(
                numbers.tickMicros(),
                numbers.rate(),
                numbers.unit(),
                3 * numbers.unit() + 500_000,
                nowMicros - 900,
                new OutstandingLeases(2, 0, nowMicros + 500_000, 0));
        Grant other = new Grant(1, 7, OutstandingLeases.EPOCH_MICROS);
        try (BothForms forms = new BothForms(redis.uri(), redis::send, random)) {
            Round round = new Round(limit, stored, nowMicros, 1, "carried");
            judgeLease(
                    forms,
                    round,
                    new LeaseCall(Subject.client("carried"), Overrides.NO_VERSION, "policy", limit, 0, 5, other, 1));
        }
    }

    /** A bucket in the limit's own numbers, of which some permits are in use, and some of these leased. */
    private Round coarseRound(int number) {
        long nowMicros = 1_700_000_000_000_000L + random.nextLong(1_000_000_000_000L);
        Meter limit = limit();
        while (!(limit.leaving(0, nowMicros) instanceof TokenBucketState full) || full.tickMicros() == 1) {
            limit = limit();
        }
        TokenBucketState numbers = (TokenBucketState) limit.leaving(0, nowMicros);
        long permits = random.nextLong(Math.min(30, limit.capacity()));
        long current = random.nextLong(permits + 1);
        long next = random.nextLong(permits - current + 1);
        TokenBucketState stored = new TokenBucketState(
                numbers.tickMicros(),
                numbers.rate(),
                numbers.unit(),
                // A state of which nothing is in use is never kept.
                Math.max(1, permits * numbers.unit() + random.nextLong(numbers.unit())),
                nowMicros - random.nextLong(2 * numbers.tickMicros()),
                new OutstandingLeases(current, next, nowMicros + upTo(OutstandingLeases.EPOCH_MICROS), 0));
        return new Round(limit, stored, nowMicros, upTo(5), "coarse-" + number);
    }

    /** The memory store makes the Java steps; what it holds after them is compared as well. */
    private void judgeLease(BothForms forms, Round round, LeaseCall call) {
        StoredState kept = new StoredState(forms.client(), new RedisKeys(64).usage(round.client, "policy"));
        if (round.stored != null) {
            kept.write(round.stored, random);
        }
        LeaseSteps.Step expected = LeaseSteps.of(round.stored, call, round.nowMicros);

        assertThat(forms.store().leaseAt(round.nowMicros, call).join())
                .as("seed %d, %s, %s", seed, round, call)
                .isEqualTo(expected.answer());
        assertThat(kept.read()).as("seed %d, %s, %s", seed, round, call).isEqualTo(expected.stored());
    }

    /** For more or less than can be had, now and then with a lease that the state may count. */
    private LeaseCall leaseCall(Round round) {
        Subject client = Subject.client(round.client);
        long cost = random.nextInt(3) == 0 ? 0 : round.cost;
        boolean givesBack = cost == 0 && random.nextBoolean();
        long wanted = givesBack ? 0 : upTo(LeaseCall.MOST);
        Grant lease = random.nextInt(3) == 0 ? Grant.NONE : lease(round);
        long left = lease.permits() == 0 ? 0 : random.nextLong(lease.permits() + 1);
        return new LeaseCall(client, Overrides.NO_VERSION, "policy", round.limit, cost, wanted, lease, left)
                .among(1 + random.nextInt(20));
    }

    private Grant lease(Round round) {
        long permits = upTo(LeaseCall.MOST);
        if (round.stored instanceof TokenBucketState bucket && random.nextInt(4) > 0) {
            OutstandingLeases held = bucket.held();
            boolean isCurrent = random.nextBoolean();
            long counted = isCurrent ? held.current() : held.next();
            long epoch = isCurrent ? held.epochEndMicros() : held.epochEndMicros() + OutstandingLeases.EPOCH_MICROS;
            return new Grant(counted == 0 ? permits : upTo(counted), epoch, OutstandingLeases.EPOCH_MICROS);
        }
        long epoch = round.limit.advance(round.stored, round.nowMicros).atMicros();
        return new Grant(permits, epoch, OutstandingLeases.EPOCH_MICROS);
    }

    @Test
    void giveBack_anyStateLimitAndTime_asInJava() {
        int changed = 0;
        try (BothForms forms = new BothForms(redis.uri(), redis::send, random)) {
            for (int i = 0; i < ROUNDS; i++) {
                changed += giveBack(forms, chargedRound(i)) ? 1 : 0;
            }
        }
        assertThat(changed).as("seed %d", seed).isGreaterThan(ROUNDS / 10);
    }

    /** A charge that most often is in the state: of the same numbers, and made in its window or at its last entry. */
    private Round chargedRound(int number) {
        Meter limit = limit();
        long nowMicros = 1_700_000_000_000_000L + random.nextLong(1_000_000_000_000L);
        State stored = stored(random.nextInt(6) == 0 ? limit() : limit, nowMicros);
        return new Round(limit, stored, nowMicros, upTo(limit.capacity()), "returning-" + number);
    }

    private boolean giveBack(BothForms forms, Round round) {
        StoredState kept = new StoredState(forms.client(), new RedisKeys(64).usage(round.client, "policy"));
        kept.write(round.stored, random);
        long chargedAtMicros = random.nextInt(4) == 0 ? round.nowMicros - upTo(round.nowMicros) : at(round.stored);
        StoreRequest call = StoreRequest.of(round.client, List.of(new Charge("policy", round.limit, round.cost)));

        forms.store().giveBackAt(round.nowMicros, call, chargedAtMicros).join();

        State left = round.limit.givenBack(round.stored, round.cost, chargedAtMicros, round.nowMicros);
        boolean isGone = !left.equals(round.stored)
                && round.limit.resetAfterMicros(left, round.nowMicros) <= 0
                && left.emptyAtMicros() <= round.nowMicros;
        assertThat(kept.read()).as("seed %d, %s", seed, round).isEqualTo(isGone ? null : left);
        return !left.equals(round.stored);
    }

    @Test
    void owe_anyStateLimitAndTime_asInJava() {
        int beyond = 0;
        try (BothForms forms = new BothForms(redis.uri(), redis::send, random)) {
            for (int i = 0; i < ROUNDS; i++) {
                beyond += owe(forms, round(i)) ? 1 : 0;
            }
        }
        assertThat(beyond).as("seed %d", seed).isGreaterThan(ROUNDS / 10);
    }

    /** @return whether more was owed than the limit had left */
    private boolean owe(BothForms forms, Round round) {
        String name = "owing-" + round.client;
        StoredState kept = new StoredState(forms.client(), new RedisKeys(64).usage(name, "policy"));
        if (round.stored != null) {
            kept.write(round.stored, random);
        }
        forms.store()
                .oweAt(round.nowMicros, StoreRequest.of(name, List.of(new Charge("policy", round.limit, round.cost))))
                .join();

        State advanced = round.limit.advance(round.stored, round.nowMicros);
        State owing = round.limit.owing(advanced, round.nowMicros, round.cost);
        assertThat(kept.read()).as("seed %d, %s", seed, round).isEqualTo(owing);
        return round.cost > round.limit.remaining(advanced, round.nowMicros);
    }

    private long at(State stored) {
        return stored instanceof SlidingLogState log && !log.entries().isEmpty()
                ? log.entries().get(random.nextInt(log.entries().size())).atMicros()
                : stored.atMicros() + (random.nextBoolean() ? 0 : random.nextInt(1_000));
    }

    private void judge(BothForms forms, Round round) {
        StoredState kept = new StoredState(forms.client(), new RedisKeys(64).usage(round.client, "policy"));
        if (round.stored != null) {
            kept.write(round.stored, random);
        }
        Charge charge = new Charge("policy", round.limit, round.cost);
        StoreReply.Decided answer = (StoreReply.Decided) forms.store()
                .tryAcquireAt(round.nowMicros, StoreRequest.of(round.client, List.of(charge)))
                .join();
        State advanced = round.limit.advance(round.stored, round.nowMicros);
        boolean permitted = round.cost <= round.limit.remaining(advanced, round.nowMicros);
        State changed = LeaseSteps.decided(round.limit, round.stored, round.nowMicros, round.cost);
        State after = permitted && changed != null ? changed : advanced;

        assertThat(answer.decisions().get(0))
                .as("seed %d, %s", seed, round)
                .isEqualTo(expected(round, permitted, after));
        assertThat(answer.againAfterMicros())
                .as("seed %d, %s", seed, round)
                .isEqualTo(permitted ? round.limit.retryAfterMicros(after, round.nowMicros, round.cost) : 0);
        State expected = changed == null ? round.stored : LeaseSteps.written(round.limit, changed, round.nowMicros);
        assertThat(kept.read()).as("seed %d, %s", seed, round).isEqualTo(expected);
    }

    private static Decision expected(Round round, boolean permitted, State after) {
        Meter limit = round.limit;
        long remaining = limit.remaining(after, round.nowMicros);
        long resetAfter = limit.resetAfterMicros(after, round.nowMicros);
        if (permitted) {
            return new Permitted("policy", limit, remaining, resetAfter, Reason.OK);
        }
        return round.cost > limit.capacity()
                ? new Rejected("policy", limit, remaining, resetAfter, Reason.COST_ABOVE_LIMIT, Rejected.NEVER)
                : new Rejected(
                        "policy",
                        limit,
                        remaining,
                        resetAfter,
                        Reason.LIMIT,
                        limit.retryAfterMicros(after, round.nowMicros, round.cost));
    }

    private Round round(int number) {
        Meter limit = limit();
        long nowMicros = 1_700_000_000_000_000L + random.nextLong(1_000_000_000_000L);
        State stored = random.nextInt(10) == 0 ? null : stored(random.nextBoolean() ? limit : limit(), nowMicros);
        long cost = random.nextInt(3) == 0
                ? Math.max(1, limit.remaining(limit.advance(stored, nowMicros), nowMicros) + random.nextInt(3) - 1)
                : upTo(Math.min(Limit.EXACT, limit.capacity() + 1));
        return new Round(limit, stored, nowMicros, Math.min(cost, Limit.EXACT), "client-" + number);
    }

    /** What a limit may have left: some use, any time ago, or ahead by a clock that was put back since. */
    private State stored(Meter limit, long nowMicros) {
        long periodMicros = limit.period().toNanos() / 1_000;
        long ago = upTo(random.nextBoolean() ? 3 * periodMicros : 400L * 86_400_000_000L)
                * (random.nextInt(4) == 0 ? -1 : 1);
        long atMicros = nowMicros - (random.nextInt(8) == 0 ? 0 : ago);
        State left = limit.leaving(upTo(limit.capacity()) - 1, atMicros);
        if (left instanceof TokenBucketState bucket) {
            // A bucket's use is seldom a whole number of permits.
            long used = bucket.used() - random.nextLong(Math.min(bucket.used(), bucket.unit()));
            OutstandingLeases held = random.nextBoolean() ? OutstandingLeases.NONE : held(bucket, used / bucket.unit());
            return new TokenBucketState(bucket.tickMicros(), bucket.rate(), bucket.unit(), used, atMicros, held);
        }
        if (left instanceof SlidingWindowState sliding) {
            return new SlidingWindowState(
                    sliding.tickMicros(),
                    sliding.periodTicks(),
                    upTo(limit.permits() + 1) - 1,
                    upTo(limit.permits()),
                    sliding.atMicros());
        }
        return left instanceof SlidingLogState ? log(periodMicros, limit.permits(), atMicros) : left;
    }

    /** Some of the use is leased, in one epoch or two; or a large cost is waiting for that to end. */
    private OutstandingLeases held(TokenBucketState bucket, long permitsUsed) {
        long current = random.nextInt(4) == 0 ? 0 : random.nextLong(permitsUsed + 1);
        long next = random.nextInt(4) == 0 ? 0 : random.nextLong(permitsUsed - current + 1);
        long epochEnd = bucket.atMicros() + upTo(OutstandingLeases.EPOCH_MICROS);
        long closedUntil =
                random.nextInt(4) == 0 ? epochEnd + OutstandingLeases.EPOCH_MICROS * (1 + random.nextInt(2)) : 0;
        return current + next + closedUntil == 0
                ? OutstandingLeases.NONE
                : new OutstandingLeases(current, next, epochEnd, closedUntil);
    }

    /** Up to 60 entries within about the last period; the last is now and then older than the log's own time. */
    private SlidingLogState log(long periodMicros, long permits, long atMicros) {
        List<SlidingLogState.Entry> entries = new ArrayList<>();
        long entryAt = atMicros - periodMicros;
        for (int left = random.nextInt(60); left >= 0 && entryAt < atMicros; left--) {
            entryAt += 1 + random.nextLong(Math.max(1, 2 * (atMicros - entryAt) / (left + 1)));
            entries.add(new SlidingLogState.Entry(Math.min(entryAt, atMicros), upTo(permits)));
        }
        return new SlidingLogState(periodMicros, entries, atMicros);
    }

    private Meter limit() {
        Duration period = Duration.ofNanos(PERIODS_MICROS[random.nextInt(PERIODS_MICROS.length)] * 1_000);
        Algorithm algorithm = Algorithm.values()[random.nextInt(Algorithm.values().length)];
        long most = algorithm == Algorithm.SLIDING_LOG ? SlidingLog.MAX_PERMITS : Limit.EXACT;
        while (true) {
            try {
                return Limit.of(algorithm, new Rate(upTo(most), period, upTo(most)))
                        .meter();
            } catch (IllegalArgumentException tooLarge) {
                // Most pairs of huge numbers cannot be counted; the next try draws smaller ones soon.
            }
        }
    }

    /** From 1 to {@code most}, small numbers as likely as large ones. */
    private long upTo(long most) {
        long bound = 1L << random.nextInt(1, 54);
        return 1 + random.nextLong(Math.min(bound, most));
    }
}
