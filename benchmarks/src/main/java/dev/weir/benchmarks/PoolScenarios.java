package dev.weir.benchmarks;

import static dev.weir.benchmarks.SimulatedPool.POLITE;
import static dev.weir.benchmarks.SimulatedPool.WARM_UP;
import static dev.weir.memory.PoolSimulation.Client.greedy;
import static dev.weir.memory.PoolSimulation.Client.hammer;
import static dev.weir.memory.PoolSimulation.Client.poisson;

import dev.weir.benchmarks.SimulatedPool.Question;
import dev.weir.memory.PoolSimulation.Client;
import java.util.LinkedHashMap;
import java.util.Map;

/** The scenarios of {@link Simulate}: which clients a pool has, and what is asked of it. */
final class PoolScenarios {

    /** All scenarios, by their names. */
    static final Map<String, Kind> ALL = all();

    private PoolScenarios() {}

    /**
     * A scenario.
     *
     * @param what its description
     */
    record Kind(String what, Maker maker) {}

    /** Makes the pool of a scenario for one run: for a fraction of the time if that is enough. */
    interface Maker {
        SimulatedPool make(boolean quick, long seed);
    }

    private static Map<String, Kind> all() {
        Map<String, Kind> all = new LinkedHashMap<>();
        all.put("greedy", saturated());
        all.put("poisson", poissonBesideGreedy());
        all.put(
                "demand-90",
                demand(
                        0.9,
                        "Clients of the weights 1 to 10 that ask at random moments, together for 90 % of the capacity"));
        all.put(
                "demand-200",
                demand(
                        2,
                        "The same, together for twice the capacity: some ask for less than their share, some for more,"
                                + " and none comes again when it is refused"));
        all.put("on-off", onOff());
        all.put("heavy-tailed", heavyTailed());
        all.put("changes", changes());
        all.put("hammer", hammerAndPolite());
        all.put("minimal", minimal());
        all.put("thousands", thousands());
        for (int instances : new int[] {1, 4, 16}) {
            all.put("leases-" + instances, leased(instances));
        }
        all.put("leases-hot", leasedHot());
        return all;
    }

    private static SimulatedPool pool(long perSecond, boolean quick, long seed) {
        return new SimulatedPool(perSecond, perSecond / 10, WARM_UP + (quick ? 3 : 20), seed);
    }

    private static Kind saturated() {
        String what = "A hundred clients with the weights 1 to 100 that always want more; every second one asks each"
                + " millisecond, whatever wait is stated, and the others wait as long as stated";
        return new Kind(what, (quick, seed) -> {
            SimulatedPool pool = pool(100_000, quick, seed);
            for (int weight = 1; weight <= 100; weight++) {
                int tens = (weight - 1) / 10 * 10;
                String id = "client-" + weight;
                pool.add(
                        "weights %d to %d".formatted(tens + 1, tens + 10),
                        weight % 2 == 0 ? hammer(id, weight) : greedy(id, weight));
            }
            return pool.answering(Question.SHARES, Question.WINDOWS, Question.UTILISATION);
        });
    }

    private static Kind poissonBesideGreedy() {
        String what = "Clients that ask at random moments for less than their share, beside greedy ones that get what"
                + " they leave";
        return new Kind(what, (quick, seed) -> {
            SimulatedPool pool = pool(10_000, quick, seed);
            pool.add("little", 20, i -> 1, (id, weight) -> poisson(id, weight, 20));
            pool.add("much", 5, i -> 20, (id, weight) -> poisson(id, weight, 500));
            pool.add("greedy", 8, i -> 1 + i % 4, Client::greedy);
            pool.add("hammering", 2, i -> 2, Client::hammer);
            return pool.answering(Question.SHARES, Question.WINDOWS, Question.UTILISATION);
        });
    }

    private static Kind demand(double ofCapacity, String what) {
        long perSecond = 1_000;
        return new Kind(what, (quick, seed) -> {
            SimulatedPool pool = pool(perSecond, quick, seed);
            double each = perSecond * ofCapacity / 10;
            for (int weight = 1; weight <= 10; weight++) {
                pool.add("weight " + weight, poisson("client-" + weight, weight, each));
            }
            return pool.answering(Question.UTILISATION);
        });
    }

