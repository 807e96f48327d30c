package dev.weir;

/** There is no bucket of that id. */
public final class UnknownBucketException extends IllegalArgumentException {

    UnknownBucketException(String id) {
        super("there is no bucket '%s'".formatted(id));
    }
}
