package dev.weir;

import dev.weir.limit.Rate;
import dev.weir.limit.Terms;
import dev.weir.store.Overrides;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What of a client's overrides can be kept under a policy as it is now. They are checked when they are set; but the
 * policy may have changed since, or a plan come to a weight, and a client must not fail for ever because of that. Left
 * out is as little as possible, and what configuration says holds there. A weight of 0 is never left out: a client that
 * was blocked, or held to the policy's minimum, stays so; unless the policy shares a pool now, where a weight of 0 is a
 * small share.
 *
 * @param kept what can be kept; everything if nothing less would do
 * @param leftOut what is left out and why, for people to read; empty if nothing is
 */
record OverrideCheck(Overrides kept, Optional<String> leftOut) {

    static OverrideCheck of(Policy policy, String client, Overrides overrides, @Nullable String action) {
        Optional<String> wrong = wrong(policy, client, overrides, action);
        if (wrong.isPresent()) {
            for (Overrides some : lessAndLess(policy.name(), overrides)) {
                if (wrong(policy, client, some, action).isEmpty()) {
                    String left = "%s, set at run time, is left out: %s"
                            .formatted(difference(policy.name(), overrides, some), wrong.get());
                    return new OverrideCheck(some, Optional.of(left));
                }
            }
        }
        return new OverrideCheck(overrides, Optional.empty());
    }

    /** What is left out under a policy, or under an action of it. */
    static Optional<String> leftOut(Policy policy, String client, Overrides overrides) {
        return Stream.concat(
                        Stream.of(Optional.<String>empty()),
                        policy.terms().actions().keySet().stream().map(Optional::of))
                .flatMap(action -> of(policy, client, overrides, action.orElse(null)).leftOut().stream())
                .findFirst();
    }

    private static List<Overrides> lessAndLess(String policy, Overrides all) {
        Terms set = all.of(policy);
        Long zero = Objects.equals(set.weight(), 0L) ? set.weight() : null;
        Overrides onlySplit = all.with(policy, new Terms(null, zero, set.split()));
        return List.of(
                all.with(policy, new Terms(set.rate(), zero, set.split())),
                all.with(policy, new Terms(null, set.weight(), set.split())),
                onlySplit,
                onlySplit.withPlan(null),
                all.with(policy, new Terms(null, zero, null)).withPlan(null),
                Overrides.NONE);
    }

    private static Optional<String> wrong(Policy policy, String client, Overrides overrides, @Nullable String action) {
        Terms terms = policy.terms(client, overrides, Terms.NONE);
        try {
            Policy.checkParts(policy.whole(terms, Terms.NONE, action), terms.split());
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static String difference(String policy, Overrides all, Overrides some) {
        Terms set = all.of(policy);
        Terms kept = some.of(policy);
        Rate rate = set.rate();
        return Stream.of(
                        rate == null || rate.equals(kept.rate())
                                ? null
                                : "limit %d per %s".formatted(rate.permits(), rate.period()),
                        Objects.equals(set.weight(), kept.weight()) ? null : "weight " + set.weight(),
                        set.split() == null || set.split().equals(kept.split())
                                ? null
                                : "split " + set.split().percents(),
                        Objects.equals(all.plan(), some.plan()) ? null : "plan " + all.plan())
                .filter(Objects::nonNull)
                .collect(Collectors.joining(", "));
    }
}
