package dev.weir.fair;

import static dev.weir.fair.FairTuning.DEFAULT;
import static dev.weir.memory.PoolSimulation.Client.greedy;
import static dev.weir.memory.PoolSimulation.Client.hammer;
import static dev.weir.memory.PoolSimulation.Client.poisson;
import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.memory.PoolSimulation;
import dev.weir.memory.PoolSimulation.Client;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Each constant of the fair pool is needed: in some simulation all is well with it, and not without. */
class FairTuningTest {

    private static final double NEVER = 1e15;

    private static FairTuning of(
            double greed,
            double newcomer,
            double smoothing,
            double horizon,
            double bursts,
            double costs,
            double repaid) {
        return new FairTuning(
                greed,
                newcomer,
                smoothing,
                horizon,
                bursts,
                costs,
                repaid,
                DEFAULT.claimMicros(),
                DEFAULT.retryMicros(),
                DEFAULT.mostLeaving(),
                DEFAULT.largestVirtual());
    }

    private static FairTuning of(long claimMicros, double retryMicros, int mostLeaving, double largestVirtual) {
        return new FairTuning(
                DEFAULT.greed(),
                DEFAULT.newcomer(),
                DEFAULT.smoothingMicros(),
                DEFAULT.horizonMicros(),
                DEFAULT.burstsOwed(),
                DEFAULT.costsOwed(),
                DEFAULT.repaid(),
                claimMicros,
                retryMicros,
                mostLeaving,
                largestVirtual);
    }

    private static PoolSimulation pool(FairTuning tuning, long perSecond, long burst) {
        return new PoolSimulation(tuning, perSecond, burst, 42);
    }

    private static double refusedPart(List<Client> clients) {
        return clients.stream().mapToDouble(Client::refused).sum()
                / clients.stream().mapToDouble(Client::asked).sum();
    }

    /** Where thresholds do not fall in time, polite clients find the bucket full. */
    @Test
    void greed_ifVeryLarge_letsTheGreedyFillTheBucket() {
        ToDoubleFunction<Double> politeRefused = greed -> {
            PoolSimulation simulation = pool(of(greed, 0.1, 200_000, 1e6, 1.25, 4, 0.02), 1_000, 100);
            List<Client> polite = IntStream.range(0, 9)
                    .mapToObj(i -> simulation.add(poisson("polite-" + i, 1, 80)))
                    .toList();
            simulation.add(hammer("hammer", 1));
            simulation.run(20);
            return refusedPart(polite);
        };
        assertThat(politeRefused.applyAsDouble(DEFAULT.greed())).isLessThan(0.001);
        assertThat(politeRefused.applyAsDouble(100.0)).isGreaterThan(0.03);
    }

    /** Among very many saturated clients, a polite one's share of what is free is less than a request. */
    @Test
    void newcomer_ifNothing_refusesThePoliteAmongVeryMany() {
        ToDoubleFunction<Double> politeRefused = newcomer -> {
            PoolSimulation simulation = pool(of(4, newcomer, 200_000, 1e6, 1.25, 4, 0.02), 1_000, 200);
            List<Client> polite = IntStream.range(0, 50)
                    .mapToObj(i -> simulation.add(poisson("polite-" + i, 1, 4)))
                    .toList();
            IntStream.range(0, 150).forEach(i -> simulation.add(greedy("greedy-" + i, 1)));
            simulation.run(20);
            return refusedPart(polite);
        };
        assertThat(politeRefused.applyAsDouble(DEFAULT.newcomer())).isLessThan(0.10);
        assertThat(politeRefused.applyAsDouble(0.0)).isGreaterThan(0.2);
    }

