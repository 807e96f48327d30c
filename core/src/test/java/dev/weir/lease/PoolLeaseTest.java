package dev.weir.lease;

import static dev.weir.memory.PoolSimulation.Client.greedy;
import static dev.weir.memory.PoolSimulation.Client.hammer;
import static dev.weir.memory.PoolSimulation.Client.poisson;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.weir.fair.FairTuning;
import dev.weir.memory.PoolSimulation;
import dev.weir.memory.PoolSimulation.Client;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Leases from a pool, in virtual time. As in every simulation, each admission is checked against burst and rate. */
class PoolLeaseTest {

    private static final long FROM = 2;
    private static final long TO = 22;
    private static final double LIGHT = 5;
    private static final long PER_SECOND = 5_000;

    private static PoolSimulation pool(long perSecond) {
        return new PoolSimulation(FairTuning.DEFAULT, perSecond, perSecond / 10, 42);
    }

    /** A client that asks for twice its share, beside some that want less, each at all instances in turn. */
    @ParameterizedTest
    @ValueSource(ints = {1, 4, 16})
    void saturatedClients_atManyInstances_getTheirShares(int instances) {
        double perSecond = PER_SECOND;
        PoolSimulation simulation = pool(PER_SECOND);
        simulation.leasing(instances);
        List<Client> saturated = Stream.of(1, 2, 4)
                .map(weight -> simulation.add(poisson("saturated-" + weight, weight, 2 * perSecond * weight / 9)))
                .toList();
        Client polite = simulation.add(poisson("polite", 2, 0.8 * perSecond * 2 / 9));
        for (int i = 0; i < 10; i++) {
            simulation.add(poisson("light-" + i, 1, LIGHT));
        }
        simulation.run(TO);

        List<Double> errors = new ArrayList<>();
        for (Client client : saturated) {
            assertThat(client.rate(FROM, TO) / ideal(client, polite, FROM, TO)).isCloseTo(1, within(0.01));
            for (long second = FROM; second < TO; second++) {
                double ideal = ideal(client, polite, second, second + 1);
                errors.add(Math.abs(client.rate(second, second + 1) / ideal - 1));
            }
        }
        assertThat(errors.stream().mapToDouble(e -> e).average().orElseThrow()).isLessThanOrEqualTo(0.02);
        assertThat(errors).allSatisfy(error -> assertThat(error).isLessThanOrEqualTo(0.05));
        assertThat(polite.refused()).isLessThanOrEqualTo(polite.asked() / 1_000);
        assertThat(simulation.total() / TO / perSecond).isGreaterThan(0.99);
    }

    /** What a saturated client has of what the others leave. */
    private static double ideal(Client client, Client polite, double from, double to) {
        return (PER_SECOND - polite.rate(from, to) - 10 * LIGHT) * client.weight(0) / 7;
    }

    @Test
    void hotClients_askThePoolOnceForManyDecisions() {
        PoolSimulation simulation = pool(50_000);
        simulation.leasing(4);
        List<Client> clients = Stream.of(1, 2, 5)
                .map(weight -> simulation.add(poisson("client-" + weight, weight, 2.0 * 50_000 * weight / 8)))
                .toList();
        simulation.run(5);

        long asked = clients.stream().mapToLong(Client::asked).sum();
        assertThat(asked / simulation.calls()).isGreaterThanOrEqualTo(50);
    }

    /**
     * A client that stops asking leaves nothing behind: what instances held for it is back at once, and the others have
     * all there is.
     */
    @Test
    void client_leaves_othersHaveItsShare() {
        PoolSimulation simulation = pool(5_000);
        simulation.leasing(3);
        simulation.add(hammer("leaves", 5).until(10));
        Client one = simulation.add(greedy("one", 1));
        Client two = simulation.add(greedy("two", 2));
        simulation.run(20);

        assertThat(one.rate(2, 10)).isCloseTo(625, within(0.02 * 625));
        assertThat(two.rate(2, 10)).isCloseTo(1_250, within(0.02 * 1_250));
        assertThat(one.rate(11, 20)).isCloseTo(5_000 / 3.0, within(0.02 * 5_000 / 3));
        assertThat(two.rate(11, 20)).isCloseTo(10_000 / 3.0, within(0.02 * 10_000 / 3));
    }

    @Test
    void weight_changes_holdsFromTheNextSecondOn() {
        PoolSimulation simulation = pool(5_000);
        simulation.leasing(3);
        Client other = simulation.add(hammer("other", 1));
        Client changed = simulation.add(hammer("changed", 1).weightFrom(10, 4));
        simulation.run(20);

        assertThat(changed.rate(2, 10)).isCloseTo(other.rate(2, 10), within(0.02 * 2_500));
        assertThat(changed.rate(11, 20)).isCloseTo(4_000, within(0.02 * 4_000));
        assertThat(other.rate(11, 20)).isCloseTo(1_000, within(0.02 * 1_000));
    }

    /** Whatever gets lost, the total holds: that is checked at each admission. And what was lost comes back. */
    @RepeatedTest(20)
    void instancesThatCrash_andAnswersThatGetLost_neverMoreThanThereIs() {
        long seed = ThreadLocalRandom.current().nextLong();
        Random random = new Random(seed);
        PoolSimulation simulation = new PoolSimulation(100 + random.nextInt(20_000), 80 + random.nextInt(5_000), seed);
        int instances = 1 + random.nextInt(5);
        simulation.over(IntStream.range(0, instances)
                .mapToObj(i -> new LeasingInstance(simulation).unreliable(random))
                .toList());
        for (int i = 0; i < 1 + random.nextInt(10); i++) {
            Client client = random.nextBoolean()
                    ? hammer("client-" + i, random.nextInt(5))
                    : poisson("client-" + i, random.nextInt(5), 1 + random.nextInt(5_000));
            simulation
                    .add(client.cost(1 + random.nextInt(random.nextInt(5) == 0 ? 40 : 3)))
                    .weightFrom(5, random.nextInt(100));
        }
        simulation.run(10);

        assertThat(simulation.total()).as("seed %d", seed).isPositive();
    }
}
