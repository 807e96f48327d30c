package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The two paths of a script for a lease: what the fast one decides, and that is most, the full one decides alike. */
class FastLendingTest {

    private static final int ROUNDS = 2_000;
    private static final long SEED = 20_261_130;

    /** Lends by one path: the outcome, all that is said, and the state that is kept; nothing if the path leaves it. */
    private static final String LEND = LuaSource.parts(List.of("acquire.lua")) + """
            moment.begin(ARGV[1])
            local known, requests = limits.read(ARGV[2]), cjson.decode(ARGV[3])
            local path = ARGV[4] == 'fast' and fast_lending or full_path
            local outcome, more = path.lease(known, requests, 1, 0, KEYS, 1, 'alice')
            if not outcome then
              return {}
            end
            return {
              outcome, more, answer.remaining[1], answer.reset_after[1], answer.retry_after[1],
              answer.leased[1], answer.leased[2], answer.leased[3], redis.call('GET', KEYS[2]),
            }
            """;

    @RegisterExtension
    static final RedisExtension redis = new RedisExtension();

    private final Random random = new Random(SEED);
    private final String sha1 = (String) redis.send("SCRIPT", "LOAD", LEND);
    private long nowMicros = 1_700_000_000_000_000L;

    /** 1,000 permits a second, in ticks of a microsecond; and 100,000,003 a day, in ticks of a millisecond. */
    @ParameterizedTest
    @ValueSource(strings = {"[1,0,1,1000,1000000,1000]", "[1,1,100000003,86400000,86400000000,100000003]"})
    void anyHistory_bothPathsAlike_mostByTheFastOne(String limit) {
        int byFast = 0;
        List<Object> last = List.of();
        for (int i = 0; i < ROUNDS; i++) {
            nowMicros += random.nextInt(4) == 0 ? random.nextInt(400_000) : random.nextInt(900);
            String request = request(last);
            redis.send("COPY", "full", "fast", "REPLACE");
            List<Object> fast = lend("fast", limit, request);
            List<Object> full = lend("full", limit, request);
            if (!fast.isEmpty()) {
                assertThat(fast).as("round %d: %s", i, request).isEqualTo(full);
                byFast++;
            }
            last = full;
        }
        assertThat(byFast).isGreaterThan(ROUNDS / 2);
    }

    /** Numbers as acquire.lua wants them, from the limit's on; most carry the lease before. */
    private String request(List<Object> last) {
        long lent = last.isEmpty() || random.nextInt(4) == 0 ? 0 : (long) last.get(5);
        List<Long> numbers = new ArrayList<>(List.of(1L, (long) random.nextInt(3), 1L + random.nextInt(8)));
        numbers.addAll(
                List.of(lent, lent == 0 ? 0 : (long) last.get(6), lent == 0 ? 0 : random.nextLong(lent + 1), 1L));
        return numbers.toString();
    }

    @SuppressWarnings("unchecked") // An array of Redis.
    private List<Object> lend(String path, String limit, String request) {
        return (List<Object>)
                redis.send("EVALSHA", sha1, "2", "set", path, Long.toString(nowMicros), limit, request, path);
    }
}
