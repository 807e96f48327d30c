package dev.weir;

/**
 * There is a bucket of that id already.
 *
 * <pre>{@code
 * try {
 *     weir.limits().createBucket("tenant-7", 100, 200);
 * } catch (BucketExistsException e) {
 *     weir.limits().updateBucket("tenant-7", 100, 200);
 * }
 * }</pre>
 */
public final class BucketExistsException extends IllegalArgumentException {

    BucketExistsException(String id) {
        super("there is a bucket '%s' already".formatted(id));
    }
}