    private static Kind onOff() {
        String what = "Greedy clients that are there all the time, beside heavier ones that are there two seconds of"
                + " four";
        return new Kind(what, (quick, seed) -> {
            SimulatedPool pool = pool(10_000, quick, seed);
            pool.add("steady", 8, i -> 1 + i % 2, Client::greedy);
            pool.add("hammering", 2, i -> 2, Client::hammer);
            pool.add("on and off", 4, i -> 4, (id, weight) -> greedy(id, weight).onOff(2, 2));
            return pool.answering(Question.UTILISATION);
        });
    }

    private static Kind heavyTailed() {
        String what = "Greedy clients that come and go for times by Pareto's law (exponent 1.5), one second there and"
                + " three away on average, beside some that stay";
        return new Kind(what, (quick, seed) -> {
            SimulatedPool pool = pool(10_000, quick, seed);
            pool.add(
                    "comes and goes",
                    150,
                    i -> 1 + i % 5,
                    (id, weight) -> greedy(id, weight).heavyTailed(1, 3, pool.random()));
            pool.add("steady", 10, i -> 1 + i % 5, Client::greedy);
            return pool.answering(Question.UTILISATION);
        });
    }

    private static Kind changes() {
        String what = "Three greedy clients: a weight is changed at 5 s, one joins at 10 s and leaves at 15 s; these"
                + " three seconds do not count for the errors";
        return new Kind(what, (quick, seed) -> {
            SimulatedPool pool = new SimulatedPool(1_000, 100, 20, seed);
            pool.add("stays", greedy("stays", 1));
            pool.add("is changed at 5 s", greedy("changed", 1).weightFrom(5, 3));
            pool.add("there from 10 to 15 s", greedy("visits", 4).from(10).until(15));
            return pool.settlingAt(5, 10, 15).answering(Question.WINDOWS, Question.UTILISATION);
        });
    }

    private static Kind hammerAndPolite() {
        String what = "Nine clients that ask at random moments for 80 % of their share, beside one that asks each"
                + " millisecond";
        return new Kind(what, (quick, seed) -> {
            SimulatedPool pool = new SimulatedPool(1_000, 100, WARM_UP + (quick ? 10 : 60), seed);
            pool.add(POLITE, 9, i -> 1, (id, weight) -> poisson(id, weight, 80));
            pool.add("hammering", 1, i -> 1, Client::hammer);
            return pool.answering(Question.UTILISATION, Question.POLITENESS);
        });
    }

    private static Kind minimal() {
        String what = "Clients of weight 0, which together have a hundredth while others want the rest";
        return new Kind(what, (quick, seed) -> {
            SimulatedPool pool = pool(10_000, quick, seed);
            pool.add("weighted", 50, i -> 1 + i % 10, Client::greedy);
            pool.add("weight 0", 3, i -> 0, Client::greedy);
            pool.add("weight 0, hammering", 1, i -> 0, Client::hammer);
            return pool.answering(Question.SHARES, Question.UTILISATION);
        });
    }

    private static Kind thousands() {
        String what = "Three thousand clients on fifty instances: four of five always want more";
        return new Kind(what, (quick, seed) -> {
            SimulatedPool pool = new SimulatedPool(60_000, 15_000, WARM_UP + (quick ? 1 : 10), seed);
            pool.over(50);
            pool.add("greedy", 2_300, i -> 1 + i % 5, Client::greedy);
            pool.add("hammering", 100, i -> 1 + i % 5, Client::hammer);
            pool.add(POLITE, 600, i -> 3, (id, weight) -> poisson(id, weight, 15));
            return pool.answering(Question.UTILISATION);
        });
    }

    private static Kind leased(int instances) {
        String what =
                "Clients that always want more, a polite one and ten that want little, each at all of %d instances that lease"
                        .formatted(instances);
        return new Kind(
                what,
                (quick, seed) -> leased(5_000, instances, quick, seed)
                        .answering(Question.SHARES, Question.WINDOWS, Question.UTILISATION, Question.POLITENESS));
    }

    private static Kind leasedHot() {
        return new Kind(
                "The same at four times the rate, on one instance",
                (quick, seed) -> leased(20_000, 1, quick, seed).answering(Question.values()));
    }

    private static SimulatedPool leased(long perSecond, int instances, boolean quick, long seed) {
        SimulatedPool pool = pool(perSecond, quick, seed);
        pool.leasing(instances);
        pool.add("hammering", 3, i -> 1 << i, Client::hammer);
        pool.add(POLITE, 1, i -> 2, (id, weight) -> poisson(id, weight, 0.8 * perSecond * weight / 9));
        pool.add("little", 10, i -> 1, (id, weight) -> poisson(id, weight, 5));
        return pool;
    }
}
