package dev.weir;

import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.TokenBucket;
import dev.weir.store.Charge;
import dev.weir.store.Share;
import dev.weir.store.Subject;
import java.util.List;

/** Whose meters at the store lack what this instance has admitted without it. Immutable. */
sealed interface Debtor {

    /** The subject of the call that charges it. */
    Subject subject();

    /** Under which name what a request charges is counted here. */
    default String usage(Charge charge) {
        return charge.policy();
    }

    /** What charges the store so much under that name. */
    Charge charge(String usage, Limit limit, long cost);

    /** A client or a bucket, with all that its requests are charged but for pools. */
    record Alone(Subject subject) implements Debtor {

        @Override
        public Charge charge(String usage, Limit limit, long cost) {
            return new Charge(usage, limit, cost);
        }
    }

    /** All clients of a pool together. */
    record Together(String pool) implements Debtor {

        @Override
        public Subject subject() {
            return Subject.client(pool);
        }

        @Override
        public String usage(Charge charge) {
            return pool;
        }

        @Override
        public Charge charge(String usage, Limit limit, long cost) {
            return new Charge(usage, limit, cost, new Share(new Pool(pool, (TokenBucket) limit), 0));
        }
    }

    /**
     * A client of a pool, with what one policy charges of its own limit. Once the pool's numbers have changed, that is
     * another debtor, and this one is charged in the background.
     */
    record Beside(Subject subject, String policy, Pool pool) implements Debtor {

        @Override
        public Charge charge(String usage, Limit limit, long cost) {
            return new Charge(usage, limit, cost, new Share(pool, 0));
        }
    }

    /** All whose debts have to be charged before a call of a subject with such a charge is made. */
    static List<Debtor> of(Subject subject, Charge charge) {
        Share share = charge.share();
        if (share == null) {
            return List.of(new Alone(subject));
        }
        Debtor together = new Together(share.pool().name());
        return charge.besidePool() == null
                ? List.of(together)
                : List.of(together, new Beside(subject, charge.policy(), share.pool()));
    }
}
