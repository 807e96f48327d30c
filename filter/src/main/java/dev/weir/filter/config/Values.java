package dev.weir.filter.config;

import dev.weir.limit.Limit;
import java.util.List;
import java.util.Optional;

/**
 * Reads the values of keys as {@link ConfigKeys} defines them, and reports those that cannot be read.
 *
 * <p>Arguments called {@code names} fill the places of a key's pattern, in their order.
 */
record Values(ConfigSnapshot given, ConfigProblems problems) {

    /** What is allowed where several numbers together make a limit. */
    static final String COUNTABLE = "numbers that can be counted in whole numbers up to " + Limit.EXACT;

    <T> T orDefault(Key<T> key, String... names) {
        String standard = key.standard();
        if (standard == null) {
            throw new IllegalStateException(key.pattern() + " has no default");
        }
        return value(key, names).orElseGet(() -> key.kind().read().apply(standard));
    }

    <T> Optional<T> value(Key<T> key, String... names) {
        KeyName full = key.pattern().with(names);
        Optional<ConfigSnapshot.Value> value = given.value(full);
        try {
            return value.map(ConfigSnapshot.Value::text).map(key.kind().read());
        } catch (IllegalArgumentException e) {
            value.ifPresent(wrong -> problems.add(
                    full.toString(),
                    wrong,
                    String.valueOf(e.getMessage()),
                    key.kind().range()));
            return Optional.empty();
        }
    }

    boolean isGiven(Key<?> key, String... names) {
        return given.value(key.pattern().with(names)).isPresent();
    }

    /** The value of a key, if it has one, is wrong. */
    void refuse(KeyName key, String wrong, String allowed) {
        given.value(key).ifPresent(value -> problems.add(key.toString(), value, wrong, allowed));
    }

    /** Numbers do not make a limit together: reports the first of their keys that has a value. */
    void refuseFirst(List<? extends Key<?>> keys, IllegalArgumentException why, String... names) {
        keys.stream()
                .filter(key -> isGiven(key, names))
                .findFirst()
                .ifPresent(key -> refuse(key.pattern().with(names), String.valueOf(why.getMessage()), COUNTABLE));
    }
}
