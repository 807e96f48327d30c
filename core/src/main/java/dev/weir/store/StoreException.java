package dev.weir.store;

/** The store did not decide. Whether a charge was made is unknown, unless it {@link #isUncharged}. */
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
    private final boolean isUncharged;

    /** A failure of which it is unknown whether the call was received. */
    public StoreException(Kind kind, String message, Throwable cause) {
        this(kind, message, cause, false);
    }

    private StoreException(Kind kind, String message, Throwable cause, boolean isUncharged) {
        super(message, cause);
        this.kind = kind;
        this.isUncharged = isUncharged;
    }

    /** A failure of a call that was surely not received, or was answered with an error before it charged anything. */
    public static StoreException uncharged(Kind kind, String message, Throwable cause) {
        return new StoreException(kind, message, cause, true);
    }

    /** Whether nothing was charged, and never will be by that call. */
    public boolean isUncharged() {
        return isUncharged;
    }

    /** What went wrong. */
    public Kind kind() {
        return kind;
    }
}
