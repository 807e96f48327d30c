package dev.weir;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import java.util.function.IntSupplier;
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

    /** Of how many subjects overrides are remembered, so that they need not be told by the store again. */
    private static final int MOST_REMEMBERED = 10_000;

    /** How long what is set for a client who shares a pool counts without being asked for again. */
    private static final long OVERRIDES_NANOS = 500_000_000;

    /** A request that is overtaken by a change so often meets somebody who does nothing but change its client. */
    private static final int MOST_TRIES = 1_000;

    private final Map<Subject, Overrides> overrides = new ConcurrentHashMap<>();
    private final Map<Subject, Long> heardNanos = new ConcurrentHashMap<>();
    private final Limits limits = new Limits(this);
    private final Misfits misfits = new Misfits();
    private final String instanceId;
    private final Store store;
    private final LimiterListener listener;
    private final @Nullable LeasingStore leasing;
    private final @Nullable MemoryStore memory;
    private final StoreLadder ladder;
    private final Waiting waiting;
    private final IntSupplier draws;
    private volatile Map<String, Policy> policies;

    private Weir(Builder builder) {
        policies = inForce(builder.policies);
        instanceId = builder.instanceId;
        Store shared = builder.store == null ? new MemoryStore() : builder.store;
        memory = shared instanceof MemoryStore own ? own : null;
        listener = builder.listener;
        // This process's own memory is nearer than any lease.
        leasing = builder.leasing == Leasing.OFF || memory != null
                ? null
                : new LeasingStore(shared, builder.leasing, LeasingStore.MOST_CLIENTS, listener, this::follow);
        store = leasing == null ? shared : leasing;
        draws = builder.draws;
        ladder = new StoreLadder(store, instanceId, builder.storeDeadline, listener);
        waiting = new Waiting(builder.mostInLine, builder.mostWaiting);
    }

    private void follow(String client, Decision decision) {
        ladder.follow(client, List.of(decision));
    }

    /** What has been leased under a policy's name; the policy may not exist. */
    private Leases leases(String policy) {
        return leasing == null ? Leases.NONE : leasing.find(policy);
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
        String name = policy(policy).name();
        return new RateLimiter(this, name, leasing == null ? Leases.NONE : leasing.of(name));
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
     *
     * @throws IllegalArgumentException if a policy is called {@value Bucket#POLICY}, as decisions on buckets call theirs
     */
    public void reconfigure(Collection<Policy> policies) {
        Map<String, Policy> next = new LinkedHashMap<>();
        policies.forEach(policy -> next.put(policy.name(), policy));
        this.policies = inForce(next);
        misfits.forget();
        if (leasing != null) {
            leasing.recall();
        }
    }

    /** Responses and metrics tell policies by their names: a bucket must not be mistaken for one. */
    private static Map<String, Policy> inForce(Map<String, Policy> policies) {
        if (policies.containsKey(Bucket.POLICY)) {
            throw new IllegalArgumentException(
                    "a policy cannot be called '%s': so do decisions on buckets call theirs".formatted(Bucket.POLICY));
        }
        return Map.copyOf(policies);
    }

    /**
     * Decides one request under several policies together: every one is charged its cost, or none is. Policies whose clients share
     * a pool are decided one after the other, and given back if a later one refuses, like buckets in
     * {@link #tryAcquire(String, List, List)}.
     *
     * <p>A policy in shadow mode takes no part in that: if all others permit, it is asked by itself, and its decision is
     * permitted whatever it is; if another rejects, it is not asked, and has no decision.
     *
     * <p>Pools live apart from the limits of clients. Limits without a pool are decided first, together; then policies that share
     * pools, one after the other, until one rejects: those after it have no decision, and what was charged before stays charged.
     *
     * @param client whose permits, 1 to 256 bytes in UTF-8
     * @param costs at least one, each of another policy
     * @return a decision for each that was asked, in the same order
     * @throws IllegalArgumentException if an argument is out of its range
     * @throws UnknownPolicyException if one of the policies does not exist
     */
    public Decisions tryAcquire(String client, List<PolicyCost> costs) {
        return tryAcquire(client, costs, listener);
    }

    private Decisions tryAcquire(String client, List<PolicyCost> costs, LimiterListener ear) {
        if (costs.size() == 1) {
            PolicyCost cost = costs.get(0);
            Decision leased = cost.isPlain() ? leases(cost.policy()).trySpend(client, cost.cost()) : null;
            return new Decisions(List.of(leased == null ? tryAcquire(client, cost, ear) : leased));
        }
        requireId("a client id", client);
        if (costs.isEmpty()) {
            throw new IllegalArgumentException("at least one policy is needed");
        }
        requireDistinct("policy", costs.stream().map(PolicyCost::policy).toList());
        Patience patience = ladder.patience();
        if (costs.stream().anyMatch(this::isShared)) {
            return new AllOrNone(this, patience, ear).decide(client, costs, List.of());
        }
        List<PolicyCost> enforced =
                costs.stream().filter(cost -> !isShadow(cost)).toList();
        List<Decision> decisions = new ArrayList<>(decide(client, enforced, patience, ear));
        if (decisions.stream().allMatch(Decision::permitted)) {
            for (int i = 0; i < costs.size(); i++) {
                if (isShadow(costs.get(i))) {
                    decisions.add(
                            i,
                            decide(client, costs.subList(i, i + 1), patience, ear)
                                    .get(0));
                }
            }
        }
        return new Decisions(decisions);
    }

    /** Decides one request under one policy; never from a lease. */
    Decision tryAcquire(String client, PolicyCost cost) {
        return tryAcquire(client, cost, listener);
    }

    private Decision tryAcquire(String client, PolicyCost cost, LimiterListener ear) {
        requireId("a client id", client);
        Decision near = decideNearby(client, cost, ear);
        return near == null
                ? decide(client, List.of(cost), ladder.patience(), ear).get(0)
                : near;
    }

    /**
     * As {@link #decide} decides it, without asking all that only other stores, several limits and overrides need; null if it
     * takes that. Nothing is charged then.
     */
    private @Nullable Decision decideNearby(String client, PolicyCost cost, LimiterListener ear) {
        Policy policy = policy(cost.policy());
        boolean mayDiffer = !overrides.isEmpty() && overrides.containsKey(Subject.client(client));
        if (memory == null || policy.pool() != null || mayDiffer) {
            return null;
        }
        Claim claim = Claim.of(policy, client, Overrides.NONE, cost, draws, misfits);
        Decision decision = memory.decide(client, claim.charge());
        if (decision == null) {
            return null;
        }
        Decision told = claim.told(decision);
        ear.onDecision(told, claim.cost());
        return told;
    }

    /** Decides one request under one policy, at the time that its caller gives. */
    Decision tryAcquire(String client, PolicyCost cost, @Nullable Instant at) {
        if (at == null && cost.subBucket() == null) {
            return tryAcquire(client, cost);
        }
        requireId("a client id", client);
        Patience patience = ladder.patience();
        Part part = known(client, List.of(cost), patience)
                .at(at == null ? null : policy(cost.policy()).timestamp(at));
        Taken taken = take(part, patience);
        if (taken.told().byStore()) { // Only the store knows every split; and then nothing was charged.
            taken.claims().forEach(Claim::requireSubBucket);
        }
        return heard(taken, listener).get(0);
    }

    /** Whether it is decided where a pool is kept, and not with the client. */
    boolean isShared(PolicyCost cost) {
        return policy(cost.policy()).pool() != null;
    }

    boolean isShadow(PolicyCost cost) {
        return cost.shadow() || policy(cost.policy()).shadow();
    }

    private List<Decision> decide(String client, List<PolicyCost> costs, Patience patience, LimiterListener ear) {
        return costs.isEmpty() ? List.of() : heard(take(known(client, costs, patience), patience), ear);
    }

    /**
     * Decides one request under policies of its client and on buckets together: every one is charged its cost, or none is.
     *
     * <p>The client and each bucket are decided one after the other, the one with the smallest limit first, because it is the
     * most likely to refuse. If one refuses, the others are not asked any more and have no decision, and what was charged
     * before is given back: as much of it as surely has not come back by itself meanwhile, and without trying twice. Until
     * then, others may find less than there is; never more. Only the store itself decides, never a lease.
     *
     * <p>Policies and buckets in shadow mode take no part in that, as in {@link #tryAcquire(String, List)}.
     *
     * @param client whose permits, 1 to 256 bytes in UTF-8
     * @param costs each of another policy
     * @param buckets each another one; at least one, if there is no policy
     * @return a decision for each that was asked: for policies, in the same order, and then for buckets, likewise
     * @throws IllegalArgumentException if an argument is out of its range
     * @throws UnknownPolicyException if one of the policies does not exist
     * @throws UnknownBucketException if one of the buckets does not exist; nothing is charged then
     */
    public Decisions tryAcquire(String client, List<PolicyCost> costs, List<BucketCost> buckets) {
        return tryAcquire(client, costs, buckets, listener);
    }

    /** @param ear who hears what was decided, in the place of the listener */
    Decisions tryAcquire(String client, List<PolicyCost> costs, List<BucketCost> buckets, LimiterListener ear) {
        if (buckets.isEmpty()) {
            return tryAcquire(client, costs, ear);
        }
        requireId("a client id", client);
        requireDistinct("policy", costs.stream().map(PolicyCost::policy).toList());
        requireDistinct("bucket", buckets.stream().map(BucketCost::id).toList());
        return new AllOrNone(this, ladder.patience(), ear).decide(client, costs, buckets);
    }

    /**
     * As {@link #tryAcquire(String, List, List)}, but a request that is above the limit of a policy with a
     * {@linkplain Policy#maxDelay max-delay} waits for its turn, without a thread, and is decided then: as before, all is charged or
     * nothing. If the limit of another policy, or of a bucket, is in its way, it is rejected at once; as is one that cannot pass
     * within the shortest max-delay of those policies, and one that would stand in too long a line ({@link Reason#QUEUE_FULL}).
     *
     * <p>Requests of one client on this instance that wait for the same policies pass in the order in which they came. Nothing is charged
     * while they wait. One that asks for more than the rest of its client's limit is not overtaken, but holds up those behind it.
     *
     * @return the decisions; complete, if there was nothing to wait for. To cancel it is to give up. What depends on it is run
     *     on one of a few threads, which must not be held up
     * @throws IllegalArgumentException if an argument is out of its range
     * @throws UnknownPolicyException if one of the policies does not exist; while it waits, the answer completes with it
     * @throws UnknownBucketException if one of the buckets does not exist; likewise
     */
    public CompletableFuture<Decisions> acquire(String client, List<PolicyCost> costs, List<BucketCost> buckets) {
        List<PolicyCost> waitedFor = costs.stream()
                .filter(cost ->
                        !isShadow(cost) && !policy(cost.policy()).maxDelay().isZero())
                .toList();
        return waitedFor.stream()
                .map(cost -> policy(cost.policy()).maxDelay())
                .min(Duration::compareTo)
                .map(most -> waiting.acquire(new Turn(this, client, costs, buckets, waitedFor, most)))
                .orElseGet(() -> CompletableFuture.completedFuture(tryAcquire(client, costs, buckets)));
    }

    CompletableFuture<Decision> acquire(String client, PolicyCost cost, Duration maxDelay) {
        requireId("a client id", client);
        Policy.requireUpTo("max-delay", maxDelay, Policy.LONGEST_MAX_DELAY);
        List<PolicyCost> costs = List.of(cost);
        CompletableFuture<Decisions> turn = maxDelay.isZero()
                ? CompletableFuture.completedFuture(tryAcquire(client, costs))
                : waiting.acquire(new Turn(this, client, costs, List.of(), costs, maxDelay));
        CompletableFuture<Decision> decision = turn.thenApply(all -> all.each().get(0));
        decision.whenComplete((decided, failure) -> turn.cancel(false)); // Of use only if its caller has cancelled it.
        return decision;
    }

    /** The requests that wait for their turn on this instance now. */
    public int waiting() {
        return waiting.size();
    }

    /**
     * Lets nobody wait any more: who waits is rejected for {@link Reason#STORE_UNAVAILABLE}, and who would have to from now on
     * at once. For an application that is about to end, and finishes what it has begun before it closes this.
     */
    public void drain() {
        waiting.drain();
    }

    /**
     * The bucket of an id, whether it exists now or not.
     *
     * @throws IllegalArgumentException if the id is empty or too long
     */
    public Bucket bucket(String id) {
        return new Bucket(this, requireId("a bucket's id", id));
    }

    Decision tryAcquireOfBucket(String id, long cost) {
        BucketCost ask = new BucketCost(id, cost);
        Patience patience = ladder.patience();
        return known(ask, patience)
                .map(part -> heard(take(part, patience), listener).get(0))
                .orElseGet(() -> heard(Claim.ofUnreachableBucket(ask), cost));
    }

    /** A request's part on a bucket; empty if nothing is known of it here, and the store does not answer. */
    Optional<Part> known(BucketCost ask, Patience patience) {
        Subject bucket = Subject.bucket(ask.id());
        Overrides overrides = known(bucket);
        if (Claim.limitOfBucket(overrides) == null) {
            Optional<Overrides> asked = ladder.ask(store -> store.overrides(bucket), patience);
            if (asked.isEmpty()) {
                return Optional.empty();
            }
            overrides = asked.get();
            remember(bucket, overrides);
        }
        return Optional.of(Part.of(bucket, overrides, latest -> List.of(Claim.ofBucket(ask, latest))));
    }

    /** A request's part on its client. */
    Part known(String client, List<PolicyCost> costs, Patience patience) {
        Subject subject = Subject.client(client);
        boolean isShared = costs.stream().anyMatch(this::isShared);
        Overrides latest = isShared ? recent(subject, patience) : known(subject);
        return Part.of(subject, latest, overrides -> claims(client, costs, overrides));
    }

    /** What a request wants of its client, as far as is known here. */
    List<Claim> claims(String client, List<PolicyCost> costs) {
        return claims(client, costs, known(Subject.client(client)));
    }

    private List<Claim> claims(String client, List<PolicyCost> costs, Overrides overrides) {
        List<Claim> claims = new ArrayList<>(costs.size());
        for (PolicyCost cost : costs) {
            claims.add(Claim.of(policy(cost.policy()), client, overrides, cost, draws, misfits));
        }
        return claims;
    }

    /**
     * What a request wants of one subject.
     *
     * @param known the subject's overrides, as this instance knows them
     * @param claims what is wanted if these are in force
     * @param claimsUnder what is wanted if others are
     * @param timestamp when the caller says that the request is made; null for the store's clock
     * @param strict whether only the store itself may decide, because it may have to be given back
     */
    record Part(
            Subject subject,
            Overrides known,
            List<Claim> claims,
            Function<Overrides, List<Claim>> claimsUnder,
            @Nullable Timestamp timestamp,
            boolean strict) {

        static Part of(Subject subject, Overrides known, Function<Overrides, List<Claim>> claimsUnder) {
            return new Part(subject, known, claimsUnder.apply(known), claimsUnder, null, false);
        }

        Part at(@Nullable Timestamp timestamp) {
            return new Part(subject, known, claims, claimsUnder, timestamp, strict);
        }

        Part strictly() {
            return new Part(subject, known, claims, claimsUnder, timestamp, true);
        }

        private Call call(Overrides inForce, List<Claim> claims) {
            boolean isStrict = strict || timestamp != null;
            List<Charge> charges = new ArrayList<>(claims.size());
            for (Claim claim : claims) {
                isStrict |= claim.strict();
                charges.add(claim.charge());
            }
            return new Call(subject, inForce.version(), charges, timestamp, isStrict);
        }
    }

    /** What became of a part: its claims as they were decided, and a decision for each. */
    record Taken(StoreLadder.Told told, List<Claim> claims, List<Decision> decisions) {}

    /**
     * Decides claims that depend on the subject's overrides: made from what this instance knows of them, and again from what
     * the store says if that is something else.
     */
    Taken take(Part part, Patience patience) {
        Overrides overrides = part.known();
        List<Claim> claims = part.claims();
        for (int i = 0; i < MOST_TRIES; i++) {
            StoreLadder.Told told = ladder.decide(part.call(overrides, claims), claims, patience);
            if (told.answer() instanceof Answer.Decided decided) {
                return new Taken(told, claims, told(claims, decided.decisions()));
            }
            overrides = ((Answer.Outdated) told.answer()).overrides();
            remember(part.subject(), overrides);
            claims = part.claimsUnder().apply(overrides);
        }
        throw new IllegalStateException("%s was changed %d times while one request was decided"
                .formatted(part.subject().kind(), MOST_TRIES));
    }

    private static List<Decision> told(List<Claim> claims, List<Decision> answers) {
        List<Decision> decisions = new ArrayList<>(claims.size());
        for (int i = 0; i < claims.size(); i++) {
            decisions.add(claims.get(i).told(answers.get(i)));
        }
        return decisions;
    }

    void giveBack(Taken taken) {
        ladder.giveBack(taken.told());
    }

    private static List<Decision> heard(Taken taken, LimiterListener ear) {
        for (int i = 0; i < taken.claims().size(); i++) {
            ear.onDecision(taken.decisions().get(i), taken.claims().get(i).cost());
        }
        return taken.decisions();
    }

    Decision heard(Decision decision, long cost) {
        listener.onDecision(decision, cost);
        return decision;
    }

    /** What is set for a client who shares a pool. A shared store cannot tell it beside its decision, and is asked now and then. */
    private Overrides recent(Subject client, Patience patience) {
        Long heard = heardNanos.get(client);
        long nowNanos = System.nanoTime();
        boolean tellsByItself = store instanceof MemoryStore;
        if (!tellsByItself && (heard == null || nowNanos - heard >= OVERRIDES_NANOS)) {
            ladder.ask(asked -> asked.overrides(client), patience).ifPresent(latest -> {
                remember(client, latest);
                if (heardNanos.size() >= MOST_REMEMBERED) {
                    heardNanos.clear();
                }
                heardNanos.put(client, nowNanos);
            });
        }
        return known(client);
    }

    private Overrides known(Subject subject) {
        return overrides.getOrDefault(subject, Overrides.NONE);
    }

    /** To forget is only to be told again by the store. */
    private void remember(Subject subject, Overrides latest) {
        if (latest.isEmpty()) {
            overrides.remove(subject);
            return;
        }
        if (overrides.size() >= MOST_REMEMBERED) {
            overrides.clear();
        }
        overrides.put(subject, latest);
    }

    private static void requireDistinct(String what, List<String> names) {
        Set<String> seen = new HashSet<>();
        for (String name : names) {
            if (!seen.add(name)) {
                throw new IllegalArgumentException("%s '%s' is named twice".formatted(what, name));
            }
        }
    }

    static String requireId(String what, String id) {
        // No character takes more than three bytes of UTF-8 in a Java string.
        boolean fits = id.length() <= MAX_CLIENT_ID_BYTES / 3
                || id.getBytes(StandardCharsets.UTF_8).length <= MAX_CLIENT_ID_BYTES;
        if (id.isEmpty() || !fits) {
            throw new IllegalArgumentException("%s must have 1 to %d bytes in UTF-8, but has %d"
                    .formatted(what, MAX_CLIENT_ID_BYTES, id.getBytes(StandardCharsets.UTF_8).length));
        }
        return id;
    }

    /** Changes limits at run time, for all instances. */
    public Limits limits() {
        return limits;
    }

    Overrides overrides(Subject subject) {
        return ladder.administer(store -> store.overrides(subject));
    }

    boolean replace(Subject subject, long expected, Overrides next) {
        return ladder.administer(store -> store.replace(subject, expected, next));
    }

    Page list(Subject.Kind kind, String from, int most) {
        try {
            return ladder.administer(store -> store.list(kind, from, most));
        } catch (StoreException e) {
            if (e.getCause() instanceof IllegalArgumentException wrong) {
                throw wrong; // Not the store has failed: its caller asks for a page that it never told.
            }
            throw e;
        }
    }

    /**
     * Whether the store answers; if not, policies do what they say for that case. They also do so, and this does not tell,
     * from a late answer until a probe has decided whether it was more than that: at most one deadline.
     */
    public boolean storeUp() {
        return ladder.storeUp();
    }

    /** The live instances that share the store, this one included, as last heard. */
    public int instances() {
        return ladder.instances();
    }

    /**
     * The ids of the live instances that share the store, asked of it now.
     *
     * @throws StoreException if the store does not answer
     */
    public List<String> instanceIds() {
        return ladder.administer(Store::instances);
    }

    /** Ends this limiter and closes its store. Who waits for a turn is rejected ({@link #drain}). */
    @Override
    public void close() {
        drain();
        ladder.close();
        store.close();
    }

    /** What a {@link Weir} is made of. Not thread-safe. */
    public static final class Builder {

        private final Map<String, Policy> policies = new LinkedHashMap<>();
        private @Nullable Store store;
        private String instanceId = UUID.randomUUID().toString();
        private Duration storeDeadline = Duration.ofMillis(50);
        private Leasing leasing = Leasing.FAST;
        private LimiterListener listener = new LimiterListener() {};

        private int mostInLine = Waiting.MOST_IN_LINE;
        private int mostWaiting = Waiting.MOST;
        private IntSupplier draws = () -> ThreadLocalRandom.current().nextInt(1 << Split.DRAW_BITS);

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
         * The longest that a request waits for the store, with all that it asks; 50 ms if not given.
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

        /** Whether permits of a shared store are taken in advance; {@link Leasing#FAST} if not given. */
        public Builder leasing(Leasing leasing) {
            this.leasing = leasing;
            return this;
        }

        /** Who hears of decisions and of the store; nobody if not given. */
        public Builder listener(LimiterListener listener) {
            this.listener = listener;
            return this;
        }

        /** How many requests may wait for their turn in one line, and how many on this instance. */
        Builder waiting(int mostInLine, int most) {
            this.mostInLine = mostInLine;
            this.mostWaiting = most;
            return this;
        }

        /** Where the sub-bucket of a request is drawn from: whole numbers of {@link Split#DRAW_BITS} random bits. */
        Builder draws(IntSupplier draws) {
            this.draws = draws;
            return this;
        }

        /**
         * The limiter. Waits up to 2 s for the store's first answer; without one it starts as it goes on without a store.
         *
         * @throws IllegalArgumentException if a policy is called {@value Bucket#POLICY}, as decisions on buckets call theirs
         */
        public Weir build() {
            return new Weir(this);
        }
    }
}
