package dev.weir.memory;

import dev.weir.limit.Pool;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a pool is measured against: weighted max-min fair shares, by water filling. A client that wants less than its
 * part keeps what it wants, and the others share the rest.
 */
public final class MaxMin {

    private MaxMin() {}

    /**
     * What a client wants.
     *
     * @param weight from 0 to {@link Pool#MAX_WEIGHT}
     * @param perSecond permits; infinite if it always wants more
     */
    public record Want(long weight, double perSecond) {}

    /** What each has of the capacity. Those of weight 0 together have one hundredth while others want the rest. */
    public static <C> Map<C, Double> shares(double capacity, Map<C, Want> wants) {
        Map<C, Want> weighted = new HashMap<>(wants);
        weighted.values().removeIf(want -> want.weight == 0);
        Map<C, Want> minimal = new HashMap<>(wants);
        minimal.values().removeIf(want -> want.weight > 0);
        Map<Boolean, Double> lanes =
                filled(capacity, Map.of(false, new Want(99, sum(weighted)), true, new Want(1, sum(minimal))));
        minimal.replaceAll((client, want) -> new Want(1, want.perSecond));
        Map<C, Double> shares = filled(lanes.get(false), weighted);
        shares.putAll(filled(lanes.get(true), minimal));
        return shares;
    }

    private static double sum(Map<?, Want> wants) {
        return wants.values().stream().mapToDouble(Want::perSecond).sum();
    }

    /**
     * The client that needs the least for its weight is served first: if even that is too much, all get their weight's
     * part.
     */
    private static <C> Map<C, Double> filled(double capacity, Map<C, Want> wants) {
        List<Map.Entry<C, Want>> byNeed = wants.entrySet().stream()
                .sorted(Comparator.comparingDouble(entry -> entry.getValue().perSecond / entry.getValue().weight))
                .toList();
        Map<C, Double> shares = new HashMap<>();
        double left = capacity;
        long weights = wants.values().stream().mapToLong(Want::weight).sum();
        for (Map.Entry<C, Want> entry : byNeed) {
            Want want = entry.getValue();
            double share = Math.min(want.perSecond, left * want.weight / weights);
            shares.put(entry.getKey(), share);
            left -= share;
            weights -= want.weight;
        }
        return shares;
    }

    /** Jain's index of fairness: 1 if all have the same part of their share, and 1/n if one of n has everything. */
    public static double jain(List<Double> parts) {
        double sum = parts.stream().mapToDouble(part -> part).sum();
        double squares = parts.stream().mapToDouble(part -> part * part).sum();
        return sum * sum / (parts.size() * squares);
    }
}
