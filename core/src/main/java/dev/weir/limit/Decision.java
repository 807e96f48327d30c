package dev.weir.limit;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** The answer to one request on one policy. Immutable. */
public sealed interface Decision {

    /** By what was decided. */
    Rule rule();

    /** The name of the policy that was asked. */
    default String policy() {
        return rule().policy();
    }

    /** The limit that was applied. */
    default Limit limit() {
        return rule().limit();
    }

    /** Where it was made. */
    default Source source() {
        return rule().source();
    }

    /** Permits left to the client now. */
    long remaining();

    /** Microseconds until the client has its whole limit again. */
    long resetAfterMicros();

    /**
     * Why. A decision that is permitted for another reason than {@link Reason#OK} was not the limit's: a policy in
     * shadow mode would have rejected the request for that reason, or the store did not answer.
     */
    Reason reason();

    /** The sub-bucket that decided, from 0; empty if the client's limit is not split. */
    OptionalInt subBucket();

    /** Whether the request may go on. */
    default boolean permitted() {
        return this instanceof Permitted;
    }

    /** How long until the client has its whole limit again. */
    default Duration resetAfter() {
        return Exact.duration(resetAfterMicros());
    }

    /** This decision as that of another policy or limit. */
    Decision withRule(Rule rule);

    /** This decision with other permits left. */
    Decision withRemaining(long remaining);

    /** This decision with another time until the client has its whole limit again. */
    Decision withResetAfterMicros(long resetAfterMicros);

    /** This decision for another reason. */
    Decision withReason(Reason reason);

    /** This decision as that of a sub-bucket, or, if it is empty, of a limit that is not split. */
    Decision withSubBucket(OptionalInt subBucket);

    /**
     * By what was decided: one object for all decisions of a lease, so that each of them is small.
     *
     * @param policy the name of the policy that was asked
     * @param limit the limit that was applied
     * @param source where it was decided
     */
    record Rule(String policy, Limit limit, Source source) {

        /** Of a decision of the store. */
        public Rule(String policy, Limit limit) {
            this(policy, limit, Source.STORE);
        }

        /** The same, decided elsewhere. */
        public Rule by(Source other) {
            return new Rule(policy, limit, other);
        }
    }

    /**
     * The request may go on; its cost is charged.
     *
     * @param rule by what was decided
     * @param remaining permits left to the client now
     * @param resetAfterMicros microseconds until the client has its whole limit again
     * @param reason why
     * @param subBucket the sub-bucket that decided; empty if the limit is not split
     */
    record Permitted(Rule rule, long remaining, long resetAfterMicros, Reason reason, OptionalInt subBucket)
            implements Decision {

        /** Of a limit that is not split. */
        public Permitted(String policy, Limit limit, long remaining, long resetAfterMicros, Reason reason) {
            this(new Rule(policy, limit), remaining, resetAfterMicros, reason, OptionalInt.empty());
        }

        @Override
        public Permitted withRule(Rule other) {
            return new Permitted(other, remaining, resetAfterMicros, reason, subBucket);
        }

        @Override
        public Permitted withRemaining(long other) {
            return new Permitted(rule, other, resetAfterMicros, reason, subBucket);
        }

        @Override
        public Permitted withResetAfterMicros(long other) {
            return new Permitted(rule, remaining, other, reason, subBucket);
        }

        @Override
        public Permitted withReason(Reason other) {
            return new Permitted(rule, remaining, resetAfterMicros, other, subBucket);
        }

        @Override
        public Permitted withSubBucket(OptionalInt other) {
            return new Permitted(rule, remaining, resetAfterMicros, reason, other);
        }
    }

    /**
     * The request may not go on; nothing is charged.
     *
     * @param rule by what was decided
     * @param remaining permits left to the client now
     * @param resetAfterMicros microseconds until the client has its whole limit again
     * @param reason why
     * @param retryAfterMicros microseconds until the same request would pass if no other request takes permits before,
     *     or {@link #NEVER}
     * @param subBucket the sub-bucket that decided; empty if the limit is not split
     */
    record Rejected(
            Rule rule,
            long remaining,
            long resetAfterMicros,
            Reason reason,
            long retryAfterMicros,
            OptionalInt subBucket)
            implements Decision {

        /** The {@link #retryAfterMicros} of a request that can never pass: longer than any wait. */
        public static final long NEVER = Long.MAX_VALUE;

        /** Of a limit that is not split. */
        public Rejected(
                String policy,
                Limit limit,
                long remaining,
                long resetAfterMicros,
                Reason reason,
                long retryAfterMicros) {
            this(new Rule(policy, limit), remaining, resetAfterMicros, reason, retryAfterMicros, OptionalInt.empty());
        }

        /** How long to wait before the same request is worth trying again; empty if it can never pass. */
        public Optional<Duration> retryAfter() {
            return retryAfterMicros == NEVER ? Optional.empty() : Optional.of(Exact.duration(retryAfterMicros));
        }

        /** The same decision of a policy that does not enforce: the request may go on, and the reason stays. */
        public Permitted notEnforced() {
            return new Permitted(rule, remaining, resetAfterMicros, reason, subBucket);
        }

        /** This decision with another wait. */
        public Rejected withRetryAfterMicros(long other) {
            return new Rejected(rule, remaining, resetAfterMicros, reason, other, subBucket);
        }

        @Override
        public Rejected withRule(Rule other) {
            return new Rejected(other, remaining, resetAfterMicros, reason, retryAfterMicros, subBucket);
        }

        @Override
        public Rejected withRemaining(long other) {
            return new Rejected(rule, other, resetAfterMicros, reason, retryAfterMicros, subBucket);
        }

        @Override
        public Rejected withResetAfterMicros(long other) {
            return new Rejected(rule, remaining, other, reason, retryAfterMicros, subBucket);
        }

        @Override
        public Rejected withReason(Reason other) {
            return new Rejected(rule, remaining, resetAfterMicros, other, retryAfterMicros, subBucket);
        }

        @Override
        public Rejected withSubBucket(OptionalInt other) {
            return new Rejected(rule, remaining, resetAfterMicros, reason, retryAfterMicros, other);
        }
    }
}
