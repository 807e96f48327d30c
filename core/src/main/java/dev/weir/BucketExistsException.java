package dev.weir;

/** There is a bucket of that id already. */
public final class BucketExistsException extends IllegalArgumentException {

    BucketExistsException(String id) {
        super("there is a bucket '%s' already".formatted(id));
    }
}
