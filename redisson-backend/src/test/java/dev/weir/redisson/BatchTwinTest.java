package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.Limit;
import dev.weir.memory.MemoryStore;
import dev.weir.redisson.AcquireCall.Reply;
import dev.weir.store.Charge;
import dev.weir.store.Grant;
import dev.weir.store.LeaseCall;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import dev.weir.store.Timestamp;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Batches against the memory store, which decides the same requests one after the other: runs of one client, whose
 * states are read once, broken by others, by leases, timestamps, other limits and outdated versions. Few clients, so
 * that what one batch leaves is what the next one meets. The clock only goes forward: where it goes back, it matters
 * which of the two has forgotten a client before. {@link TwinTest} shows what it does then.
 */
class BatchTwinTest {

    private static final int BATCHES = 2_500;
    private static final int MOST_BATCHES = 4 * BATCHES;

    /** Requests of either outcome. How soon they are there depends on the limits that a seed draws. */
    private static final int ENOUGH = 2_500;

    private static final int MOST_CALLS = 24;
    private static final int CLIENTS = 4;
    private static final int OUTDATED = 7;
    private static final List<Limit> LIMITS = List.of(
            Limit.tokenBucket(20, Duration.ofSeconds(1)),
            Limit.tokenBucket(7, Duration.ofSeconds(3), 30),
            Limit.tokenBucket(1_000_003, Duration.ofDays(30), 50),
            Limit.fixedWindow(30, Duration.ofSeconds(1)),
            Limit.slidingWindow(30, Duration.ofSeconds(1)),
            Limit.slidingWindow(9_000, Duration.ofDays(1)),
            Limit.slidingLog(30, Duration.ofSeconds(1)));

    @RegisterExtension
    static final RedisExtension redis = new RedisExtension();

    private final long seed = ThreadLocalRandom.current().nextLong();
    private final Random random = new Random(seed);
    private final RedisKeys keys = new RedisKeys(64);
    private final Map<String, Grant> leases = new HashMap<>();
    private final List<Limit> inForce = new ArrayList<>(LIMITS);
    private long nowMicros = 1_700_000_000_000_000L;
    private int permitted;
    private int refused;

    @Test
    void acquire_batches_asOneAfterTheOther() {
        MemoryStore java = new MemoryStore(() -> nowMicros);
        try (BothForms forms = new BothForms(redis.uri(), redis::send, random)) {
            for (int i = 0; i < BATCHES || Math.min(permitted, refused) < ENOUGH; i++) {
                assertThat(i)
                        .as("seed %d: %d permitted, %d refused", seed, permitted, refused)
                        .isLessThan(MOST_BATCHES);
                nowMicros += random.nextInt(random.nextInt(20) == 0 ? 2_000_000 : 60_000);
                if (random.nextInt(100) == 0) {
                    Collections.shuffle(inForce, random);
                }
                List<AcquireCall> calls = new ArrayList<>();
                List<StoreReply> expected = new ArrayList<>();
                while (calls.size() < 1 + random.nextInt(MOST_CALLS)) {
                    add(calls, expected, java);
                }
                List<StoreReply> answers =
                        AcquireScript.run(forms.runner(), calls, Long.toString(nowMicros)).join().stream()
                                .map(Reply::answer)
                                .toList();
                for (int n = 0; n < calls.size(); n++) {
                    assertThat(answers.get(n))
                            .as("seed %d, batch %d at %d, call %d: %s", seed, i, nowMicros, n, calls.get(n))
                            .isEqualTo(expected.get(n));
                }
            }
        } finally {
            java.close();
        }
    }

    /** One or more of the same: what a run of one client is. */
    private void add(List<AcquireCall> calls, List<StoreReply> expected, MemoryStore java) {
        if (random.nextInt(8) == 0) {
            LeaseCall call = leaseCall();
            calls.add(AcquireCall.of(keys, call));
            StoreReply answer = java.lease(call).join();
            expected.add(answer);
            remember(call, answer);
            return;
        }
        String client = "client-" + random.nextInt(CLIENTS);
        int charges = 1 + random.nextInt(3);
        int first = random.nextInt(LIMITS.size());
        for (int run = random.nextInt(6); run >= 0; run--) {
            StoreRequest call = call(client, charges, first);
            calls.add(AcquireCall.of(keys, call));
            StoreReply answer = java.tryAcquire(call).join();
            expected.add(answer);
            count(answer);
        }
    }

    private StoreRequest call(String client, int charges, int first) {
        List<Charge> all = new ArrayList<>();
        for (int i = 0; i < charges; i++) {
            int policy = (first + i) % LIMITS.size();
            all.add(new Charge(
                    "policy-" + policy, inForce.get(policy), 1 + random.nextInt(random.nextBoolean() ? 1 : 8)));
        }
        int version = random.nextInt(30) == 0 ? OUTDATED : 0;
        Timestamp timestamp = random.nextInt(12) == 0
                ? new Timestamp(nowMicros + random.nextInt(400_000) - 300_000, 250_000, 50_000)
                : null;
        return new StoreRequest(Subject.client(client), version, all, timestamp);
    }

    private LeaseCall leaseCall() {
        String client = "client-" + random.nextInt(CLIENTS);
        int policy = random.nextInt(LIMITS.size());
        Grant held = leases.getOrDefault(client + policy, Grant.NONE);
        boolean isBack = random.nextInt(3) == 0;
        return new LeaseCall(
                Subject.client(client),
                0,
                "policy-" + policy,
                inForce.get(policy),
                isBack ? 0 : random.nextInt(3),
                isBack ? 0 : 1 + random.nextInt(5),
                held,
                held.permits() == 0 ? 0 : random.nextLong(held.permits() + 1),
                null,
                1 + random.nextInt(3));
    }

    private void remember(LeaseCall call, StoreReply answer) {
        String key = call.subject().id() + call.usage().substring(call.usage().length() - 1);
        if (call.wanted() == 0) {
            leases.remove(key);
        } else if (answer instanceof StoreReply.Leased leased && leased.grant().permits() > 0) {
            leases.put(key, leased.grant());
        }
    }

    private void count(StoreReply answer) {
        if (answer instanceof StoreReply.Decided decided) {
            boolean isPermitted = decided.decisions().stream().allMatch(decision -> decision.permitted());
            permitted += isPermitted ? 1 : 0;
            refused += isPermitted ? 0 : 1;
        }
    }
}
