package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.Algorithm;
import dev.weir.limit.Exact;
import dev.weir.limit.Limit;
import dev.weir.limit.Meter;
import dev.weir.limit.Rate;
import dev.weir.limit.State;
import dev.weir.limit.TokenBucket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.jspecify.annotations.Nullable;

/** Some shares over an outage, against one true meter that sees every admission when it is made. */
class DebtTest {

    private static final long NOW = 1_700_000_000_000_000L;

    /** One outage: shares that admit by themselves, and what one meter would show. */
    private static final class Outage {

        final Random random;
        final Meter limit;
        final int instances;
        final Meter share;
        final List<@Nullable State> states = new ArrayList<>();
        final List<@Nullable Debt> debts = new ArrayList<>();
        State store;
        State truth;
        long nowMicros = NOW;
        int admissions;

        Outage(long seed, Algorithm algorithm, int instances) {
            this.random = new Random(seed);
            this.instances = instances;
            this.limit = limit(algorithm);
            this.share = limit.share(instances);
            State none = limit.advance(null, NOW);
            long used = random.nextLong(limit.capacity() + 1);
            store = used == 0 ? none : limit.charge(none, NOW, used);
            truth = store;
            long left = Exact.ceilDiv(limit.remaining(store, NOW), instances);
            for (int i = 0; i < instances; i++) {
                states.add(used == 0 ? null : share.leaving(left, NOW));
                debts.add(null);
            }
        }

        private Meter limit(Algorithm algorithm) {
            Duration period = Duration.ofMillis(List.of(100, 1_000, 1_700).get(random.nextInt(3)));
            long burst = 5 + random.nextLong(60);
            return Limit.of(algorithm, new Rate(1 + random.nextLong(60), period, burst))
                    .meter();
        }

        void run(long micros) {
            long endMicros = nowMicros + micros;
            while (nowMicros < endMicros) {
                nowMicros = Math.min(endMicros, nowMicros + random.nextInt(20_000));
                for (int i = random.nextInt(4); i > 0; i--) {
                    ask(random.nextInt(instances), 1 + random.nextInt(2));
                }
            }
        }

        private void ask(int i, long cost) {
            State advanced = share.advance(states.get(i), nowMicros);
            if (cost > share.remaining(advanced, nowMicros)) {
                return;
            }
            admissions++;
            Debt debt = debts.get(i);
            debts.set(
                    i,
                    (debt == null ? Debt.from(states.get(i), limit, share, nowMicros) : debt)
                            .plus(limit, share, cost, nowMicros));
            states.set(i, share.charge(advanced, nowMicros, cost));
            truth = limit.owing(limit.advance(truth, nowMicros), nowMicros, cost);
        }

        /** Every instance charges what it owes. */
        void end() {
            for (Debt debt : debts) {
                long owed = debt == null ? 0 : debt.permits(nowMicros);
                assertThat(owed).isLessThanOrEqualTo(share.capacity() + 1);
                if (owed > 0) {
                    store = limit.owing(limit.advance(store, nowMicros), nowMicros, owed);
                }
            }
        }

        long above(long laterMicros) {
            long then = nowMicros + laterMicros;
            return limit.advance(store, then).permitsUsed(then)
                    - limit.advance(truth, then).permitsUsed(then);
        }
    }

    @Property
    void afterAnOutage_theStoreIsNeverBelowOneTrueMeter(
            @ForAll long seed,
            @ForAll Algorithm algorithm,
            @ForAll @IntRange(min = 1, max = 5) int instances,
            @ForAll @IntRange(max = 4_000_000) int micros,
            @ForAll @IntRange(max = 2_000_000) int laterMicros) {
        Outage outage = new Outage(seed, algorithm, instances);
        outage.run(micros);
        outage.end();

        assertThat(outage.above(0)).as("%s", outage.limit).isNotNegative();
        assertThat(outage.above(laterMicros)).as("%s", outage.limit).isNotNegative();
    }

    /** Each share drains alone, so an idle one wastes its part; rounding adds two permits for each. */
    @Property
    void afterAnOutage_aTokenBucketIsAtMostTheWasteOfSharesAbove(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 5) int instances,
            @ForAll @IntRange(max = 4_000_000) int micros) {
        Outage outage = new Outage(seed, Algorithm.TOKEN_BUCKET, instances);
        outage.run(micros);
        outage.end();

        assertThat(outage.above(0))
                .as("%s", outage.limit)
                .isLessThanOrEqualTo((instances - 1) * outage.share.capacity() + 2 * instances);
    }

    /** Or the properties would say nothing. */
    @Example
    void theStoreAloneWouldBeBelow() {
        int below = 0;
        for (int seed = 0; seed < 100; seed++) {
            Outage outage = new Outage(seed, Algorithm.TOKEN_BUCKET, 3);
            outage.run(1_000_000);
            below += outage.admissions > 0 && outage.above(0) < 0 ? 1 : 0;
        }
        assertThat(below).isGreaterThan(90);
    }

    @Example
    void whatTheStoreMayHaveCharged_isInUseAndNotOwed() {
        TokenBucket limit = Limit.tokenBucket(10, Duration.ofSeconds(10));
        Debt debt = Debt.from(null, limit, limit, NOW)
                .plusCharged(limit, limit, 4, NOW)
                .plus(limit, limit, 3, NOW);

        assertThat(debt.permits(NOW)).isEqualTo(3);
        assertThat(debt.permits(NOW + 5_000_000))
                .as("what is not owed drains first")
                .isEqualTo(3);
        assertThat(debt.permits(NOW + 7_000_000)).isEqualTo(1);
        assertThat(debt.permits(NOW + 8_000_000)).isZero();
    }

    @Example
    void whatIsGivenBack_isNotOwed() {
        TokenBucket limit = Limit.tokenBucket(10, Duration.ofSeconds(10));
        Debt debt = Debt.from(null, limit, limit, NOW).plus(limit, limit, 5, NOW);

        assertThat(debt.minus(2, NOW, NOW).permits(NOW)).isEqualTo(3);
        assertThat(debt.minus(5, NOW, NOW).permits(NOW)).isZero();
    }

    /** A debt that could not be charged, and one that began after it. */
    @Example
    void twoDebts_areOwedTogether() {
        TokenBucket limit = Limit.tokenBucket(10, Duration.ofSeconds(10));
        Debt first = Debt.from(null, limit, limit, NOW).plus(limit, limit, 5, NOW);
        Debt second = Debt.from(first.with(), limit, limit, NOW).plus(limit, limit, 2, NOW);

        assertThat(second.plus(first, NOW).permits(NOW)).isEqualTo(7);
    }
}
