package dev.weir.filter;

import dev.weir.Limit;
import dev.weir.Split;
import java.util.stream.Stream;

/** The keys of how many times a limit somebody gets, and into what it is divided. */
record ShareKeys(Key<Long> weight, Key<Split> split) {

    /**
     * @param stem what the keys begin with
     * @param standardWeight the weight if none is set, for people to read
     * @param standardSplit the split if none is set, for people to read
     * @param whose whose they are, for people to read
     */
    static ShareKeys of(String stem, String standardWeight, String standardSplit, String whose) {
        return new ShareKeys(
                Key.open(
                        stem + ".weight",
                        Kind.wholeNumber("-", 0, Limit.EXACT),
                        standardWeight,
                        "How many times the limit and the burst %s gets. With 0 nothing is permitted. In a pool, the share; see algorithms.md."
                                .formatted(whose)),
                Key.open(
                        stem + ".split",
                        Kind.split(),
                        standardSplit,
                        "The sub-buckets that the limit of %s is divided into.".formatted(whose)));
    }

    Stream<Key<?>> all() {
        return Stream.of(weight, split);
    }
}
