package dev.weir.store;

import dev.weir.limit.Names;
import org.jspecify.annotations.Nullable;

/**
 * The names under which a store counts what a client has used.
 *
 * <pre>
 *   search                the policy
 *   search/pdf            an action that has numbers of its own
 *   search/pdf@60000000   a limit that came with the request, by action and period in microseconds
 *   search#2              a sub-bucket of any of these
 * </pre>
 */
public final class UsageKey {

    private static final String MARKS = "/@#";

    private UsageKey() {}

    /** The key of an action of a policy; that of the policy itself if {@code action} is null. */
    public static String of(String policy, @Nullable String action) {
        return action == null ? policy : policy + '/' + action;
    }

    /** The key of a limit that came with a request: one for each period, so that none rules over the use of another. */
    public static String ofPeriod(String key, long periodMicros) {
        return key + '@' + periodMicros;
    }

    /** The key of a sub-bucket, by its index. */
    public static String ofSubBucket(String key, int index) {
        return key + '#' + index;
    }

    /** The policy that a key belongs to; {@link Names#BUCKET} for a named bucket. */
    public static String policyOf(String key) {
        if (key.equals(Overrides.BUCKET)) {
            return Names.BUCKET;
        }
        int end = 0;
        while (end < key.length() && MARKS.indexOf(key.charAt(end)) < 0) {
            end++;
        }
        return key.substring(0, end);
    }
}
