package dev.weir.filter;

import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The init-params of a filter that say what its policy is, and the keys of configuration that they stand for. */
enum PolicyParam {
    /** The permits of each client per period. */
    LIMIT("limit", "weir.policy.%s.limit"),

    /** The time in which they come free. */
    PERIOD("period", "weir.policy.%s.period"),

    /** How the limit is kept. */
    ALGORITHM("algorithm", "weir.policy.%s.algorithm"),

    /** What a request's client is, in the whole application. */
    CLIENT_ID("client-id", "weir.client-id");

    /** The init-param that names the policy. */
    static final String POLICY = "policy";

    private final String param;
    private final String key;

    PolicyParam(String param, String key) {
        this.param = param;
        this.key = key;
    }

    /** The name of the init-param. */
    String param() {
        return param;
    }

    /** The key that it stands for in a filter that charges a policy. */
    String key(String policy) {
        return key.formatted(policy);
    }

    /** The policy that a filter charges unless it charges a bucket alone. */
    static String policy(UnaryOperator<@Nullable String> initParams) {
        String named = initParams.apply(POLICY);
        return named == null ? "default" : named.strip();
    }
}
