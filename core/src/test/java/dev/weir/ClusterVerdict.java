package dev.weir;

import org.jspecify.annotations.Nullable;

/** Keeps the first failure of a simulated cluster: what is thrown inside of a future or a task may stay there. */
final class ClusterVerdict {

    private @Nullable AssertionError first;

    /** A promise is broken; the caller throws the result, so that what depends on the promise does not go on. */
    AssertionError broken(AssertionError failure) {
        if (first == null) {
            first = failure;
        }
        return failure;
    }

    AssertionError broken(String format, Object... arguments) {
        return broken(new AssertionError(format.formatted(arguments)));
    }

    void requireNoneBroken() {
        if (first != null) {
            throw new AssertionError(first.getMessage(), first);
        }
    }
}
