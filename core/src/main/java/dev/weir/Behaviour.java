package dev.weir;

import dev.weir.store.Timestamp;
import java.time.Duration;
import java.util.Objects;

/**
 * What a {@link Policy} does besides counting: without the store, in shadow mode, with callers' timestamps and at the
 * limit. Immutable. A policy's own methods make one:
 *
 * <pre>{@code
 * Policy search = Policy.of("search", Limit.tokenBucket(100, Duration.ofSeconds(1)))
 *         .onStoreFailure(OnStoreFailure.REJECT)
 *         .maxDelay(Duration.ofSeconds(2));
 * }</pre>
 *
 * @param onStoreFailure what to do while the store does not answer
 * @param shadow whether the policy decides and counts, but does not enforce
 * @param maxAge how old a caller's timestamp may be, at most {@link Timestamp#LONGEST_MAX_AGE}
 * @param maxSkew how far ahead of the store's clock a caller's timestamp may be, at most
 *     {@link Timestamp#LONGEST_MAX_SKEW}
 * @param maxDelay how long a request may wait for its turn where it can ({@link Weir#acquireAsync}), at most
 *     {@link #LONGEST_MAX_DELAY}; 0 if it is rejected at the limit
 */
public record Behaviour(
        OnStoreFailure onStoreFailure, boolean shadow, Duration maxAge, Duration maxSkew, Duration maxDelay) {

    /** The longest that a request may wait for its turn: 10 minutes. */
    public static final Duration LONGEST_MAX_DELAY = Duration.ofMinutes(10);

    /** How old a caller's timestamp may be if nothing else is configured: 60 seconds. */
    public static final Duration DEFAULT_MAX_AGE = Duration.ofSeconds(60);

    /** How far ahead a caller's timestamp may be if nothing else is configured: 5 seconds. */
    public static final Duration DEFAULT_MAX_SKEW = Duration.ofSeconds(5);

    /** Keeps the limit locally while the store does not answer, enforces, and rejects at the limit. */
    public static final Behaviour DEFAULT =
            new Behaviour(OnStoreFailure.LOCAL, false, DEFAULT_MAX_AGE, DEFAULT_MAX_SKEW, Duration.ZERO);

    /** @throws IllegalArgumentException if a duration is out of its range */
    public Behaviour {
        Objects.requireNonNull(onStoreFailure, "onStoreFailure");
        requireUpTo("max-age", maxAge, Timestamp.LONGEST_MAX_AGE);
        requireUpTo("max-skew", maxSkew, Timestamp.LONGEST_MAX_SKEW);
        requireUpTo("max-delay", maxDelay, LONGEST_MAX_DELAY);
    }

    static void requireUpTo(String name, Duration duration, Duration longest) {
        if (duration.isNegative() || duration.compareTo(longest) > 0) {
            throw new IllegalArgumentException(
                    "%s must be from PT0S to %s, but is %s".formatted(name, longest, duration));
        }
    }

    Behaviour withOnStoreFailure(OnStoreFailure other) {
        return new Behaviour(other, shadow, maxAge, maxSkew, maxDelay);
    }

    Behaviour withShadow() {
        return new Behaviour(onStoreFailure, true, maxAge, maxSkew, maxDelay);
    }

    Behaviour withMaxAge(Duration other) {
        return new Behaviour(onStoreFailure, shadow, other, maxSkew, maxDelay);
    }

    Behaviour withMaxSkew(Duration other) {
        return new Behaviour(onStoreFailure, shadow, maxAge, other, maxDelay);
    }

    Behaviour withMaxDelay(Duration other) {
        return new Behaviour(onStoreFailure, shadow, maxAge, maxSkew, other);
    }
}
