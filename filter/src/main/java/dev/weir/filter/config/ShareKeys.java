package dev.weir.filter.config;

import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Split;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The keys of how many times a limit a client gets, and into what it is divided.
 *
 * @param weightInPool the same key as {@code weight}, which is a share in a pool, with another range
 */
record ShareKeys(Key<Long> weight, Key<Long> weightInPool, Key<Split> split) {

    /**
     * @param stem what the keys begin with
     * @param standardWeight the weight if none is set, for people to read
     * @param standardSplit the split if none is set, for people to read
     * @param whose whose they are, for people to read
     */
    static ShareKeys of(String stem, String standardWeight, String standardSplit, String whose) {
        return new ShareKeys(
                weight(stem, Limit.EXACT, standardWeight, whose),
                weight(stem, Pool.MAX_WEIGHT, standardWeight, whose),
                Key.open(
                        stem + ".split",
                        ValueType.split(),
                        standardSplit,
                        "The sub-buckets that the limit of %s is divided into. None beside a pool.".formatted(whose)));
    }

    private static Key<Long> weight(String stem, long largest, String standard, String whose) {
        return Key.open(
                stem + ".weight",
                ValueType.wholeNumber("-", 0, largest),
                standard,
                "How many times the limit and the burst %s gets. With 0, the policy's minimum. In a pool, the share: at most %d, and with 0 the pool's minimum."
                        .formatted(whose, Pool.MAX_WEIGHT));
    }

    /** The key of a weight, in a pool or of a limit. */
    Key<Long> weight(@Nullable Pool pool) {
        return pool == null ? weight : weightInPool;
    }

    Stream<Key<?>> all() {
        return Stream.of(weight, split);
    }
}
