package dev.weir.filter.config;

import dev.weir.Policy;
import dev.weir.limit.Limit;
import dev.weir.limit.Terms;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Computes every limit that a request under a policy can meet, so that none fails when the request comes, and reports
 * the keys of those that cannot be computed.
 */
final class TermsCheck {

    private final Values values;
    private final ConfigProblems warnings;
    private final Policy policy;
    private final Set<Terms> checked = new HashSet<>();

    /** @param warnings gets what works, but perhaps not as meant */
    TermsCheck(Values values, ConfigProblems warnings, Policy policy) {
        this.values = values;
        this.warnings = warnings;
        this.policy = policy;
    }

    /** Checks the policy first: if its own numbers are wrong, most that inherit them are, which is reported once. */
    void all() {
        List<Key<?>> own = List.of(ConfigKeys.SHARE.weight(), ConfigKeys.SHARE.split());
        if (!passes(Terms.NONE, own, policy.name())) {
            return;
        }
        policy.terms().plans().forEach((plan, terms) -> {
            passes(terms, keys(ConfigKeys.RATE_OF_PLAN, ConfigKeys.SHARE_OF_PLAN), policy.name(), plan);
        });
        policy.terms().clients().forEach((client, terms) -> {
            passes(
                    terms.over(PolicyTerms.ofPlan(policy, client)),
                    keys(ConfigKeys.RATE_OF_CLIENT, ConfigKeys.SHARE_OF_CLIENT),
                    policy.name(),
                    client);
        });
    }

    /** The keys that may be the cause, the likeliest first. */
    private static List<Key<?>> keys(RateKeys rate, ShareKeys share) {
        List<Key<?>> keys = new ArrayList<>(share.all().toList());
        keys.addAll(List.of(rate.burst(), rate.limit(), rate.period()));
        return keys;
    }

    private boolean passes(Terms terms, List<Key<?>> keys, String... names) {
        if (!checked.add(terms)) {
            return true;
        }
        try {
            warnOfEmptyParts(policy.limits(terms, null), keys, names);
            policy.terms().actions().keySet().forEach(action -> policy.limits(terms, action));
            return true;
        } catch (IllegalArgumentException e) {
            values.refuseFirst(keys, e, names);
            return false;
        }
    }

    private void warnOfEmptyParts(List<Optional<Limit>> parts, List<Key<?>> keys, String... names) {
        boolean someHave = parts.stream().anyMatch(Optional::isPresent);
        for (int part = 0; part < parts.size() && someHave; part++) {
            if (parts.get(part).isEmpty()) {
                warnOfEmptyPart(part, cause(keys, names), names);
            }
        }
    }

    private @Nullable Key<?> cause(List<Key<?>> keys, String... names) {
        return keys.stream()
                .filter(key -> values.isGiven(key, names))
                .max((one, other) -> Boolean.compare(isSplit(one), isSplit(other)))
                .orElse(null);
    }

    private static boolean isSplit(Key<?> key) {
        return key.pattern().segments().contains("split");
    }

    private void warnOfEmptyPart(int part, @Nullable Key<?> key, String... names) {
        if (key != null) {
            KeyName full = key.pattern().with(names);
            warnings.add(() -> "%s = '%s': sub-bucket %d gets no permit of the limit, and permits nothing"
                    .formatted(
                            full,
                            values.given()
                                    .value(full)
                                    .map(ConfigSnapshot.Value::text)
                                    .orElse(""),
                            part));
        }
    }
}
