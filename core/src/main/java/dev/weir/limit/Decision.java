package dev.weir.limit;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/** The answer to one request on one policy. Immutable. */
public sealed interface Decision {

    /** The name of the policy that was asked. */
    String policy();

    /** The limit that was applied. */
    Limit limit();

    /** Permits left to the client now. */
    long remaining();

    /** Microseconds until the client has its whole limit again. */
    long resetAfterMicros();

    /**
     * Why. A decision that is permitted for another reason than {@link Reason#OK} was not the limit's: a policy in
     * shadow mode would have rejected the request for that reason, or the store did not answer.
     */
    Reason reason();

    /** The {@link #subBucketIndex} of a client whose limit is not split. */
    int NO_SUB_BUCKET = -1;

    /** The index of the sub-bucket that decided, from 0, or {@link #NO_SUB_BUCKET}. */
    int subBucketIndex();

    /** The sub-bucket that decided, from 0; empty if the client's limit is not split. */
    default OptionalInt subBucket() {
        return subBucketIndex() == NO_SUB_BUCKET ? OptionalInt.empty() : OptionalInt.of(subBucketIndex());
    }

    /** Whether the request may go on. */
    default boolean permitted() {
        return this instanceof Permitted;
    }

    /** How long until the client has its whole limit again. */
    default Duration resetAfter() {
        return Exact.duration(resetAfterMicros());
    }

    /**
     * By what was decided: one object for all decisions of a lease, so that each of them is small.
     *
     * @param policy the name of the policy that was asked
     * @param limit the limit that was applied
     */
    record Rule(String policy, Limit limit) {}

    /** The request may go on; its cost is charged. */
    record Permitted(Rule rule, long remaining, long resetAfterMicros, Reason reason, int subBucketIndex)
            implements Decision {

        /** Under a policy's limit. */
        public Permitted(
                String policy, Limit limit, long remaining, long resetAfterMicros, Reason reason, int subBucketIndex) {
            this(new Rule(policy, limit), remaining, resetAfterMicros, reason, subBucketIndex);
        }

        /** Of a limit that is not split. */
        public Permitted(String policy, Limit limit, long remaining, long resetAfterMicros, Reason reason) {
            this(policy, limit, remaining, resetAfterMicros, reason, NO_SUB_BUCKET);
        }

        @Override
        public String policy() {
            return rule.policy();
        }

        @Override
        public Limit limit() {
            return rule.limit();
        }
    }

    /**
     * The request may not go on; nothing is charged.
     *
     * @param retryAfterMicros microseconds until the same request would pass if no other request takes permits before,
     *     or {@link #NEVER}
     */
    record Rejected(
            String policy,
            Limit limit,
            long remaining,
            long resetAfterMicros,
            Reason reason,
            long retryAfterMicros,
            int subBucketIndex)
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
            this(policy, limit, remaining, resetAfterMicros, reason, retryAfterMicros, NO_SUB_BUCKET);
        }

        /** How long to wait before the same request is worth trying again; empty if it can never pass. */
        public Optional<Duration> retryAfter() {
            return retryAfterMicros == NEVER ? Optional.empty() : Optional.of(Exact.duration(retryAfterMicros));
        }
    }
}
