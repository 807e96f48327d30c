package dev.weir.limit;

import java.util.List;
import java.util.stream.IntStream;

/**
 * A client's limit divided into sub-buckets by weights that are percentages. Immutable.
 *
 * <p>A request is charged on its sub-bucket and on the whole limit, all or none. As the parts add up to the whole, the
 * whole refuses nothing that a part permits, unless the split was changed while some of the limit was in use.
 *
 * <p>A total is divided by largest remainder (Hamilton's method): each part gets its percentage rounded down, and the
 * permits that are left go one each to the largest remainders, of equal ones to the first. So the parts add up to the
 * total exactly.
 *
 * @param percents one for each sub-bucket: 1 to {@link #MAX_PARTS} of them, each from 0 to 100, together 100
 */
public record Split(List<Integer> percents) {

    /** The most sub-buckets: 100. */
    public static final int MAX_PARTS = 100;

    /** @throws IllegalArgumentException if the percentages are not as described */
    public Split {
        percents = List.copyOf(percents);
        boolean inRange = percents.stream().allMatch(percent -> percent >= 0 && percent <= 100);
        int sum = inRange ? percents.stream().mapToInt(Integer::intValue).sum() : -1;
        if (percents.isEmpty() || percents.size() > MAX_PARTS || sum != 100) {
            throw new IllegalArgumentException(
                    "a split must be 1 to %d percentages from 0 to 100 that add up to 100, but is %s"
                            .formatted(MAX_PARTS, percents));
        }
    }

    /** As {@link #Split(List)}. */
    public static Split of(int... percents) {
        return new Split(IntStream.of(percents).boxed().toList());
    }

    /** The number of sub-buckets. */
    public int parts() {
        return percents.size();
    }

    /**
     * What a part gets of a total.
     *
     * @param part from 0 to {@link #parts} - 1
     */
    public long share(long total, int part) {
        long left = total;
        long before = 0;
        for (int other = 0; other < parts(); other++) {
            left -= floor(total, percents.get(other));
            before += comesFirst(total, other, part) ? 1 : 0;
        }
        return floor(total, percents.get(part)) + (before < left ? 1 : 0);
    }

    private boolean comesFirst(long total, int one, int other) {
        long ofOne = remainder(total, percents.get(one));
        long ofOther = remainder(total, percents.get(other));
        return ofOne > ofOther || ofOne == ofOther && one < other;
    }

    // A total times a percentage would leave the exact range: whole hundreds and the rest are divided on their own.
    private static long floor(long total, int percent) {
        return total / 100 * percent + total % 100 * percent / 100;
    }

    private static long remainder(long total, int percent) {
        return total % 100 * percent % 100;
    }

    /** The sub-bucket that a draw picks, each with the same chance. */
    public int pick(int draw) {
        return (int) ((long) draw * parts() >>> DRAW_BITS);
    }

    /** A draw is a whole number of so many random bits. */
    public static final int DRAW_BITS = 30;
}
