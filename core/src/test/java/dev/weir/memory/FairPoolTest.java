package dev.weir.memory;

import static dev.weir.memory.PoolSimulation.Client.greedy;
import static dev.weir.memory.PoolSimulation.Client.hammer;
import static dev.weir.memory.PoolSimulation.Client.poisson;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.fair.FairPool;
import dev.weir.fair.FairTuning;
import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Reason;
import dev.weir.memory.PoolSimulation.Client;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What the fair pool is for. Each simulation also checks, at each admission, that no more was admitted over any
 * interval than burst and rate allow.
 */
class FairPoolTest {

    private static final double UNLIMITED = Double.POSITIVE_INFINITY;

    private static PoolSimulation pool(long perSecond, long burst) {
        return new PoolSimulation(FairTuning.DEFAULT, perSecond, burst, 42);
    }

    private static List<Client> saturated(PoolSimulation simulation, long... weights) {
        List<Client> clients = new ArrayList<>();
        for (long weight : weights) {
            String id = "saturated-" + clients.size();
            clients.add(simulation.add(clients.size() % 2 == 0 ? greedy(id, weight) : hammer(id, weight)));
        }
        return clients;
    }

    @Test
    void saturatedClients_amongOthersThatWantLess_getTheWeightedMaxMinShare() {
        PoolSimulation simulation = pool(10_000, 1_000);
        List<Client> saturated = saturated(simulation, 1, 2, 3, 5, 10, 20, 50, 100);
        Client small = simulation.add(poisson("small", 5, 30));
        Client heavy = simulation.add(poisson("heavy", 100, 1_000));
        simulation.run(22);

        Map<Client, MaxMin.Want> wants = new HashMap<>();
        saturated.forEach(client -> wants.put(client, new MaxMin.Want(client.weight(0), UNLIMITED)));
        for (Client client : List.of(small, heavy)) {
            wants.put(client, new MaxMin.Want(client.weight(0), client.askedRate(2, 22)));
        }
        Map<Client, Double> ideal = MaxMin.shares(10_000, wants);
        List<Double> ofIdeal = saturated.stream()
                .map(client -> client.rate(2, 22) / ideal.get(client))
                .toList();

        assertThat(ofIdeal).allSatisfy(part -> assertThat(part).isCloseTo(1, within(0.01)));
        assertThat(MaxMin.jain(ofIdeal)).isGreaterThanOrEqualTo(0.999);
        assertThat(small.refused() + heavy.refused()).isZero();
    }

    @Test
    void saturatedClients_inEverySecond_areCloseToTheirShare() {
        PoolSimulation simulation = pool(2_000, 200);
        List<Client> saturated = saturated(simulation, 1, 2, 3, 4, 10);
        simulation.run(20);

        List<Double> errors = new ArrayList<>();
        for (Client client : saturated) {
            double ideal = 2_000.0 * client.weight(0) / 20;
            IntStream.range(2, 20).forEach(second -> errors.add(Math.abs(client.rate(second, second + 1) / ideal - 1)));
        }
        assertThat(errors.stream().mapToDouble(e -> e).average().orElseThrow()).isLessThanOrEqualTo(0.02);
        assertThat(errors).allSatisfy(error -> assertThat(error).isLessThanOrEqualTo(0.05));
    }

    /** Nine billion of them could be counted together. */
    @Test
    void saturatedClients_ofTheLargestWeight_shareAsThoseOfOne() {
        PoolSimulation simulation = pool(1_000, 100);
        long[] weights = IntStream.range(0, 20).mapToLong(i -> Pool.MAX_WEIGHT).toArray();
        List<Client> saturated = saturated(simulation, weights);
        Client light = simulation.add(greedy("light", 1));
        simulation.run(20);

        assertThat(saturated)
                .allSatisfy(client -> assertThat(client.rate(2, 20)).isCloseTo(50, within(1.0)));
        assertThat(light.rate(2, 20)).isLessThanOrEqualTo(1);
        assertThat(Limit.EXACT / Pool.MAX_WEIGHT).isEqualTo(9_007_199_254L);
    }

    @Test
    void capacity_whicheverClientWantsIt_isUsed() {
        for (double demand : new double[] {0.5, 0.9, 2}) {
            PoolSimulation simulation = pool(1_000, 100);
            List<Client> clients = IntStream.range(0, 10)
                    .mapToObj(i -> simulation.add(poisson("client-" + i, 1 + i, 100 * demand)))
                    .toList();
            simulation.run(20);
            double asked = clients.stream().mapToLong(Client::asked).sum();
            assertThat(simulation.total()).as("demand %s", demand).isGreaterThanOrEqualTo((long)
                    (0.99 * Math.min(20_000, asked)));
        }
    }

    @Test
    void capacity_ofOneClientAlone_isAllItsOwn() {
        for (long weight : new long[] {0, 1, Pool.MAX_WEIGHT}) {
            PoolSimulation simulation = pool(1_000, 100);
            simulation.add(greedy("alone", weight));
            assertThat(simulation.run(20).total()).as("weight %d", weight).isGreaterThanOrEqualTo(20_000);
        }
    }

