package dev.weir.redisson;

import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.limit.Terms;
import dev.weir.store.Charge;
import dev.weir.store.Grant;
import dev.weir.store.LeaseCall;
import dev.weir.store.Overrides;
import dev.weir.store.Share;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import dev.weir.store.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One use of each kind of what is kept in Redis, at given times, so that it leaves the same bytes each time. It uses
 * nothing that is younger than the resource {@code wire-format.txt}, so that the version that wrote it can run it too.
 */
final class WireFormat {

    static final long NOW = 2_000_000_000_000_000L;

    private static final long SECOND = 1_000_000;
    private static final Duration DAY = Duration.ofDays(1);
    private static final Pool POOL = new Pool("pool", new Rate(100, DAY, 50L));
    private static final List<Charge> EACH = List.of(
            new Charge("token-bucket", Limit.tokenBucket(10, DAY), 3),
            new Charge("fine", Limit.tokenBucket(1_000_000, Duration.ofHours(1), 7), 2),
            new Charge("coarse", Limit.tokenBucket(8, Duration.ofDays(366)), 5),
            new Charge("fixed-window", Limit.fixedWindow(10, DAY), 3),
            new Charge("sliding-window", Limit.slidingWindow(10, DAY), 3),
            new Charge("sliding-log", Limit.slidingLog(10, DAY), 3));

    /** What is in Redis: a line for each key, in their order; names as they are, values in hexadecimal. */
    private static final String SAVE = """
            local function hex(text)
              return (text:gsub('.', function(c) return ('%02x'):format(c:byte()) end))
            end
            local read = {
              string = function(key) return 'SET', {redis.call('GET', key)} end,
              list = function(key) return 'RPUSH', redis.call('LRANGE', key, 0, -1) end,
              hash = function(key)
                local fields, sorted = redis.call('HKEYS', key), {}
                table.sort(fields)
                for _, field in ipairs(fields) do
                  sorted[#sorted + 1], sorted[#sorted + 2] = field, redis.call('HGET', key, field)
                end
                return 'HSET', sorted
              end,
              zset = function(key)
                local scored = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
                for i = 1, #scored, 2 do scored[i], scored[i + 1] = scored[i + 1], scored[i] end
                return 'ZADD', scored
              end,
            }
            local keys = redis.call('KEYS', 'weir:*')
            table.sort(keys)
            local lines = {}
            for _, key in ipairs(keys) do
              if not key:find('{all}', 1, true) and not key:find(':opened:', 1, true) then
                local command, values = read[redis.call('TYPE', key).ok](key)
                for i, value in ipairs(values) do values[i] = hex(value) end
                lines[#lines + 1] = command .. ' ' .. key .. ' ' .. table.concat(values, ' ')
              end
            end
            return lines
            """;

    private static final String LOAD = """
            local function text(hex)
              return (hex:gsub('..', function(c) return string.char(tonumber(c, 16)) end))
            end
            local command, key, values = ARGV[1]:match('^(%S+) (%S+) (.*)$')
            local words = {}
            for value in values:gmatch('%S+') do words[#words + 1] = text(value) end
            redis.call(command, key, unpack(words))
            """;

    private final GivenTimeStore store;

    WireFormat(GivenTimeStore store) {
        this.store = store;
    }

    /** Uses each, and sets something for a client and for a bucket. */
    void write() {
        store.setNowMicros(NOW);
        EACH.forEach(charge -> ask(charge.policy(), null, charge));
        ask("several", null, EACH.get(0), EACH.get(5));
        ask("stamped", Timestamp.of(at(2), Duration.ofMinutes(1), Duration.ofSeconds(5)), EACH.get(0));
        lease("leased", Limit.tokenBucket(100_000, DAY), null);
        share("heavy", 3, null, 5);
        share("limited", 1, Limit.tokenBucket(10, DAY), 4);
        share("minimal", 0, null, 1);
        lease("leased-share", POOL.limit(), new Share(POOL, 2));
        store.setNowMicros(NOW + 3 * SECOND);
        ask("sliding-log", null, EACH.get(5));
        ask("token-bucket", null, EACH.get(0));
        Terms terms = Terms.rate(new Rate(500, Duration.ofSeconds(1), 700L)).over(Terms.weight(3));
        set(Subject.client("alice"), new Overrides(0, "gold", Map.of("search", terms)));
        set(Subject.bucket("tenant"), new Overrides(0, null, Map.of("bucket", Terms.weight(2))));
    }

    private static Instant at(long seconds) {
        return Instant.ofEpochSecond(NOW / SECOND + seconds);
    }

    private void set(Subject subject, Overrides next) {
        if (!store.replace(subject, Overrides.NO_VERSION, next).join()) {
            throw new IllegalStateException("something is set already for " + subject);
        }
    }

    /** What is decided a little later, and what is known, in words: the same on whatever {@link #write} has left. */
    List<String> read() {
        store.setNowMicros(NOW + 10 * SECOND);
        List<String> seen = new ArrayList<>();
        EACH.forEach(charge -> seen.add(ask(charge.policy(), null, charge)));
        seen.add(ask("several", null, EACH.get(0), EACH.get(5)));
        seen.add(ask("stamped", null, EACH.get(0)));
        seen.add(ask("leased", null, new Charge("leased", Limit.tokenBucket(100_000, DAY), 1)));
        seen.add(share("heavy", 3, null, 5));
        seen.add(share("limited", 1, Limit.tokenBucket(10, DAY), 7));
        seen.add(share("minimal", 0, null, 1));
        seen.add(share("leased-share", 2, null, 1));
        for (Subject subject : List.of(Subject.client("alice"), Subject.bucket("tenant"))) {
            Overrides known = store.overrides(subject).join();
            seen.add("%s %s".formatted(known.plan(), known.terms()));
        }
        return seen;
    }

    private String ask(String client, @Nullable Timestamp timestamp, Charge... charges) {
        return words(new StoreRequest(Subject.client(client), Overrides.NO_VERSION, List.of(charges), timestamp));
    }

    private String share(String client, long weight, @Nullable Limit own, long cost) {
        return words(StoreRequest.of(client, List.of(new Share(POOL, weight).charge("shared", own, cost))));
    }

    private String words(StoreRequest request) {
        List<String> decisions = new ArrayList<>();
        for (Decision each : ((StoreReply.Decided) store.tryAcquire(request).join()).decisions()) {
            decisions.add("%s %s %s %d %d"
                    .formatted(
                            request.subject().id(),
                            each.policy(),
                            each.reason(),
                            each.remaining(),
                            each.resetAfterMicros()));
        }
        return String.join(", ", decisions);
    }

    private void lease(String client, Limit limit, @Nullable Share share) {
        LeaseCall call = new LeaseCall(
                Subject.client(client), Overrides.NO_VERSION, client, limit, 1, 20, Grant.NONE, 0, share, 1);
        store.lease(call).join();
    }

    @SuppressWarnings("unchecked") // It returns lines.
    static List<String> save(Function<String[], Object> redis) {
        return (List<String>) redis.apply(new String[] {"EVAL", SAVE, "0"});
    }

    static void load(Function<String[], Object> redis, List<String> lines) {
        lines.forEach(line -> redis.apply(new String[] {"EVAL", LOAD, "0", line}));
    }
}
