package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.Charge;
import dev.weir.Decision;
import dev.weir.Decision.Permitted;
import dev.weir.Decision.Rejected;
import dev.weir.Limit;
import dev.weir.Reason;
import dev.weir.State;
import dev.weir.TokenBucket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.redisson.Redisson;
import org.redisson.api.RBucket;
import org.redisson.api.RedissonClient;
import org.redisson.client.codec.ByteArrayCodec;
import org.redisson.config.Config;

/**
 * The Lua steps against the Java steps: any state, left by any limit at any time, met by any other limit at any other time.
 * What is answered and what is stored must be equal to the last bit, up to the largest numbers that are allowed.
 */
class TwinTest {

    private static final int ROUNDS = 4_000;
    private static final long[] PERIODS_MICROS = {
        1_000, 1_001, 60_000, 1_000_000, 1_234_567, 60_000_000, 3_600_000_000L, 86_400_000_000L, 366 * 86_400_000_000L
    };

    @RegisterExtension
    static final RedisExtension redis = new RedisExtension();

    private final long seed = ThreadLocalRandom.current().nextLong();
    private final Random random = new Random(seed);

    private record Round(Limit limit, State stored, long nowMicros, long cost, String client) {}

    @Test
    void acquire_anyStateLimitAndTime_asInJava() {
        Config config = new Config();
        config.useSingleServer().setAddress(redis.uri()).setConnectionMinimumIdleSize(1);
        RedissonClient client = Redisson.create(config);
        try (RedissonStore store = RedissonStore.using(client)) {
            for (int i = 0; i < ROUNDS; i++) {
                judge(store, client, round(i));
            }
        } finally {
            client.shutdown();
        }
    }

    private void judge(RedissonStore store, RedissonClient redisson, Round round) {
        RBucket<byte[]> bucket =
                redisson.getBucket(new RedisKeys(64).usage(round.client, "policy"), ByteArrayCodec.INSTANCE);
        if (round.stored != null) {
            bucket.set(packed(round.stored));
        }
        CompletableFuture<List<Decision>> answer = store.tryAcquireAt(
                round.nowMicros, round.client, List.of(new Charge("policy", round.limit, round.cost)));
        State advanced = round.limit.advance(round.stored, round.nowMicros);
        boolean permitted = round.cost <= round.limit.remaining(advanced);
        State after = permitted ? round.limit.charge(advanced, round.cost) : advanced;

        assertThat(answer.join().get(0)).as("seed %d, %s", seed, round).isEqualTo(expected(round, permitted, after));
        if (permitted) {
            assertThat(bucket.get()).as("seed %d, %s", seed, round).isEqualTo(packed(after));
        } else {
            State kept = bucket.isExists() ? unpacked(bucket.get()) : null;
            assertThat(round.limit.advance(kept, round.nowMicros))
                    .as("seed %d, %s", seed, round)
                    .isEqualTo(advanced);
        }
    }

    private static Decision expected(Round round, boolean permitted, State after) {
        Limit limit = round.limit;
        long remaining = limit.remaining(after);
        long resetAfter = limit.resetAfterMicros(after, round.nowMicros);
        if (permitted) {
            return new Permitted("policy", limit, remaining, resetAfter, Reason.OK);
        }
        return round.cost > limit.capacity()
                ? new Rejected("policy", limit, remaining, resetAfter, Reason.COST_ABOVE_LIMIT, Rejected.NEVER)
                : new Rejected(
                        "policy",
                        limit,
                        remaining,
                        resetAfter,
                        Reason.LIMIT,
                        limit.retryAfterMicros(after, round.nowMicros, round.cost));
    }

    /** As in prelude.lua: two bytes, then four numbers of seven. */
    private static byte[] packed(State state) {
        int tick = state.tickMicros() == 1 ? 0 : state.tickMicros() == 1_000 ? 1 : 2;
        ByteBuffer bytes =
                ByteBuffer.allocate(30).put((byte) (state.kind().ordinal() + 1)).put((byte) tick);
        for (long number : new long[] {state.rate(), state.unit(), state.used(), state.atMicros()}) {
            bytes.put(ByteBuffer.allocate(8).putLong(number).array(), 1, 7);
        }
        return bytes.array();
    }

    private static State unpacked(byte[] packed) {
        ByteBuffer bytes = ByteBuffer.wrap(packed);
        State.Kind kind = State.Kind.values()[bytes.get() - 1];
        long tickMicros = new long[] {1, 1_000, 1_000_000}[bytes.get()];
        long[] numbers = new long[4];
        for (int i = 0; i < numbers.length; i++) {
            byte[] number = new byte[8];
            bytes.get(number, 1, 7);
            numbers[i] = ByteBuffer.wrap(number).getLong();
        }
        return new State(kind, tickMicros, numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    private Round round(int number) {
        Limit limit = limit();
        long nowMicros = 1_700_000_000_000_000L + random.nextLong(1_000_000_000_000L);
        State stored = random.nextInt(10) == 0 ? null : stored(random.nextBoolean() ? limit : limit(), nowMicros);
        long cost = random.nextInt(3) == 0
                ? Math.max(1, limit.remaining(limit.advance(stored, nowMicros)) + random.nextInt(3) - 1)
                : upTo(Math.min(Limit.EXACT, limit.capacity() + 1));
        return new Round(limit, stored, nowMicros, Math.min(cost, Limit.EXACT), "client-" + number);
    }

    /** What a limit may have left: some use, any time ago, or ahead by a clock that was put back since. */
    private State stored(Limit limit, long nowMicros) {
        long ago = upTo(400L * 86_400_000_000L) * (random.nextInt(4) == 0 ? -1 : 1);
        long atMicros = nowMicros - (random.nextInt(8) == 0 ? 0 : ago);
        State left = limit.leaving(upTo(limit.capacity()) - 1, atMicros);
        if (limit instanceof TokenBucket bucket && left.used() > 0) {
            // A bucket's use is seldom a whole number of permits.
            long used = left.used() - random.nextLong(Math.min(left.used(), bucket.unit()));
            return new State(left.kind(), left.tickMicros(), left.rate(), left.unit(), used, left.atMicros());
        }
        return left;
    }

    private Limit limit() {
        Duration period = Duration.ofNanos(PERIODS_MICROS[random.nextInt(PERIODS_MICROS.length)] * 1_000);
        if (random.nextInt(3) == 0) {
            return Limit.fixedWindow(upTo(Limit.EXACT), period);
        }
        while (true) {
            try {
                return Limit.tokenBucket(upTo(Limit.EXACT), period, upTo(Limit.EXACT));
            } catch (IllegalArgumentException tooLarge) {
                // Most pairs of huge numbers cannot be counted; the next try draws smaller ones soon.
            }
        }
    }

    /** From 1 to {@code most}, small numbers as likely as large ones. */
    private long upTo(long most) {
        long bound = 1L << random.nextInt(1, 54);
        return 1 + random.nextLong(Math.min(bound, most));
    }
}
