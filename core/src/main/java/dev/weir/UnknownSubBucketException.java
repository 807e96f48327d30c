package dev.weir;

import dev.weir.limit.Split;
import org.jspecify.annotations.Nullable;

/**
 * A request names a sub-bucket that its client's limit does not have.
 *
 * <pre>{@code
 * try {
 *     return search.tryAcquire(Acquisition.of("alice").subBucket(2)).permitted();
 * } catch (UnknownSubBucketException e) {
 *     return search.allow("alice"); // The client's limit is not split into three any more.
 * }
 * }</pre>
 */
public final class UnknownSubBucketException extends IllegalArgumentException {

    /** @param split of the client's limit; null if it is not split */
    UnknownSubBucketException(String policy, int subBucket, @Nullable Split split) {
        super("there is no sub-bucket %d of policy '%s', which for this client is %s"
                .formatted(
                        subBucket,
                        policy,
                        split == null
                                ? "not split"
                                : "split into %d: 0 to %d".formatted(split.parts(), split.parts() - 1)));
    }
}
