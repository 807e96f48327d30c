package dev.weir;

import java.time.Duration;
import java.util.Optional;

/** The answer to one request on one policy. Immutable. */
public sealed interface Decision {

    /** The name of the policy that was asked. */
    String policy();

    /** The limit that was applied. */
    Limit limit();

    /** Permits left to the client now. */
    long remaining();

    /** Microseconds until the client has its whole limit again. */
    long resetAfterMicros();

    /** Why. */
    Reason reason();

    /** Whether the request may go on. */
    default boolean permitted() {
        return this instanceof Permitted;
    }

    /** How long until the client has its whole limit again. */
    default Duration resetAfter() {
        return Exact.duration(resetAfterMicros());
    }

    /** The request may go on; its cost is charged. */
    record Permitted(String policy, Limit limit, long remaining, long resetAfterMicros, Reason reason)
            implements Decision {}

    /**
     * The request may not go on; nothing is charged.
     *
     * @param retryAfterMicros microseconds until the same request would pass if nobody takes permits before, or
     *     {@link #NEVER}
     */
    record Rejected(
            String policy, Limit limit, long remaining, long resetAfterMicros, Reason reason, long retryAfterMicros)
            implements Decision {

        /** The {@link #retryAfterMicros} of a request that can never pass: longer than any wait. */
        public static final long NEVER = Long.MAX_VALUE;

        /** How long to wait before the same request is worth trying again; empty if it can never pass. */
        public Optional<Duration> retryAfter() {
            return retryAfterMicros == NEVER ? Optional.empty() : Optional.of(Exact.duration(retryAfterMicros));
        }
    }
}
