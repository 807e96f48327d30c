package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.Algorithm;
import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.limit.Reason;
import dev.weir.memory.PoolSteps;
import dev.weir.store.Grant;
import dev.weir.store.LeaseCall;
import dev.weir.store.Overrides;
import dev.weir.store.Share;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The pool in Lua against the pool in Java: long random histories of many clients, weights, costs and limits of their
 * own, with clocks that jump and numbers that change. Every answer must be equal, to the last microsecond: as each
 * depends on all doubles computed before it, so are they.
 */
class PoolTwinTest {

    private static final int POOLS = 60;
    private static final int CALLS = 600;

    private static final double VIRTUAL_TIME_BEGINS_ANEW = 0x1p43;

    /** The largest burst that can be counted in every period of this test. */
    private static final long MOST = 1L << 37;

    @RegisterExtension
    static final RedisExtension redis = new RedisExtension();

    private final long seed = ThreadLocalRandom.current().nextLong();
    private final Random random = new Random(seed);
    private final Map<Reason, Integer> reasons = new EnumMap<>(Reason.class);
    private int leased;

    @Test
    void pool_anyHistory_asInJava() {
        try (BothForms forms = new BothForms(redis.uri(), redis::send, random)) {
            for (int i = 0; i < POOLS; i++) {
                new History(i).run(forms);
            }
        }
        assertThat(reasons.keySet())
                .containsExactlyInAnyOrder(
                        Reason.OK, Reason.LIMIT, Reason.SHARE, Reason.CAPACITY, Reason.COST_ABOVE_LIMIT);
        assertThat(reasons.values())
                .as("%s", reasons)
                .allSatisfy(times -> assertThat(times).isGreaterThan(100));
        assertThat(leased).isGreaterThan(100);
    }

    /** So much passes through the pool without a pause that virtual time begins anew. */
    @Test
    void pool_longBusyTime_asInJava() {
        Pool pool = new Pool("busy", new Rate(MOST, Duration.ofSeconds(1), MOST));
        PoolSteps java = new PoolSteps();
        long nowMicros = 1_700_000_000_000_000L;
        double drained = 0;
        int most = 0;
        try (BothForms forms = new BothForms(redis.uri(), redis::send, random)) {
            while (drained < 1.1 * VIRTUAL_TIME_BEGINS_ANEW) {
                long step = 50_000 + random.nextInt(50_000);
                nowMicros += step;
                drained += step * (MOST / 1e6);
                long cost = MOST / 4 + random.nextLong(MOST / 4);
                int number = random.nextInt(4);
                StoreRequest call = call("client-" + number, new Share(pool, number), null, cost);
                assertThat(forms.store().tryAcquireAt(nowMicros, call).join())
                        .as("seed %d, %s at %d", seed, call, nowMicros)
                        .isEqualTo(java.decide(call, nowMicros));
                most = Math.max(most, java.size());
            }
        }
        assertThat(most).as("clients at once, seed %d", seed).isGreaterThan(1);
    }

    private static StoreRequest call(String client, Share share, @Nullable Limit own, long cost) {
        return StoreRequest.of(client, List.of(share.charge("policy", own, cost)));
    }

    /** One pool, and those who share it. */
    private final class History {

        private record Charged(StoreRequest call, long atMicros) {}

        private final PoolSteps java = new PoolSteps();
        private final List<Charged> charged = new ArrayList<>();
        private final Map<String, Grant> leases = new HashMap<>();
        private final String name;
        private final int clients = 1 + random.nextInt(random.nextBoolean() ? 4 : 200);
        private final boolean isHuge = random.nextInt(4) == 0;
        private final boolean isSlow = random.nextInt(4) == 0;
        private Pool pool;
        private long nowMicros = 1_700_000_000_000_000L + random.nextLong(1_000_000_000_000L);

        private History(int number) {
            name = "pool-" + number;
            pool = pool();
        }

        private Pool pool() {
            long burst = 2 + random.nextLong(isHuge ? MOST : 500);
            long permits = isHuge ? burst * (1 + random.nextInt(10)) : 1 + random.nextInt(5_000);
            return new Pool(name, new Rate(permits, Duration.ofMillis(isSlow ? 61_001 : 1_000), burst));
        }

        private void run(BothForms forms) {
            for (int i = 0; i < CALLS; i++) {
                nowMicros += random.nextInt(50) == 0 ? jump() : step();
                if (random.nextInt(200) == 0) {
                    pool = pool();
                }
                if (!charged.isEmpty() && random.nextInt(10) == 0) {
                    giveBack(forms, charged.remove(random.nextInt(charged.size())));
                }
                if (random.nextInt(20) == 0) {
                    owe(forms);
                }
                if (random.nextInt(4) == 0) {
                    lease(forms, i);
                    continue;
                } else if (random.nextInt(8) == 0) {
                    batch(forms, i);
                    continue;
                }
                StoreRequest call = call();
                StoreReply.Decided expected = java.decide(call, nowMicros);
                assertThat(forms.store().tryAcquireAt(nowMicros, call).join())
                        .as("seed %d, %s, call %d: %s at %d", seed, name, i, call, nowMicros)
                        .isEqualTo(expected);
                Reason reason = expected.decisions().get(0).reason();
                reasons.merge(reason, 1, Integer::sum);
                if (reason == Reason.OK) {
                    charged.add(new Charged(call, expected.atMicros()));
                }
            }
        }

