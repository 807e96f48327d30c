package dev.weir.benchmarks;

import static dev.weir.benchmarks.PoolClient.SLICES_PER_SECOND;

import dev.weir.memory.PoolSimulation;
import dev.weir.memory.PoolSimulation.Client;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/**
 * Clients of a pool in virtual time, and the aims of a run. A new one is needed for each run, because its random
 * numbers depend on what has run before.
 */
final class SimulatedPool {

    /** Seconds that are not measured: the clients that came first took more than their share of the idle burst. */
    static final double WARM_UP = 4;

    /** The group of clients whose requests must not be refused. */
    static final String POLITE = "polite";

    /** What a run is asked beside the total. */
    enum Question {
        SHARES,
        WINDOWS,
        UTILISATION,
        POLITENESS,
        CALLS
    }

    /** Makes a client. */
    interface ClientOfWeight {
        Client client(String id, long weight);
    }

    private final long perSecond;
    private final long burst;
    private final double seconds;
    private final PoolSimulation simulation;
    private final Map<Client, String> groups = new LinkedHashMap<>();
    private final List<Integer> settling = new ArrayList<>();
    private Set<Question> questions = Set.of();

    /** @param seconds how long the simulation runs, the warm-up included */
    SimulatedPool(long perSecond, long burst, double seconds, long seed) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.seconds = seconds;
        this.simulation = new PoolSimulation(perSecond, burst, seed);
    }

    void add(String group, Client client) {
        groups.put(simulation.add(client), group);
    }

    void add(String group, int count, IntUnaryOperator weight, ClientOfWeight made) {
        for (int i = 0; i < count; i++) {
            add(group, made.client(group + "-" + i, weight.applyAsInt(i)));
        }
    }

    /** The source of all that is random in the run. */
    Random random() {
        return simulation.random();
    }

    /** Spreads requests over so many instances, each of which asks the pool each time. */
    void over(int instances) {
        simulation.over(Collections.nCopies(instances, simulation::decide));
    }

    /** Spreads requests over so many instances, each of which leases from the pool. */
    void leasing(int instances) {
        simulation.leasing(instances);
    }

    /** These seconds do not count for the errors. */
    SimulatedPool settlingAt(Integer... seconds) {
        settling.addAll(List.of(seconds));
        return this;
    }

    SimulatedPool answering(Question... asked) {
        questions = Set.of(asked);
        return this;
    }

    /** Runs it, and returns what each client got. */
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

    /** The aims, after it ran, and whether they were met. */
    List<Aim> aims(FairShares shares) {
        List<Aim> aims = new ArrayList<>();
        if (questions.contains(Question.SHARES)) {
            aims.add(Aim.atMostPercent("largest error of a client that always wants more", shares.worstError(), 0.01));
            aims.add(Aim.atLeast(
                    "Jain's index over what part of its ideal each of them got", shares.jain(), 0.999, "%.6f"));
        }
        if (questions.contains(Question.WINDOWS)) {
            var windows = shares.windows(Set.copyOf(settling));
            aims.add(Aim.atMostPercent("error in a single second, on average", windows.getAverage(), 0.02));
            aims.add(Aim.atMostPercent("error in a single second, at worst", windows.getMax(), 0.05));
        }
        if (questions.contains(Question.POLITENESS)) {
            aims.add(Aim.atMostPercent("requests of the polite that were refused", shares.refused(POLITE), 0.001));
        }
        if (questions.contains(Question.UTILISATION)) {
            aims.add(Aim.atLeastPercent("used of what could be", shares.utilisation(), 0.99));
        }
        if (questions.contains(Question.CALLS)) {
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
