package dev.weir.filter.config;

import java.util.Optional;

/**
 * Reads what is given as the table of keys says, and reports what cannot be read.
 *
 * <p>Names stand for the places of a key's pattern, in their order.
 */
record Values(ConfigSnapshot given, ConfigProblems problems) {

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
}
