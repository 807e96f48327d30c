package dev.weir.filter.config;

import dev.weir.Behaviour;
import dev.weir.ClientTerms;
import dev.weir.Policy;
import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.limit.Split;
import dev.weir.limit.Terms;
import dev.weir.limit.TokenBucket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Compiles the terms of policies: a policy's share, and what holds instead of its own numbers for clients, plans and
 * actions.
 */
final class PolicyTerms {

    private final Values values;
    private final ConfigProblems warnings;
    private final TermNames named;

    /** @param warnings gets what works, but perhaps not as meant */
    PolicyTerms(Values values, ConfigProblems problems, ConfigProblems warnings) {
        this.values = values;
        this.warnings = warnings;
        named = new TermNames(values, problems);
    }

    /** A policy with all its terms, which are checked: no combination that a request can meet fails later. */
    Policy complete(Policy plain) {
        String name = plain.name();
        Limit limit = plain.limit();
        Map<String, Rate> rates = new TreeMap<>();
        for (String action : named.actions(name)) {
            rate(ConfigKeys.RATE_OF_ACTION, limit, name, action).ifPresent(rate -> rates.put(action, rate));
        }
        Map<String, Terms> ofPlans = new TreeMap<>();
        for (String plan : named.plans(name)) {
            Optional<Rate> rate = rate(ConfigKeys.RATE_OF_PLAN, limit, name, plan);
            ofPlans.put(plan, terms(rate, ConfigKeys.SHARE_OF_PLAN, plain.pool(), name, plan));
        }
        Map<String, Terms> ofClients = new TreeMap<>();
        for (String client : named.clients(name)) {
            Optional<Rate> rate = rate(ConfigKeys.RATE_OF_CLIENT, limit, name, client);
            ofClients.put(client, terms(rate, ConfigKeys.SHARE_OF_CLIENT, plain.pool(), name, client));
        }
        ClientTerms terms = new ClientTerms(
                terms(Optional.empty(), ConfigKeys.SHARE, plain.pool(), name),
                rates,
                ofPlans,
                ofClients,
                ofPlans.isEmpty() ? Map.of() : named.planOf(),
                0);
        Behaviour behaviour = new Behaviour(
                plain.behaviour().onStoreFailure(),
                values.orDefault(ConfigKeys.SHADOW, name),
                values.orDefault(ConfigKeys.MAX_AGE, name),
                values.orDefault(ConfigKeys.MAX_SKEW, name),
                maxDelay(name));
        Policy policy = withMinimum(plain.with(terms).with(behaviour));
        new TermsCheck(values, warnings, policy).all();
        return policy;
    }

    /** The terms of the plan that a client is on. */
    static Terms ofPlan(Policy policy, String client) {
        String plan = policy.terms().planOf().getOrDefault(client, "");
        return policy.terms().plans().getOrDefault(plan, Terms.NONE);
    }

    private Policy withMinimum(Policy policy) {
        long minimum = values.orDefault(ConfigKeys.MINIMUM, policy.name());
        KeyName key = ConfigKeys.MINIMUM.pattern().with(policy.name());
        if (minimum > 0 && policy.pool() != null) {
            values.refuse(
                    key,
                    "policy '%s' shares pool '%s', which has a minimum of its own"
                            .formatted(policy.name(), policy.pool().name()),
                    "0, or no value at all");
            return policy;
        }
        if (minimum > policy.limit().permits()) {
            warnings.add(() -> "%s = '%d': above the limit of %d, which clients of weight 0 have then"
                    .formatted(key, minimum, policy.limit().permits()));
        }
        try {
            return policy.minimum(minimum);
        } catch (IllegalArgumentException e) {
            values.refuse(key, String.valueOf(e.getMessage()), Values.COUNTABLE);
            return policy;
        }
    }

    /** A maximum without a delay is not refused: a file with higher priority may turn the delay off, and only that. */
    private Duration maxDelay(String policy) {
        Duration maxDelay = values.orDefault(ConfigKeys.MAX_DELAY, policy);
        return values.orDefault(ConfigKeys.AT_LIMIT, policy) == AtLimit.DELAY ? maxDelay : Duration.ZERO;
    }

    private Terms terms(Optional<Rate> rate, ShareKeys shareKeys, @Nullable Pool pool, String... names) {
        Optional<Long> weight = values.value(shareKeys.weight(pool), names);
        Optional<Split> split = values.value(shareKeys.split(), names);
        if (pool != null && split.isPresent()) {
            values.refuse(
                    shareKeys.split().pattern().with(names),
                    "policy '%s' shares pool '%s', and a limit beside a pool cannot be split"
                            .formatted(names[0], pool.name()),
                    "no value at all");
            split = Optional.empty();
        }
        return rate.isEmpty() && weight.isEmpty() && split.isEmpty()
                ? Terms.NONE
                : new Terms(rate.orElse(null), weight.orElse(null), split.orElse(null));
    }

    /** What is not given of limit, period and burst is the policy's; but a limit without a burst has its own number. */
    private Optional<Rate> rate(RateKeys rateKeys, Limit ofPolicy, String... names) {
        Optional<Long> permits = values.value(rateKeys.limit(), names);
        Optional<Duration> period = values.value(rateKeys.period(), names);
        Optional<Long> burst = values.value(rateKeys.burst(), names);
        if (burst.isPresent() && !(ofPolicy instanceof TokenBucket)) {
            values.refuse(
                    rateKeys.burst().pattern().with(names),
                    "a %s has no burst".formatted(ofPolicy.algorithm()),
                    "no value at all");
            return Optional.empty();
        }
        if (permits.isEmpty() && period.isEmpty() && burst.isEmpty()) {
            return Optional.empty();
        }
        try {
            long limit = permits.orElse(ofPolicy.permits());
            Rate rate = new Rate(
                    limit,
                    period.orElse(ofPolicy.period()),
                    burst.orElse(permits.isPresent() ? limit : ofPolicy.capacity()));
            Limit.of(ofPolicy.algorithm(), rate);
            return Optional.of(rate);
        } catch (IllegalArgumentException e) {
            values.refuseFirst(List.of(rateKeys.burst(), rateKeys.limit(), rateKeys.period()), e, names);
            return Optional.empty();
        }
    }
}
