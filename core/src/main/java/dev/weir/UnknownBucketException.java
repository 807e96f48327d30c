package dev.weir;

/**
 * There is no bucket of that id.
 *
 * <pre>{@code
 * try {
 *     return weir.bucket("tenant-7").allow();
 * } catch (UnknownBucketException e) {
 *     return false;
 * }
 * }</pre>
 */
public final class UnknownBucketException extends IllegalArgumentException {

    UnknownBucketException(String id) {
        super("there is no bucket '%s'".formatted(id));
    }
}
