package dev.weir.limit;

import dev.weir.limit.Decision.Rejected;
import java.util.Comparator;
import java.util.List;

/**
 * The answer to one request on several policies that were decided together: all charged, or none.
 *
 * @param each one decision for each policy, in the order asked; at least one. If any is rejected, those that are
 *     permitted were not charged either
 */
public record Decisions(List<Decision> each) {

    /** @throws IllegalArgumentException if there is no decision */
    public Decisions {
        each = List.copyOf(each);
        if (each.isEmpty()) {
            throw new IllegalArgumentException("at least one decision is needed");
        }
    }

    /** Whether the request may go on: every policy permits it. */
    public boolean permitted() {
        // By index: an iterator is garbage wherever the compiler does not see through it, and this is asked every time.
        for (int i = 0; i < each.size(); i++) {
            if (!each.get(i).permitted()) {
                return false;
            }
        }
        return true;
    }

    /**
     * The decision that binds: of the rejected ones the one that takes longest to change; if there is none, the one
     * with the fewest permits left.
     */
    public Decision binding() {
        return each.stream()
                .max(Comparator.comparingLong(Decisions::waitMicros).thenComparingLong(d -> -d.remaining()))
                .orElseThrow();
    }

    private static long waitMicros(Decision decision) {
        return decision instanceof Rejected rejected ? rejected.retryAfterMicros() : -1;
    }
}
