package dev.weir.dashboard;

import dev.weir.Policy;
import dev.weir.limit.Limit;
import dev.weir.limit.Split;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** A policy as the page shows it. */
final class PolicyWords {

    private PolicyWords() {}

    /** Its numbers; {@code differs} says in words what differs for whom, and is empty if nothing does. */
    static Map<String, Object> fields(Policy policy) {
        Limit limit = policy.limit();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("name", policy.name());
        fields.put("algorithm", limit.algorithm().toString());
        fields.put("limit", limit.permits());
        fields.put("periodMillis", limit.period().toMillis());
        fields.put("burst", limit.capacity());
        fields.put("onStoreFailure", policy.behaviour().onStoreFailure().name().toLowerCase(Locale.ROOT));
        fields.put("shadow", policy.behaviour().shadow());
        fields.put("differs", differs(policy));
        return fields;
    }

    /** In a few words; clients are only counted, for there may be thousands. */
    private static String differs(Policy policy) {
        List<String> words = new ArrayList<>();
        if (policy.pool() != null) {
            words.add("pool " + policy.pool().name());
        }
        Long weight = policy.terms().all().weight();
        if (weight != null) {
            words.add("weight " + weight);
        }
        Split split = policy.terms().all().split();
        if (split != null) {
            words.add("split " + split.percents().stream().map(String::valueOf).collect(Collectors.joining("/")));
        }
        if (!policy.terms().plans().isEmpty()) {
            words.add("plans "
                    + String.join(" ", new TreeSet<>(policy.terms().plans().keySet())));
        }
        if (!policy.terms().actions().isEmpty()) {
            words.add("actions "
                    + String.join(" ", new TreeSet<>(policy.terms().actions().keySet())));
        }
        if (!policy.behaviour().maxDelay().isZero()) {
            words.add("waits up to " + policy.behaviour().maxDelay().toMillis() + " ms");
        }
        int clients = policy.terms().clients().size();
        if (clients > 0) {
            words.add(clients == 1 ? "1 client" : clients + " clients");
        }
        return String.join(", ", words);
    }
}