        /** Several at once, of instances that ask together: decided one after the other. */
        private void batch(BothForms forms, int number) {
            List<PoolRequest> requests = new ArrayList<>();
            List<StoreReply> expected = new ArrayList<>();
            for (int i = 2 + random.nextInt(6); i > 0; i--) {
                pool = random.nextInt(10) == 0 ? pool() : pool;
                if (random.nextInt(3) == 0) {
                    LeaseCall call = lease();
                    requests.add(PoolRequest.of(call));
                    expected.add(leased(call));
                } else {
                    StoreRequest call = call();
                    requests.add(PoolRequest.of(call));
                    expected.add(java.decide(call, nowMicros));
                }
            }
            List<StoreReply> answers =
                    PoolScript.run(forms.runner(), new RedisKeys(64), requests, Long.toString(nowMicros))
                            .join()
                            .stream()
                            .map(AcquireCall.Reply::answer)
                            .toList();
            assertThat(answers)
                    .as("seed %d, %s, call %d: %s at %d", seed, name, number, requests, nowMicros)
                    .isEqualTo(expected);
        }

        private void lease(BothForms forms, int number) {
            LeaseCall call = lease();
            StoreReply.Leased expected = leased(call);
            assertThat(forms.store().leaseAt(nowMicros, call).join())
                    .as("seed %d, %s, call %d: %s at %d", seed, name, number, call, nowMicros)
                    .isEqualTo(expected);
        }

        /**
         * Asks for more, or gives back, or says what cannot be: of a lease that is long over, or that never was.
         */
        private LeaseCall lease() {
            int client = Math.min(random.nextInt(clients), random.nextInt(clients));
            Grant held = random.nextInt(20) == 0
                    ? new Grant(1 + random.nextInt(50), nowMicros + random.nextInt(2_000_000), 1)
                    : leases.getOrDefault("client-" + client, Grant.NONE);
            boolean isBack = random.nextInt(4) == 0;
            long left = held.permits() == 0 ? 0 : random.nextLong(held.permits() + 1);
            long cost = isBack || random.nextBoolean() ? 0 : cost();
            long wanted = isBack ? 0 : 1 + random.nextLong(pool.limit().capacity() / 2);
            return new LeaseCall(
                    Subject.client("client-" + client),
                    Overrides.NO_VERSION,
                    "policy",
                    pool.limit(),
                    cost,
                    Math.min(LeaseCall.MOST, wanted),
                    held,
                    left,
                    new Share(pool, client % 5),
                    1);
        }

        private StoreReply.Leased leased(LeaseCall call) {
            StoreReply.Leased answer = java.lease(call, nowMicros);
            if (call.wanted() == 0) {
                leases.remove(call.subject().id());
            } else if (answer.grant().permits() > 0) {
                leases.put(call.subject().id(), answer.grant());
                leased++;
            }
            return answer;
        }

        /** What it does is seen by all answers that follow. */
        private void giveBack(BothForms forms, Charged old) {
            java.giveBack(old.call, old.atMicros, nowMicros);
            forms.store().giveBackAt(nowMicros, old.call, old.atMicros).join();
        }

        private void owe(BothForms forms) {
            StoreRequest owed = call();
            java.owe(owed, nowMicros);
            forms.store().oweAt(nowMicros, owed).join();
        }

        /** About as long as the pool needs to drain a request. */
        private long step() {
            double micros = pool.limit().periodMicros() / (double) pool.limit().permits() * cost();
            return random.nextLong(Math.max(2, (long) Math.min(micros, 1e7)));
        }

        private long jump() {
            long period = pool.limit().periodMicros();
            return random.nextBoolean() ? random.nextLong(3 * period) : -random.nextLong(2 * period);
        }

        private StoreRequest call() {
            int client = Math.min(random.nextInt(clients), random.nextInt(clients));
            long weight = random.nextInt(20) == 0 ? random.nextLong(Pool.MAX_WEIGHT + 1) : client % 5;
            Limit own = client % 3 > 0 ? null : own();
            return PoolTwinTest.call("client-" + client, new Share(pool, weight), own, cost());
        }

        private Limit own() {
            Algorithm algorithm = Algorithm.values()[random.nextInt(20) == 0 ? random.nextInt(5) : 0];
            boolean isLog = algorithm == Algorithm.SLIDING_LOG;
            long burst = 1 + (isHuge && !isLog ? 1_000_000 : pool.limit().capacity() % 100);
            return Limit.of(algorithm, new Rate(burst, Duration.ofSeconds(1), burst));
        }

        private long cost() {
            long most = random.nextInt(20) == 0 ? pool.limit().capacity() : 1 + pool.largestCost() / 5;
            return 1 + random.nextLong(random.nextInt(3) == 0 ? most : Math.max(1, most / 20));
        }
    }
}