    /** A heavy client with little demand makes the momentary shares of all others flicker. */
    @Test
    void smoothing_ifNone_letsTheHammeringClientWin() {
        ToDoubleFunction<Double> hammerToHonest = smoothing -> {
            PoolSimulation simulation = pool(of(4, 0.1, smoothing, 1e6, 1.25, 4, 0.02), 1_000, 100);
            simulation.add(poisson("heavy", 100, 100));
            Client honest = simulation.add(greedy("honest", 1));
            Client hammer = simulation.add(hammer("hammer", 1));
            simulation.add(greedy("other", 4));
            simulation.run(20);
            return hammer.rate(1, 20) / honest.rate(1, 20);
        };
        assertThat(hammerToHonest.applyAsDouble(DEFAULT.smoothingMicros())).isBetween(0.98, 1.02);
        assertThat(hammerToHonest.applyAsDouble(0.0)).isGreaterThan(2);
    }

    /** A client that took the idle burst alone, and is one of a hundred then. */
    @Test
    void horizon_ifNone_shutsOutTheClientThatTookTheBurst() {
        ToDoubleFunction<Double> gap = horizon -> {
            PoolSimulation simulation = pool(of(4, 0.1, 200_000, horizon, 1.25, 4, 0.02), 1_000, 500);
            Client first = simulation.add(greedy("first", 1));
            IntStream.range(0, 99)
                    .forEach(i -> simulation.add(greedy("joins-" + i, 1).from(2)));
            simulation.run(20);
            return first.longestGapSeconds();
        };
        assertThat(gap.applyAsDouble(DEFAULT.horizonMicros())).isLessThan(3);
        assertThat(gap.applyAsDouble(NEVER)).isGreaterThan(15);
    }

    /** In a burst of ten seconds, queues are long without being a debt. */
    @Test
    void burstsOwed_ifNone_forgiveWhatIsInUse() {
        ToDoubleFunction<Double> onOffToSteady = bursts -> {
            PoolSimulation simulation = pool(of(4, 0.1, 200_000, 1e6, bursts, 4, 0.02), 100, 1_000);
            Client steady = simulation.add(greedy("steady", 1));
            simulation.add(greedy("other", 1));
            simulation.add(hammer("hammer", 2));
            Client onOff = simulation.add(greedy("on-off", 4).onOff(2, 2));
            simulation.run(100);
            return onOff.rate(20, 100) / 4 / steady.rate(20, 100);
        };
        assertThat(onOffToSteady.applyAsDouble(DEFAULT.burstsOwed())).isBetween(0.98, 1.02);
        assertThat(onOffToSteady.applyAsDouble(0.0)).isLessThan(0.6);
    }

    /** A client that asks for half a burst, and now and then for one permit. */
    @Test
    void costsOwed_ifNone_forgiveLargeCostsAtTheNextSmallOne() {
        ToDoubleFunction<Double> ofIdeal = costs -> {
            PoolSimulation simulation = pool(of(4, 0.1, 200_000, 1e6, 1.25, costs, 0.02), 1_000, 100);
            IntStream.range(0, 99).forEach(i -> simulation.add(greedy("other-" + i, 1)));
            Client large = simulation.add(hammer("sly", 1).cost(50));
            Client small = simulation.add(poisson("sly", 1, 1));
            simulation.run(40);
            return (large.rate(0, 40) + small.rate(0, 40)) / 10;
        };
        assertThat(ofIdeal.applyAsDouble(DEFAULT.costsOwed())).isLessThan(1.1);
        assertThat(ofIdeal.applyAsDouble(0.0)).isGreaterThan(1.5);
    }

    /** What was forgiven to one would be missing from the bucket for ever. */
    @Test
    void repaid_ifNothing_shortensTheBucketForAll() {
        ToDoubleFunction<Double> politeRefused = repaid -> {
            PoolSimulation simulation = pool(of(4, 0.1, 200_000, 1e6, 1.25, 4, repaid), 1_000, 200);
            simulation.add(hammer("first", 1));
            IntStream.range(0, 150)
                    .forEach(i -> simulation.add(hammer("joins-" + i, 1).from(2)));
            List<Client> polite = IntStream.range(0, 20)
                    .mapToObj(i -> simulation.add(
                            poisson("polite-" + i, 10, 20).from(2).countsFrom(10)))
                    .toList();
            simulation.run(30);
            return refusedPart(polite);
        };
        assertThat(politeRefused.applyAsDouble(DEFAULT.repaid())).isLessThan(0.01);
        assertThat(politeRefused.applyAsDouble(0.0)).isGreaterThan(0.05);
    }

