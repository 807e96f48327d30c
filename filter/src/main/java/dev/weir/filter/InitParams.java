package dev.weir.filter;

import dev.weir.PolicyCost;
import dev.weir.filter.config.ConfigKeys;
import dev.weir.filter.config.ValueType;
import dev.weir.limit.Limit;
import dev.weir.limit.Names;
import dev.weir.limit.Split;
import dev.weir.limit.Terms;
import jakarta.servlet.FilterConfig;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The init-params of a {@link RateLimitFilter}, read and checked. Every method that reads one throws an
 * {@link IllegalArgumentException} that names the filter and the parameter if it cannot be used.
 */
final class InitParams {

    private static final String BUCKET = "bucket";
    private static final String COST = "cost";
    private static final String EXPOSE_HEADERS = "exposeHeaders";
    private static final String ACTION = "action";
    private static final String SUB_BUCKET = "subBucket";
    private static final String SHADOW = "shadow";
    private static final SortedSet<String> KNOWN = known();

    private static final Pattern SUB_BUCKET_INDEX = Pattern.compile("[0-9]{1,2}");

    private final FilterConfig config;

    private static SortedSet<String> known() {
        SortedSet<String> known =
                new TreeSet<>(List.of(PolicyParam.POLICY, BUCKET, COST, ACTION, SUB_BUCKET, SHADOW, EXPOSE_HEADERS));
        for (PolicyParam param : PolicyParam.values()) {
            known.add(param.param());
        }
        return known;
    }

    /** @throws IllegalArgumentException if a parameter is not known */
    InitParams(FilterConfig config) {
        this.config = config;
        for (String name : Collections.list(config.getInitParameterNames())) {
            if (!KNOWN.contains(name)) {
                throw new IllegalArgumentException(
                        "%s: unknown init-param '%s'; known are %s".formatted(filter(), name, KNOWN));
            }
        }
    }

    /** The gate that charges requests as these parameters say, by a limiter that has what they name. */
    Gate gate(RateLimits limits) {
        String bucket = config.getInitParameter(BUCKET);
        long cost = cost();
        String action = action();
        Integer subBucket = subBucket();
        boolean shadow = flag(SHADOW, "false");
        boolean exposed = flag(EXPOSE_HEADERS, "true");
        List<NamedBucket> buckets = bucket == null ? List.of() : List.of(bucket(bucket.strip(), cost, shadow));
        List<PolicyCost> policies = List.of();
        if (config.getInitParameter(PolicyParam.POLICY) != null || bucket == null) {
            requireEffect(limits);
            PolicyCost ask = new PolicyCost(
                    PolicyParam.policy(config::getInitParameter), cost, action, subBucket, Terms.NONE, shadow);
            require(limits, ask);
            policies = List.of(ask);
        } else {
            refusePartsOfAPolicy();
        }
        return new Gate(limits, new Costs(policies, buckets), exposed);
    }

    /** The numbers of a policy are read when the application's limiter is made: later they would be nothing. */
    private void requireEffect(RateLimits limits) {
        String policy = PolicyParam.policy(config::getInitParameter);
        for (PolicyParam param : PolicyParam.values()) {
            String value = config.getInitParameter(param.param());
            if (value != null && !limits.wasMadeWith(param.key(policy), value.strip())) {
                throw new IllegalArgumentException(
                        "%s = '%s' has no effect: this filter's limiter was made without it; set %s in its configuration"
                                .formatted(param(param.param()), value, param.key(policy)));
            }
        }
    }

    private void refusePartsOfAPolicy() {
        Stream.concat(
                        Stream.of(ACTION, SUB_BUCKET),
                        Arrays.stream(PolicyParam.values()).map(PolicyParam::param))
                .filter(name -> config.getInitParameter(name) != null)
                .findFirst()
                .ifPresent(name -> {
                    throw new IllegalArgumentException(
                            "%s is a part of a policy, but only a bucket is named".formatted(param(name)));
                });
    }

    /** Asks step by step, so that a failure names the parameter that is wrong. */
    private void require(RateLimits limits, PolicyCost ask) {
        String policy = ask.policy();
        boolean canWait = ask.shadow() || DelayFilter.isRegistered(config.getServletContext());
        if (limits.weir().policies().containsKey(policy) && ask.action() != null) {
            limits.require(
                    new PolicyCost(policy, 1, ask.action(), null, Terms.NONE, ask.shadow()), param(ACTION), canWait);
        } else {
            limits.require(new PolicyCost(policy, 1), param(PolicyParam.POLICY), canWait);
        }
        if (ask.subBucket() != null) {
            limits.require(
                    new PolicyCost(policy, 1, ask.action(), ask.subBucket(), Terms.NONE, ask.shadow()),
                    param(SUB_BUCKET),
                    canWait);
        }
        limits.require(ask, param(COST), canWait);
    }

    private long cost() {
        return wholeNumber(COST, text(COST, "1"), 1, Limit.EXACT);
    }

    private @Nullable String action() {
        String text = config.getInitParameter(ACTION);
        if (text == null) {
            return null;
        }
        if (!Names.isPartName(text.strip())) {
            throw new IllegalArgumentException(
                    "%s must be %s, but is '%s'".formatted(param(ACTION), ConfigKeys.NAMES, text));
        }
        return text.strip();
    }

    private @Nullable Integer subBucket() {
        String text = config.getInitParameter(SUB_BUCKET);
        if (text == null) {
            return null;
        }
        if (!SUB_BUCKET_INDEX.matcher(text.strip()).matches()) {
            throw notWhole(SUB_BUCKET, text, 0, Split.MAX_PARTS - 1);
        }
        return Integer.valueOf(text.strip());
    }

    private long wholeNumber(String name, String text, long min, long max) {
        try {
            return ValueType.wholeNumber("-", min, max).read().apply(text);
        } catch (IllegalArgumentException refused) {
            throw notWhole(name, text, min, max);
        }
    }

    private IllegalArgumentException notWhole(String name, String text, long min, long max) {
        return new IllegalArgumentException(
                "%s must be a whole number from %d to %d, but is '%s'".formatted(param(name), min, max, text));
    }

    private NamedBucket bucket(String source, long cost, boolean shadow) {
        try {
            return NamedBucket.of(source, cost, shadow);
        } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException("%s: %s".formatted(param(BUCKET), refused.getMessage()), refused);
        }
    }

    private boolean flag(String name, String otherwise) {
        String text = text(name, otherwise);
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw new IllegalArgumentException(
                        "%s must be true or false, but is '%s'".formatted(param(name), text));
        };
    }

    private String text(String name, String otherwise) {
        String value = config.getInitParameter(name);
        return value == null ? otherwise : value.strip();
    }

    private String param(String name) {
        return "%s, init-param '%s'".formatted(filter(), name);
    }

    private String filter() {
        return "filter '%s'".formatted(config.getFilterName());
    }
}
