package dev.weir.store;

import dev.weir.limit.Names;

/**
 * The owner of permits: a client, or a bucket, which has a limit of its own whichever client asks.
 *
 * @param kind which of the two
 * @param id the client's id, 1 to {@link Names#MAX_ID_BYTES} bytes in UTF-8, or the bucket's, likewise
 */
public record Subject(Kind kind, String id) {

    /** What a subject is. A client and a bucket of one id have nothing in common. */
    public enum Kind {
        CLIENT,
        BUCKET
    }

    /** The client of that id. */
    public static Subject client(String id) {
        return new Subject(Kind.CLIENT, id);
    }

    /** The bucket of that id. */
    public static Subject bucket(String id) {
        return new Subject(Kind.BUCKET, id);
    }

    /** The same in every process, unlike an enum's: what is kept by subject is visited in the same order in all. */
    @Override
    public int hashCode() {
        return 31 * kind.ordinal() + id.hashCode();
    }
}
