package dev.weir;

import java.util.Objects;
import java.util.regex.Pattern;

/**
 * A named rule: a limit for each client, and what happens when the store does not answer. Immutable.
 *
 * @param name 1 to 64 letters, digits, {@code -} and {@code _}, not starting with {@code -} or {@code _}: it appears in
 *     configuration keys, Redis keys, HTTP fields and metrics without being quoted
 * @param limit what each client may do
 * @param onStoreFailure what to do without the store
 */
public record Policy(String name, Limit limit, OnStoreFailure onStoreFailure) {

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");

    /** @throws IllegalArgumentException if the name is not as described */
    public Policy {
        if (!isName(name)) {
            throw new IllegalArgumentException(
                    "a policy's name must be 1 to 64 letters, digits, '-' and '_', starting with a letter or digit, but is '%s'"
                            .formatted(name));
        }
        Objects.requireNonNull(limit, "limit");
        Objects.requireNonNull(onStoreFailure, "onStoreFailure");
    }

    /** A policy that keeps its limit locally while the store does not answer. */
    public static Policy of(String name, Limit limit) {
        return new Policy(name, limit, OnStoreFailure.LOCAL);
    }

    /** Whether {@code name} can be the name of a policy. */
    public static boolean isName(String name) {
        return NAME.matcher(name).matches();
    }
}
