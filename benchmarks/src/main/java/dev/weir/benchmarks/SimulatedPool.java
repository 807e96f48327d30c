package dev.weir.benchmarks;

import static dev.weir.benchmarks.PoolClient.SLICES_PER_SECOND;
import static dev.weir.memory.PoolSimulation.Client.greedy;
import static dev.weir.memory.PoolSimulation.Client.hammer;
import static dev.weir.memory.PoolSimulation.Client.poisson;

import dev.weir.memory.PoolSimulation;
import dev.weir.memory.PoolSimulation.Client;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/**
 * Clients of a pool in virtual time, and what was aimed at for them. Made anew for each run, because a run is part of
 * its random numbers.
 */
final class SimulatedPool {

    /** Until then, those who were first still owe what they took of the idle burst. */
    private static final double WARM_UP = 4;

    private static final String POLITE = "polite";

    /** All there are, by their names. */
    static final Map<String, Kind> ALL = all();

    /**
     * A scenario.
     *
     * @param what it is about
     */
    record Kind(String what, Maker maker) {}

    /** Makes a scenario for one run: in a fraction of the time if that is enough. */
    interface Maker {
        SimulatedPool make(boolean quick, long seed);
    }

    /** What a scenario answers for beside the total. */
    private enum Answers {
        SHARES,
        WINDOWS,
        UTILISATION,
        POLITENESS,
        CALLS
    }

    private final long perSecond;
    private final long burst;
    private final double seconds;
    private final PoolSimulation simulation;
    private final Map<Client, String> groups = new LinkedHashMap<>();
    private final List<Integer> settling = new ArrayList<>();
    private Set<Answers> answers = Set.of();