    @Test
    void politeClients_besideOneThatHammers_loseNothing() {
        PoolSimulation simulation = pool(1_000, 100);
        List<Client> polite = IntStream.range(0, 9)
                .mapToObj(i -> simulation.add(poisson("polite-" + i, 1, 80)))
                .toList();
        Client hammer = simulation.add(hammer("hammer", 1));
        simulation.run(60);

        long asked = polite.stream().mapToLong(Client::asked).sum();
        long refused = polite.stream().mapToLong(Client::refused).sum();
        assertThat(asked).isGreaterThan(40_000);
        assertThat((double) refused / asked).isLessThanOrEqualTo(0.001);
        assertThat(hammer.rate(0, 60)).isGreaterThan(250);
    }

    @Test
    void weights_changedWhileInUse_holdFromTheSecondSecondOn() {
        PoolSimulation simulation = pool(1_000, 100);
        Client first = simulation.add(greedy("first", 1));
        Client second = simulation.add(greedy("second", 1));
        first.weightFrom(5, 4);
        second.weightFrom(10, 36);
        simulation.run(15);

        assertShares(first, second, 1, 5, 500, 500);
        assertShares(first, second, 6, 10, 800, 200);
        assertShares(first, second, 11, 15, 100, 900);
    }

    @Test
    void clients_thatJoinAndLeave_countFromTheSecondSecondOn() {
        PoolSimulation simulation = pool(1_000, 100);
        Client stays = simulation.add(greedy("stays", 1));
        Client visits = simulation.add(greedy("visits", 3).from(5).until(10));
        simulation.run(15);

        assertShares(stays, visits, 1, 5, 1_000, 0);
        assertShares(stays, visits, 6, 10, 250, 750);
        assertShares(stays, visits, 11, 15, 1_000, 0);
    }

    private static void assertShares(Client a, Client b, int from, int to, double rateOfA, double rateOfB) {
        for (int second = from; second < to; second++) {
            assertThat(a.rate(second, second + 1)).as("second %d", second).isCloseTo(rateOfA, within(rateOfA * 0.05));
            assertThat(b.rate(second, second + 1)).as("second %d", second).isCloseTo(rateOfB, within(rateOfB * 0.05));
        }
    }

    @Test
    void clientThatTookTheIdleBurst_isNotShutOutWhenManyJoin() {
        PoolSimulation simulation = pool(1_000, 500);
        Client first = simulation.add(greedy("first", 1));
        IntStream.range(0, 99)
                .forEach(i -> simulation.add(greedy("joins-" + i, 1).from(2)));
        simulation.run(20);

        assertThat(first.longestGapSeconds()).isLessThanOrEqualTo(3);
        assertThat(first.rate(10, 20)).isCloseTo(10, within(0.5));
    }

    @Test
    void clientsOfWeight0_besideManyHeavyOnes_shareOneHundredth() {
        PoolSimulation simulation = pool(1_000, 100);
        IntStream.range(0, 50).forEach(i -> simulation.add(greedy("heavy-" + i, 1_000)));
        Client honest = simulation.add(greedy("honest", 0));
        Client hammer = simulation.add(hammer("hammer", 0));
        simulation.run(21);

        assertThat(honest.rate(1, 21)).isCloseTo(5, within(0.3));
        assertThat(hammer.rate(1, 21)).isCloseTo(5, within(0.3));
    }

    @Test
    void clientsOfWeight0_besideClientsThatComeAndGo_doNotGetMoreThanThat() {
        PoolSimulation simulation = pool(1_000, 100);
        IntStream.range(0, 50).forEach(i -> simulation.add(poisson("flickers-" + i, 10, 18)));
        Client greedy = simulation.add(greedy("greedy", 1));
        Client minimal = simulation.add(greedy("minimal", 0));
        simulation.run(21);

        assertThat(minimal.rate(1, 21)).isBetween(9.0, 15.0);
        assertThat(greedy.rate(1, 21)).isGreaterThan(70);
    }

    @Test
    void aCostOfHalfTheBurst_amongSmallOnes_passesInItsTurn() {
        PoolSimulation simulation = pool(1_000, 100);
        IntStream.range(0, 50).forEach(i -> simulation.add(greedy("small-" + i, 1)));
        Client large = simulation.add(greedy("large", 10).cost(50));
        simulation.run(60);

        assertThat(large.rate(0, 60)).isCloseTo(1_000.0 * 10 / 60, within(17.0));
    }

    @Test
    void ids_thatComeAndGo_leaveNothing() {
        PoolSimulation simulation = pool(1_000, 100);
        for (int i = 0; i < 100_000; i++) { // Twice as many as there is capacity for, each once.
            simulation.ask("id-" + i, i % 3, 1, 500L * i);
        }
        assertThat(simulation.largestSize()).isBetween(100, 3 * FairPool.MOST_CLAIMANTS);

        long later = 500L * 100_000 + 100_000; // The time in which a full bucket drains.
        simulation.ask("last", 1, 1, later);
        assertThat(simulation.size()).isEqualTo(1);
    }

    @Test
    void aCostAboveHalfTheBurst_neverPasses() {
        PoolSimulation simulation = pool(1_000, 101);

        assertThat(simulation.ask("client", 1, 51, 0).reason()).isEqualTo(Reason.COST_ABOVE_LIMIT);
        assertThat(simulation.ask("client", 1, 50, 0).reason()).isEqualTo(Reason.OK);
        assertThat(simulation.size()).isEqualTo(1);
    }
}
