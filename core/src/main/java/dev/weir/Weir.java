package dev.weir;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A rate limiter of one application instance: its policies, and the store that it shares with the others. Thread-safe.
 *
 * <pre>{@code
 * Weir weir = Weir.builder()
 *         .store(store)
 *         .policy(Policy.of("search", Limit.tokenBucket(100, Duration.ofSeconds(1))))
 *         .build();
 * RateLimiter search = weir.limiter("search");
 * if (search.allow("alice")) ...
 * }</pre>
 */
public final class Weir implements AutoCloseable {

    /** The longest client id, in bytes of UTF-8. */
    public static final int MAX_CLIENT_ID_BYTES = 256;

    private final String instanceId;
    private final Store store;
    private final LimiterListener listener;
    private final StoreLadder ladder;
    private volatile Map<String, Policy> policies;

    private Weir(Builder builder) {
        instanceId = builder.instanceId;
        store = builder.store == null ? new MemoryStore() : builder.store;
        listener = builder.listener;
        policies = Map.copyOf(builder.policies);
        ladder = new StoreLadder(store, instanceId, builder.storeDeadline, listener);
    }

    /** A new limiter, to be given a store and policies. */
    public static Builder builder() {
        return new Builder();
    }

    /** This instance's id, as the others see it. */
    public String instanceId() {
        return instanceId;
    }

    /**
     * The limiter of a policy; it follows every later change of it.
     *
     * @throws UnknownPolicyException if there is no such policy
     */
    public RateLimiter limiter(String policy) {
        return new RateLimiter(this, policy(policy).name());
    }

    /**
     * A policy as it is now.
     *
     * @throws UnknownPolicyException if there is no such policy
     */
    public Policy policy(String name) {
        Map<String, Policy> current = policies;
        Policy policy = current.get(name);
        if (policy == null) {
            throw new UnknownPolicyException(name, current.keySet());
        }
        return policy;
    }

    /** All policies in force, by name. Immutable. */
    public Map<String, Policy> policies() {
        return policies;
    }

    /**
     * Puts other policies into force, all at once. What clients have used stays used: a policy of the same name goes on with
     * its new numbers. Requests that are being decided are not disturbed.
     */
    public void reconfigure(Collection<Policy> policies) {
        Map<String, Policy> next = new LinkedHashMap<>();
        policies.forEach(policy -> next.put(policy.name(), policy));
        this.policies = Map.copyOf(next);
    }

    /**
     * Decides one request under several policies together: every one is charged its cost, or none is.
     *
     * @param client whose permits, 1 to 256 bytes in UTF-8
     * @param costs at least one, each of another policy
     * @return a decision for each, in the same order
     * @throws IllegalArgumentException if an argument is out of its range
     * @throws UnknownPolicyException if one of the policies does not exist
     */
    public Decisions tryAcquire(String client, List<PolicyCost> costs) {
        requireClientId(client);
        Decisions decisions = new Decisions(ladder.decide(client, claims(costs)));
        for (int i = 0; i < costs.size(); i++) {
            listener.onDecision(decisions.each().get(i), costs.get(i).cost());
        }
        return decisions;
    }

    private List<Claim> claims(List<PolicyCost> costs) {
        if (costs.isEmpty()) {
            throw new IllegalArgumentException("at least one policy is needed");
        }
        if (costs.size() == 1) {
            return List.of(new Claim(policy(costs.get(0).policy()), costs.get(0).cost()));
        }
        List<Claim> claims = new ArrayList<>(costs.size());
        Set<String> names = new HashSet<>();
        for (PolicyCost cost : costs) {
            if (!names.add(cost.policy())) {
                throw new IllegalArgumentException("policy '%s' is named twice".formatted(cost.policy()));
            }
            claims.add(new Claim(policy(cost.policy()), cost.cost()));
        }
        return claims;
    }

    private static void requireClientId(String client) {
        // No character takes more than three bytes of UTF-8 in a Java string.
        boolean fits = client.length() <= MAX_CLIENT_ID_BYTES / 3
                || client.getBytes(StandardCharsets.UTF_8).length <= MAX_CLIENT_ID_BYTES;
        if (client.isEmpty() || !fits) {
            throw new IllegalArgumentException("a client id must have 1 to %d bytes in UTF-8, but has %d"
                    .formatted(MAX_CLIENT_ID_BYTES, client.getBytes(StandardCharsets.UTF_8).length));
        }
    }

    /** Whether the store answers; if not, policies do what they say for that case. */
    public boolean storeUp() {
        return ladder.storeUp();
    }

    /** The live instances that share the store, this one included, as last heard. */
    public int instances() {
        return ladder.instances();
    }

    /** Ends this limiter and closes its store. */
    @Override
    public void close() {
        ladder.close();
        store.close();
    }

    /** What a {@link Weir} is made of. Not thread-safe. */
    public static final class Builder {

        private final Map<String, Policy> policies = new LinkedHashMap<>();
        private @Nullable Store store;
        private String instanceId = UUID.randomUUID().toString();
        private Duration storeDeadline = Duration.ofMillis(50);
        private LimiterListener listener = new LimiterListener() {};

        private Builder() {}

        /** The store to share; a {@link MemoryStore} if not given. It is closed with the limiter. */
        public Builder store(Store store) {
            this.store = store;
            return this;
        }

        /** Adds a policy; the last of a name wins. */
        public Builder policy(Policy policy) {
            policies.put(policy.name(), policy);
            return this;
        }

        /** Adds policies; the last of a name wins. */
        public Builder policies(Collection<Policy> policies) {
            policies.forEach(this::policy);
            return this;
        }

        /**
         * This instance's id; random if not given. Two instances with one id count as one.
         *
         * @throws IllegalArgumentException if it is blank
         */
        public Builder instanceId(String instanceId) {
            if (instanceId.isBlank()) {
                throw new IllegalArgumentException("an instance's id must not be blank");
            }
            this.instanceId = instanceId;
            return this;
        }

        /**
         * The longest that a request waits for the store; 50 ms if not given.
         *
         * @throws IllegalArgumentException if it is not from 1 ms to 1 minute
         */
        public Builder storeDeadline(Duration storeDeadline) {
            if (storeDeadline.compareTo(Duration.ofMillis(1)) < 0
                    || storeDeadline.compareTo(Duration.ofMinutes(1)) > 0) {
                throw new IllegalArgumentException(
                        "the store's deadline must be from 1 ms to 1 min, but is " + storeDeadline);
            }
            this.storeDeadline = storeDeadline;
            return this;
        }

        /** Who hears of decisions and of the store; nobody if not given. */
        public Builder listener(LimiterListener listener) {
            this.listener = listener;
            return this;
        }

        /** The limiter. Waits up to 2 s for the store's first answer; without one it starts as it goes on without a store. */
        public Weir build() {
            return new Weir(this);
        }
    }
}
