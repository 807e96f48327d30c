package dev.weir.filter.config;

import dev.weir.limit.Limit;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** The keys of numbers that hold instead of a policy's: for a client, a plan or an action. */
record RateKeys(Key<Long> limit, Key<Duration> period, Key<Long> burst) {

    /**
     * @param stem what the keys begin with
     * @param whose whose numbers they are, for people to read
     */
    static RateKeys of(String stem, String whose) {
        return new RateKeys(
                Key.open(
                        stem + ".limit",
                        ValueType.wholeNumber("permits", 1, Limit.EXACT),
                        "the policy's",
                        "The permits that %s gets per period, instead of the policy's.".formatted(whose)),
                Key.open(
                        stem + ".period",
                        ValueType.duration("1ms", "366d"),
                        "the policy's",
                        "The time in which the permits of %s come free.".formatted(whose)),
                Key.open(
                        stem + ".burst",
                        ValueType.wholeNumber("permits", 1, Limit.EXACT),
                        "the limit beside it, or the policy's",
                        "The permits at once from rest of %s. Only for token-bucket and leaky-bucket."
                                .formatted(whose)));
    }

    List<Key<?>> list() {
        return List.of(limit, period, burst);
    }

    Stream<Key<?>> all() {
        return list().stream();
    }
}
