package dev.weir.store;

/** The store did not decide. Whether a charge was made is unknown. */
public final class StoreException extends RuntimeException {

    /** What went wrong, as far as metrics distinguish it. */
    public enum Kind {
        /** No answer within the deadline. */
        TIMEOUT,
        /** No connection. */
        UNREACHABLE,
        /** The store answered with an error. */
        ERROR
    }

    private final Kind kind;

    public StoreException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    /** What went wrong. */
    public Kind kind() {
        return kind;
    }
}