    /** A bucket of twenty requests cannot remember which of 201 clients was served last. */
    @Test
    void claims_ifNone_letTheSmallBucketForgetTheServedClient() {
        ToDoubleFunction<Long> ofIdeal = claim -> {
            PoolSimulation simulation = pool(of(claim, DEFAULT.retryMicros(), 128, 0x1p43), 1_000, 20);
            IntStream.range(0, 200).forEach(i -> simulation.add(hammer("light-" + i, 1)));
            Client heavy = simulation.add(greedy("heavy", 100));
            simulation.run(20);
            return heavy.rate(0, 20) / (1_000.0 * 100 / 300);
        };
        assertThat(ofIdeal.applyAsDouble(DEFAULT.claimMicros())).isBetween(0.85, 1.05);
        assertThat(ofIdeal.applyAsDouble(0L)).isLessThan(0.3);
    }

    /** A client that got a wait that was right while a heavy client was there sleeps while that one is gone. */
    @Test
    void retry_ifWithoutLimit_letsTheHammeringClientWin() {
        ToDoubleFunction<Double> hammerToHonest = retry -> {
            PoolSimulation simulation = pool(of(DEFAULT.claimMicros(), retry, 128, 0x1p43), 1_000, 100);
            Client hammer = simulation.add(hammer("hammer", 1));
            Client honest = simulation.add(greedy("honest", 1));
            simulation.add(greedy("heavy", 100).onOff(0.25, 0.25));
            simulation.run(20);
            return hammer.rate(0, 20) / honest.rate(0, 20);
        };
        assertThat(hammerToHonest.applyAsDouble(DEFAULT.retryMicros())).isBetween(0.95, 1.05);
        assertThat(hammerToHonest.applyAsDouble(NEVER)).isGreaterThan(1.3);
    }

    /**
     * A crowd that has gone is taken out bit by bit: it stays in the clock until then, and changes little for others.
     */
    @Test
    void mostLeaving_howeverFew_leavesSharesAsTheyAre() {
        for (int most : new int[] {2, DEFAULT.mostLeaving()}) {
            PoolSimulation simulation =
                    pool(of(DEFAULT.claimMicros(), DEFAULT.retryMicros(), most, 0x1p43), 1_000, 500);
            IntStream.range(0, 400).forEach(i -> simulation.ask("crowd-" + i, 1, 1, 0));
            simulation.ask("keeps", 1, 50, 0);
            assertThat(simulation.size()).isEqualTo(401);
            simulation.ask("one", 1, 1, 405_000); // The crowd's work is done, but not all of the pool's.
            assertThat(simulation.size()).isEqualTo(402 - most);

            Client light = simulation.add(greedy("light", 1).from(1));
            Client heavy = simulation.add(greedy("heavy", 3).from(1));
            simulation.run(11);
            assertThat(heavy.rate(2, 11) / light.rate(2, 11)).isBetween(2.97, 3.03);
        }
    }

    /** Virtual time begins anew thousands of times here. */
    @Test
    void largestVirtual_howeverSmall_leavesSharesAsTheyAre() {
        PoolSimulation simulation = pool(of(DEFAULT.claimMicros(), DEFAULT.retryMicros(), 128, 1), 1_000, 100);
        Client light = simulation.add(greedy("light", 1));
        Client heavy = simulation.add(hammer("heavy", 3));
        simulation.add(hammer("minimal", 0));
        simulation.run(20);
        assertThat(heavy.rate(1, 20) / light.rate(1, 20)).isBetween(2.97, 3.03);
    }
}
