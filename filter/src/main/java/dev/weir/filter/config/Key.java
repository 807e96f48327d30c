package dev.weir.filter.config;

import org.jspecify.annotations.Nullable;

/**
 * A row of the table of keys.
 *
 * @param pattern the key; capitals stand for a name of the user's
 * @param kind what its values are like
 * @param standard the text that counts if the key is not set; {@code null} if there is none
 * @param standardShown how that is described to people
 * @param live whether a change holds at once, or with the next start
 * @param meaning what it is for
 */
public record Key<T>(
        KeyName pattern,
        ValueType<T> kind,
        @Nullable String standard,
        String standardShown,
        boolean live,
        String meaning) {

    /** A key with a fixed default. */
    static <T> Key<T> of(String pattern, ValueType<T> kind, String standard, String meaning) {
        return new Key<>(name(pattern), kind, standard, standard, true, meaning);
    }

    /** A key without a default, or with one that depends on others. */
    static <T> Key<T> open(String pattern, ValueType<T> kind, String standardShown, String meaning) {
        return new Key<>(name(pattern), kind, null, standardShown, true, meaning);
    }

    private static KeyName name(String pattern) {
        return KeyName.parse(pattern).orElseThrow();
    }

    /** The same key, read only at the start. */
    Key<T> atStart() {
        return new Key<>(pattern, kind, standard, standardShown, false, meaning);
    }
}
