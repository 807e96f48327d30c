package dev.weir.benchmarks;

import static dev.weir.benchmarks.PoolClient.SLICES_PER_SECOND;
import static dev.weir.benchmarks.PoolClient.sum;

import dev.weir.memory.MaxMin;
import dev.weir.memory.MaxMin.Want;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/**
 * What the clients of a pool got, held against the weighted max-min ideal. In each slice that is what an ideal server
 * would give those who are there; one that does not ask for all that there is counts with what it asked for on average.
 */
final class FairShares {

    /** Below, a second has so few permits that a single one is a large part of them. */
    private static final double LEAST_IN_WINDOW = 100;

    private final double perSecond;
    private final List<PoolClient> clients;
    private final int from;
    private final int to;
    private final List<double[]> ideals;

    /**
     * @param perSecond the pool's capacity
     * @param from the first slice that counts, at the begin of a second
     * @param to and the one after the last
     */
    FairShares(double perSecond, List<PoolClient> clients, int from, int to) {
        this.perSecond = perSecond;
        this.clients = List.copyOf(clients);
        this.from = from;
        this.to = to;
        this.ideals = ideals();
    }

    /** For each client and slice, permits per second. */
    private List<double[]> ideals() {
        List<double[]> all = clients.stream().map(client -> new double[to]).toList();
        Map<Integer, Want> before = Map.of();
        Map<Integer, Double> shares = Map.of();
        for (int slice = 0; slice < to; slice++) {
            Map<Integer, Want> wants = wants(slice);
            if (!wants.equals(before)) {
                shares = MaxMin.shares(perSecond, wants);
                before = wants;
            }
            for (int i = 0; i < all.size(); i++) {
                all.get(i)[slice] = shares.getOrDefault(i, 0.0);
            }
        }
        return all;
    }

    private Map<Integer, Want> wants(int slice) {
        Map<Integer, Want> wants = new HashMap<>();
        for (int i = 0; i < clients.size(); i++) {
            PoolClient client = clients.get(i);
            if (client.wants()[slice] > 0) {
                wants.put(i, new Want(client.weights()[slice], client.wants()[slice]));
            }
        }
        return wants;
    }

    /**
     * Clients of a group: values of one client on average.
     *
     * @param wants what it asked for; infinite if all that there is
     * @param worst the largest error of any of them, as a part of its ideal
     * @param refused the part of its requests
     */
    record Row(
            String group,
            int clients,
            String weights,
            double wants,
            double ideal,
            double got,
            double worst,
            double refused) {}

    /** Of those who were there. */
    List<Row> rows() {
        return clients.stream()
                .map(PoolClient::group)
                .distinct()
                .map(this::row)
                .filter(row -> row.ideal() > 0)
                .toList();
    }

    private Row row(String group) {
        List<Integer> members = IntStream.range(0, clients.size())
                .filter(i -> clients.get(i).group().equals(group))
                .boxed()
                .toList();
        double asked = average(members, i -> sum(clients.get(i).asked(), from, to));
        double refused = average(members, i -> sum(clients.get(i).refused(), from, to));
        long[] weights = members.stream()
                .flatMapToLong(i -> IntStream.range(from, to)
                        .mapToLong(slice -> clients.get(i).weights()[slice]))
                .distinct()
                .sorted()
                .toArray();
        String range =
                weights.length == 1 ? Long.toString(weights[0]) : weights[0] + " to " + weights[weights.length - 1];
        return new Row(
                group,
                members.size(),
                range,
                average(members, this::wanted),
                average(members, i -> ideal(i, from, to)),
                average(members, i -> got(i, from, to)),
                members.stream().mapToDouble(this::error).max().orElse(0),
                asked == 0 ? 0 : refused / asked);
    }

    private static double average(List<Integer> members, ToDoubleFunction<Integer> value) {
        return members.stream().mapToDouble(value).average().orElse(0);
    }

    private double wanted(int client) {
        return IntStream.range(from, to)
                .mapToDouble(slice -> clients.get(client).wants()[slice])
                .average()
                .orElse(0);
    }

    double ideal(int client, int first, int last) {
        return sum(ideals.get(client), first, last) / (last - first);
    }

    double got(int client, int first, int last) {
        return sum(clients.get(client).got(), first, last) * SLICES_PER_SECOND / (last - first);
    }

    private double error(int client) {
        double ideal = ideal(client, from, to);
        return ideal == 0 ? 0 : Math.abs(got(client, from, to) / ideal - 1);
    }

    /** The errors of those who always want more. */
    double worstError() {
        return saturated().stream().mapToDouble(this::error).max().orElse(0);
    }

    /** Of those who always want more, by what part of their ideal they got. */
    double jain() {
        return MaxMin.jain(saturated().stream()
                .map(i -> got(i, from, to) / ideal(i, from, to))
                .toList());
    }

    boolean hasSaturated() {
        return !saturated().isEmpty();
    }

    private List<Integer> saturated() {
        return IntStream.range(0, clients.size())
                .filter(i -> clients.get(i).isSaturated() && ideal(i, from, to) > 0)
                .boxed()
                .toList();
    }

    /** What was used of what could have been: all of the capacity, or all that was wanted. */
    double utilisation() {
        double could = 0;
        double used = 0;
        for (int slice = from; slice < to; slice++) {
            double wanted = 0;
            for (PoolClient client : clients) {
                wanted += client.wants()[slice];
                used += client.got()[slice] * SLICES_PER_SECOND;
            }
            could += Math.min(perSecond, wanted);
        }
        return used / could;
    }

    /** The largest part of their requests that the clients of a group were refused. */
    double refused(String group) {
        return rows().stream()
                .filter(row -> row.group().equals(group))
                .mapToDouble(Row::refused)
                .max()
                .orElseThrow();
    }

    /**
     * The errors of those who always want more in each single second in which they should have at least a hundred
     * permits.
     *
     * @param settling seconds that do not count, because something changes in them
     */
    DoubleSummaryStatistics windows(Set<Integer> settling) {
        List<Double> errors = new ArrayList<>();
        for (int second = from / SLICES_PER_SECOND; second < to / SLICES_PER_SECOND; second++) {
            int first = second * SLICES_PER_SECOND;
            int last = first + SLICES_PER_SECOND;
            for (int client : settling.contains(second) ? List.<Integer>of() : saturated()) {
                double ideal = ideal(client, first, last);
                if (ideal >= LEAST_IN_WINDOW) {
                    errors.add(Math.abs(got(client, first, last) / ideal - 1));
                }
            }
        }
        return errors.stream().mapToDouble(error -> error).summaryStatistics();
    }

    List<PoolClient> clients() {
        return clients;
    }
}