    private SimulatedPool(long perSecond, long burst, double seconds, long seed) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.seconds = seconds;
        this.simulation = new PoolSimulation(perSecond, burst, seed);
    }

    private static Map<String, Kind> all() {
        Map<String, Kind> all = new LinkedHashMap<>();
        all.put(
                "greedy",
                new Kind(
                        "A hundred clients with the weights 1 to 100 that always want more; every second one asks each"
                                + " millisecond, whatever wait is stated, and the others wait as long as stated",
                        (quick, seed) -> large(quick, seed).saturated()));
        all.put(
                "poisson",
                new Kind(
                        "Clients that ask at random moments for less than their share, beside greedy ones that get what they leave",
                        (quick, seed) -> medium(quick, seed).poissonBesideGreedy()));
        all.put(
                "demand-90",
                new Kind(
                        "Clients of the weights 1 to 10 that ask at random moments, together for 90 % of the capacity",
                        (quick, seed) -> small(quick, seed).demand(0.9)));
        all.put(
                "demand-200",
                new Kind(
                        "The same, together for twice the capacity: some ask for less than their share, some for more,"
                                + " and none comes again when it is refused",
                        (quick, seed) -> small(quick, seed).demand(2)));
        all.put(
                "on-off",
                new Kind(
                        "Greedy clients that are there all the time, beside heavier ones that are there two seconds of four",
                        (quick, seed) -> medium(quick, seed).onOff()));
        all.put(
                "heavy-tailed",
                new Kind(
                        "Greedy clients that come and go for times by Pareto's law (exponent 1.5), one second there and"
                                + " three away on average, beside some that stay",
                        (quick, seed) -> medium(quick, seed).heavyTailed()));
        all.put(
                "changes",
                new Kind(
                        "Three greedy clients: a weight is changed at 5 s, one joins at 10 s and leaves at 15 s; these"
                                + " three seconds do not count for the errors",
                        (quick, seed) -> new SimulatedPool(1_000, 100, 20, seed).changes()));
        all.put(
                "hammer",
                new Kind(
                        "Nine clients that ask at random moments for 80 % of their share, beside one that asks each millisecond",
                        (quick, seed) ->
                                new SimulatedPool(1_000, 100, WARM_UP + (quick ? 10 : 60), seed).hammerAndPolite()));
        all.put(
                "minimal",
                new Kind(
                        "Clients of weight 0, who together have a hundredth while others want the rest",
                        (quick, seed) -> medium(quick, seed).minimal()));
        all.put(
                "thousands",
                new Kind(
                        "Three thousand clients on fifty instances: four of five always want more",
                        (quick, seed) ->
                                new SimulatedPool(60_000, 15_000, WARM_UP + (quick ? 1 : 10), seed).thousands()));
        for (int instances : new int[] {1, 4, 16}) {
            all.put(
                    "leases-" + instances,
                    new Kind(
                            "Clients that always want more, a polite one and ten that want little, each at all of %d instances that lease"
                                    .formatted(instances),
                            (quick, seed) -> leased(5_000, quick, seed).leased(instances)));
        }
        all.put(
                "leases-hot",
                new Kind(
                        "The same at four times the rate, on one instance",
                        (quick, seed) -> leased(20_000, quick, seed).leased(1).answeringForCalls()));
        return all;
    }

    private static SimulatedPool leased(long perSecond, boolean quick, long seed) {
        return new SimulatedPool(perSecond, perSecond / 10, WARM_UP + (quick ? 3 : 20), seed);
    }

    private static SimulatedPool small(boolean quick, long seed) {
        return new SimulatedPool(1_000, 100, WARM_UP + (quick ? 3 : 20), seed);
    }

    private static SimulatedPool medium(boolean quick, long seed) {
        return new SimulatedPool(10_000, 1_000, WARM_UP + (quick ? 3 : 20), seed);
    }

    private static SimulatedPool large(boolean quick, long seed) {
        return new SimulatedPool(100_000, 10_000, WARM_UP + (quick ? 3 : 20), seed);
    }

    private void add(String group, Client client) {
        groups.put(simulation.add(client), group);
    }

    private void add(String group, int count, IntUnaryOperator weight, ClientOfWeight made) {
        for (int i = 0; i < count; i++) {
            add(group, made.client(group + "-" + i, weight.applyAsInt(i)));
        }
    }

    private interface ClientOfWeight {
        Client client(String id, long weight);
    }

    private SimulatedPool answering(Answers... whatFor) {
        answers = Set.of(whatFor);
        return this;
    }

    private SimulatedPool saturated() {
        for (int weight = 1; weight <= 100; weight++) {
            int tens = (weight - 1) / 10 * 10;
            String id = "client-" + weight;
            add(
                    "weights %d to %d".formatted(tens + 1, tens + 10),
                    weight % 2 == 0 ? hammer(id, weight) : greedy(id, weight));
        }
        return answering(Answers.SHARES, Answers.WINDOWS, Answers.UTILISATION);
    }

    private SimulatedPool poissonBesideGreedy() {
        add("little", 20, i -> 1, (id, weight) -> poisson(id, weight, 20));
        add("much", 5, i -> 20, (id, weight) -> poisson(id, weight, 500));
        add("greedy", 8, i -> 1 + i % 4, Client::greedy);
        add("hammering", 2, i -> 2, Client::hammer);
        return answering(Answers.SHARES, Answers.WINDOWS, Answers.UTILISATION);
    }

    private SimulatedPool demand(double ofCapacity) {
        double each = perSecond * ofCapacity / 10;
        for (int weight = 1; weight <= 10; weight++) {
            add("weight " + weight, poisson("client-" + weight, weight, each));
        }
        return answering(Answers.UTILISATION);
    }

    private SimulatedPool onOff() {
        add("steady", 8, i -> 1 + i % 2, Client::greedy);
        add("hammering", 2, i -> 2, Client::hammer);
        add("on and off", 4, i -> 4, (id, weight) -> greedy(id, weight).onOff(2, 2));
        return answering(Answers.UTILISATION);
    }

    private SimulatedPool heavyTailed() {
        add(
                "comes and goes",
                150,
                i -> 1 + i % 5,
                (id, weight) -> greedy(id, weight).heavyTailed(1, 3, simulation.random()));
        add("steady", 10, i -> 1 + i % 5, Client::greedy);
        return answering(Answers.UTILISATION);
    }

    private SimulatedPool changes() {
        add("stays", greedy("stays", 1));
        add("is changed at 5 s", greedy("changed", 1).weightFrom(5, 3));
        add("there from 10 to 15 s", greedy("visits", 4).from(10).until(15));
        settling.addAll(List.of(5, 10, 15));
        return answering(Answers.WINDOWS, Answers.UTILISATION);
    }

    private SimulatedPool hammerAndPolite() {
        add(POLITE, 9, i -> 1, (id, weight) -> poisson(id, weight, 80));
        add("hammering", 1, i -> 1, Client::hammer);
        return answering(Answers.UTILISATION, Answers.POLITENESS);
    }

    private SimulatedPool minimal() {
        add("weighted", 50, i -> 1 + i % 10, Client::greedy);
        add("weight 0", 3, i -> 0, Client::greedy);
        add("weight 0, hammering", 1, i -> 0, Client::hammer);
        return answering(Answers.SHARES, Answers.UTILISATION);
    }

    private SimulatedPool thousands() {
        simulation.over(Collections.nCopies(50, simulation::decide));
        add("greedy", 2_300, i -> 1 + i % 5, Client::greedy);
        add("hammering", 100, i -> 1 + i % 5, Client::hammer);
        add(POLITE, 600, i -> 3, (id, weight) -> poisson(id, weight, 15));
        return answering(Answers.UTILISATION);
    }

    private SimulatedPool leased(int instances) {
        simulation.leasing(instances);
        add("hammering", 3, i -> 1 << i, Client::hammer);
        add(POLITE, 1, i -> 2, (id, weight) -> poisson(id, weight, 0.8 * perSecond * weight / 9));
        add("little", 10, i -> 1, (id, weight) -> poisson(id, weight, 5));
        return answering(Answers.SHARES, Answers.WINDOWS, Answers.UTILISATION, Answers.POLITENESS);
    }

    private SimulatedPool answeringForCalls() {
        Set<Answers> more = EnumSet.copyOf(answers);
        more.add(Answers.CALLS);
        answers = more;
        return this;
    }

    /** Runs it, and returns what each got. */
    FairShares run() {
        simulation.run(seconds);
        int from = (int) (WARM_UP * SLICES_PER_SECOND);
        return new FairShares(
                perSecond, groups.keySet().stream().map(this::measured).toList(), from, slices());
    }

    private int slices() {
        return (int) Math.round(seconds * SLICES_PER_SECOND);
    }

    private PoolClient measured(Client client) {
        int slices = slices();
        long[] weights = new long[slices];
        double[] wants = new double[slices];
        double[] got = new double[slices];
        double[] asked = new double[slices];
        double[] refused = new double[slices];
        double wanted = client.isSaturated() ? Double.POSITIVE_INFINITY : client.askedRate(WARM_UP, seconds);
        for (int i = 0; i < slices; i++) {
            double begin = (double) i / SLICES_PER_SECOND;
            weights[i] = client.weight(begin);
            wants[i] = client.isThere(begin) ? wanted : 0;
            double end = (double) (i + 1) / SLICES_PER_SECOND;
            got[i] = client.rate(begin, end) / SLICES_PER_SECOND;
            asked[i] = client.requestRate(begin, end) / SLICES_PER_SECOND;
            refused[i] = client.refusedRate(begin, end) / SLICES_PER_SECOND;
        }
        return new PoolClient(groups.get(client), weights, wants, got, asked, refused);
    }

    /** What was aimed at, after it ran. */
    List<Aim> aims(FairShares shares) {
        List<Aim> aims = new ArrayList<>();
        if (answers.contains(Answers.SHARES)) {
            aims.add(Aim.atMostPercent("largest error of a client that always wants more", shares.worstError(), 0.01));
            aims.add(Aim.atLeast(
                    "Jain's index over what part of its ideal each of them got", shares.jain(), 0.999, "%.6f"));
        }
        if (answers.contains(Answers.WINDOWS)) {
            var windows = shares.windows(Set.copyOf(settling));
            aims.add(Aim.atMostPercent("error in a single second, on average", windows.getAverage(), 0.02));
            aims.add(Aim.atMostPercent("error in a single second, at worst", windows.getMax(), 0.05));
        }
        if (answers.contains(Answers.POLITENESS)) {
            aims.add(Aim.atMostPercent("requests of the polite that were refused", shares.refused(POLITE), 0.001));
        }
        if (answers.contains(Answers.UTILISATION)) {
            aims.add(Aim.atLeastPercent("used of what could be", shares.utilisation(), 0.99));
        }
        if (answers.contains(Answers.CALLS)) {
            aims.add(Aim.atLeast("decisions for each call to the pool", decisionsPerCall(), 50, "%.0f"));
        }
        aims.add(Aim.atMostPercent(
                "most beyond rate times time in any interval, of the burst", simulation.mostOfBurst(), 1));
        return aims;
    }

    private double decisionsPerCall() {
        return (double) groups.keySet().stream().mapToLong(Client::asked).sum() / simulation.calls();
    }

    /** Its numbers, after it ran. */
    String size() {
        return String.format(
                Locale.ROOT,
                "%,d permits a second, a burst of %,d; %,.0f s after %.0f s, %,d clients; a call to the pool for %.1f decisions",
                perSecond,
                burst,
                seconds - WARM_UP,
                WARM_UP,
                groups.size(),
                decisionsPerCall());
    }
}
