package dev.weir;

import dev.weir.limit.Algorithm;
import dev.weir.limit.Limit;
import dev.weir.limit.Names;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.limit.Split;
import dev.weir.limit.Terms;
import dev.weir.store.Overrides;
import dev.weir.store.Page;
import dev.weir.store.Store;
import dev.weir.store.StoreException;
import dev.weir.store.Subject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Changes limits at run time: of single clients, and of buckets, which exist only here. A change is kept in the store,
 * holds for every request that the store decides from then on, and survives a restart of the application (and, if it
 * keeps its data, of the store). It is {@linkplain Store#listen announced} to the other instances, which then drop what
 * they have leased under the limit before and what they remember of its rejections: it is in force everywhere within
 * milliseconds, and within a second if the announcement is lost. What has been used stays used. It wins over
 * configuration. If the store goes away afterwards, this instance decides by the change, and so do those that have
 * received the announcement. Thread-safe.
 *
 * <p>A change is read, made and written back in one step that fails if another change was faster, and is then made
 * again: so no change is lost, however many are made at once.
 *
 * <p>Every method waits for the store, and throws a {@link StoreException} if it does not answer; whether the change
 * was made is then unknown.
 *
 * <pre>{@code
 * LimitAdmin limits = weir.limits();
 * limits.setWeight("search", "alice", 5);
 * limits.createBucket("tenant-7", 100, 200);
 * limits.deleteBucket("tenant-7");
 * }</pre>
 */
public final class LimitAdmin {

    private static final Logger LOG = System.getLogger(LimitAdmin.class.getName());
    private static final Duration PERIOD_OF_RATE = Duration.ofSeconds(1);

    /** A change is overtaken so often only if another caller does nothing but change this subject. */
    private static final int MOST_TRIES = 1_000;

    private final Policies policies;
    private final StoreGuard guard;
    private final Decider decider;

    LimitAdmin(Policies policies, StoreGuard guard, Decider decider) {
        this.policies = policies;
        this.guard = guard;
        this.decider = decider;
    }

    /**
     * Creates a bucket: a token bucket of its own.
     *
     * @param id 1 to {@link Names#MAX_ID_BYTES} bytes in UTF-8
     * @param rate permits per second, at least 1
     * @param burst permits at once, at least 1
     * @throws BucketExistsException if there is one of that id
     * @throws IllegalArgumentException if an argument is out of its range
     */
    public void createBucket(String id, long rate, long burst) {
        setBucket(id, numbers(rate, burst), false);
    }

    /**
     * Gives a bucket other numbers; what is used stays used.
     *
     * @throws UnknownBucketException if there is none of that id
     * @throws IllegalArgumentException as {@link #createBucket}
     */
    public void updateBucket(String id, long rate, long burst) {
        setBucket(id, numbers(rate, burst), true);
    }

    /**
     * Takes a bucket away, and with it what is used of it: created again, it is whole.
     *
     * @throws UnknownBucketException if there is none of that id
     */
    public void deleteBucket(String id) {
        setBucket(id, Terms.NONE, true);
    }

    private void setBucket(String id, Terms terms, boolean mustExist) {
        Subject bucket = Subject.bucket(Names.requireId("a bucket's id", id));
        change(bucket, overrides -> {
            if (mustExist && overrides.isEmpty()) {
                throw new UnknownBucketException(id);
            }
            if (!mustExist && !overrides.isEmpty()) {
                throw new BucketExistsException(id);
            }
            return overrides.with(Overrides.BUCKET, terms);
        });
    }

    private static Terms numbers(long rate, long burst) {
        Rate numbers = new Rate(rate, PERIOD_OF_RATE, burst);
        Limit.of(Algorithm.TOKEN_BUCKET, numbers);
        return Terms.rate(numbers);
    }

    /**
     * A bucket's numbers, or empty if there is none of that id.
     *
     * @throws IllegalArgumentException if the id is empty or too long
     */
    public Optional<Rate> findBucket(String id) {
        return Optional.ofNullable(overrides(Subject.bucket(Names.requireId("a bucket's id", id)))
                .of(Overrides.BUCKET)
                .rate());
    }

    /**
     * Gives a client another weight under a policy: so many times the limit, or such a share of its pool.
     *
     * @param weight 0 or more; with 0 the client gets the {@linkplain Policy#minimum policy's minimum} or that of its
     *     pool. In a pool at most {@link Pool#MAX_WEIGHT}
     * @throws UnknownPolicyException if there is no such policy
     * @throws IllegalArgumentException if an argument is out of its range, or the limit cannot be counted exactly with
     *     it
     */
    public void setWeight(String policy, String client, long weight) {
        setTerms(policy, client, terms -> new Terms(terms.rate(), weight, terms.split()));
    }

    /**
     * Gives a client other numbers under a policy: {@code permits} per {@code period}, and as many at once.
     *
     * @throws UnknownPolicyException if there is no such policy
     * @throws IllegalArgumentException if an argument is out of its range, or cannot be counted exactly
     */
    public void setRate(String policy, String client, long permits, Duration period) {
        Rate rate = Rate.of(permits, period);
        setTerms(policy, client, terms -> new Terms(rate, terms.weight(), terms.split()));
    }

    /**
     * Divides a client's limit under a policy into sub-buckets, and sets its total.
     *
     * @param total the permits of all sub-buckets together, per period of the limit, and at once
     * @param percents one for each sub-bucket, together 100
     * @throws UnknownPolicyException if there is no such policy
     * @throws IllegalArgumentException if an argument is out of its range
     */
    public void setSplit(String policy, String client, long total, int... percents) {
        Split split = Split.of(percents);
        Duration periodOfPolicy = policies.get(policy).limit().period();
        setTerms(policy, client, terms -> {
            Duration period =
                    terms.rate() == null ? periodOfPolicy : terms.rate().period();
            return new Terms(Rate.of(total, period), terms.weight(), split);
        });
    }

    /**
     * Changes what differs for a client under a policy, in one step; {@link Terms#NONE} takes it all away, also under a
     * policy that is there no more.
     *
     * @param change makes the new terms of those that were set; may be called again if others are faster
     * @throws UnknownPolicyException if there is no such policy and nothing is set under it, or something is to be
     * @throws IllegalArgumentException if an argument is out of its range, or cannot be counted exactly
     */
    public void setTerms(String policy, String client, UnaryOperator<Terms> change) {
        change(client, overrides -> {
            Terms before = overrides.of(policy);
            if (before.equals(Terms.NONE)) {
                policies.get(policy); // It may be misspelt.
            }
            return overrides.with(policy, change.apply(before));
        });
    }

    /**
     * Changes what is set for a client, its plan and its terms under any policies, in one step: all of it or, if
     * anything of it is refused, nothing.
     *
     * @param change makes the new settings of those before; may be called again if others are faster
     * @throws UnknownPolicyException if terms are set or changed under a policy that does not exist
     * @throws IllegalArgumentException if the client id is empty or too long, terms that are set or changed cannot be
     *     counted exactly, or no policy knows a plan that is set
     */
    public void change(String client, UnaryOperator<Overrides> change) {
        change(Subject.client(Names.requireId("a client id", client)), before -> checked(before, change.apply(before)));
    }

    /** What stays is not judged again: that it no longer fits must not hinder other changes. */
    private Overrides checked(Overrides before, Overrides after) {
        after.terms().forEach((policy, terms) -> {
            if (!terms.equals(before.of(policy))) {
                policies.get(policy).check(terms);
            }
        });
        String plan = after.plan();
        if (plan != null
                && !plan.equals(before.plan())
                && policies.all().values().stream()
                        .noneMatch(policy -> policy.terms().plans().containsKey(plan))) {
            throw new IllegalArgumentException("no policy knows a plan '%s'".formatted(plan));
        }
        return after;
    }

    /**
     * Puts a client on a plan, under every policy that knows it.
     *
     * @param plan the plan's name; null takes the client off the plan that was set here
     * @throws IllegalArgumentException if no policy knows such a plan
     */
    public void setPlan(String client, @Nullable String plan) {
        change(client, overrides -> overrides.withPlan(plan));
    }

    /** What was set for a client at run time. */
    public Overrides find(String client) {
        return overrides(Subject.client(Names.requireId("a client id", client)));
    }

    /**
     * All clients, or all buckets, for which something was set, page by page.
     *
     * @param from what the page before said is next, or an empty string for the first
     * @param most about how many entries a page should have, at least 1
     * @throws IllegalArgumentException if {@code from} is nothing that a page said, or {@code most} is below 1
     */
    public Page list(Subject.Kind kind, String from, int most) {
        if (most < 1) {
            throw new IllegalArgumentException("a page must have at least 1 entry, but is asked for " + most);
        }
        try {
            return guard.administer(store -> store.list(kind, from, most));
        } catch (StoreException e) {
            if (e.getCause() instanceof IllegalArgumentException wrong) {
                throw wrong; // The store has not failed: its caller asks for a page that the store never returned.
            }
            throw e;
        }
    }

    private void change(Subject subject, UnaryOperator<Overrides> change) {
        for (int i = 0; i < MOST_TRIES; i++) {
            Overrides before = overrides(subject);
            Overrides after = change.apply(before);
            if (after.sameAs(before) || replace(subject, before.version(), after)) {
                return;
            }
        }
        throw new IllegalStateException("%s was changed by others %d times meanwhile".formatted(subject, MOST_TRIES));
    }

    /**
     * What of a client's settings made at run time is left out under a policy, because they were made before the policy
     * or the client's plan changed, and cannot be counted any more; with the reason, for people to read. Empty if all
     * of them hold.
     *
     * @param overrides what is set for the client ({@link #find})
     * @throws UnknownPolicyException if there is no such policy
     */
    public Optional<String> leftOut(String policy, String client, Overrides overrides) {
        return OverrideCheck.leftOut(policies.get(policy), client, overrides);
    }

    private Overrides overrides(Subject subject) {
        return guard.administer(store -> store.overrides(subject));
    }

    private boolean replace(Subject subject, long expected, Overrides next) {
        boolean isReplaced = false;
        try {
            isReplaced = guard.administer(store -> store.replace(subject, expected, next));
        } finally {
            decider.forget(subject);
        }
        if (isReplaced) {
            learn(subject);
        }
        return isReplaced;
    }

    /** The change is made, whether or not the store still answers. */
    private void learn(Subject subject) {
        try {
            decider.learn(subject);
        } catch (StoreException e) {
            LOG.log(Level.DEBUG, "a change was made, and could not be read back", e);
        }
    }
}
