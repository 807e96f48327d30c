package dev.weir.dashboard;

import dev.weir.dashboard.Activity.LastRejected;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Limit;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A rejection as a sentence or two. */
public final class RejectionWords {

    private RejectionWords() {}

    /** As fields of JSON: {@code at} and {@code words}; null for none. */
    static @Nullable Map<String, Object> fields(@Nullable LastRejected last) {
        return last == null ? null : Map.of("at", last.at(), "words", of("A request", last.decision()));
    }

    /**
     * Why a request was rejected, and when the same request would pass.
     *
     * @param who what was rejected, as the subject of the sentence: {@code A request}
     */
    public static String of(String who, Rejected rejected) {
        return "%s was rejected under the policy '%s': %s %s"
                .formatted(who, rejected.policy(), reason(rejected), wait(rejected));
    }

    private static String reason(Rejected rejected) {
        Limit limit = rejected.limit();
        return switch (rejected.reason()) {
            case LIMIT ->
                "its limit of %d per %s is used up, %d left.%s"
                        .formatted(
                                limit.permits(),
                                text(limit.period()),
                                rejected.remaining(),
                                rejected.subBucket().isPresent()
                                        ? " Its sub-bucket %d decided."
                                                .formatted(rejected.subBucket().getAsInt())
                                        : "");
            case SHARE -> "its fair share of the pool is used up, and other clients want theirs.";
            case CAPACITY -> "the pool has no capacity left at the moment, whosever share it is.";
            case COST_ABOVE_LIMIT -> "it costs more than the limit of %d can ever hold.".formatted(limit.capacity());
            case STALE -> "its timestamp is older than the policy accepts.";
            case FUTURE -> "its timestamp is further ahead than the policy accepts.";
            case QUEUE_FULL -> "too many requests wait for their turn already.";
            case STORE_UNAVAILABLE -> "the store does not answer, and the policy rejects requests then.";
            case OK -> "it was given up.";
        };
    }

    private static String wait(Rejected rejected) {
        return rejected.retryAfter()
                .map(wait -> "The same request would pass in %s.".formatted(text(wait)))
                .orElse("To ask again does not help.");
    }

    private static String text(Duration duration) {
        long millis = Math.max(1, duration.toMillis());
        if (millis < 1_000) {
            return millis + " ms";
        }
        return (millis % 1_000 == 0 ? Long.toString(millis / 1_000) : Double.toString(millis / 1e3)) + " s";
    }
}
