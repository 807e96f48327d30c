package dev.weir.faults;

import dev.weir.redisson.RedisServer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * What is in Redis: how many milliseconds each key lives on.
 *
 * @param ttls -1 of those that never expire
 */
record Keys(Map<String, Long> ttls) {

    /** Those that never expire, as the page of keys lists them. */
    private static final Pattern KEPT =
            Pattern.compile("weir:\\{\\d+}:(clients|buckets)|weir:\\{all}:(instances|shards)");

    /** Those that live a minute longer than what they belong to. */
    private static final Pattern OF_POOL = Pattern.compile("weir:\\{pool:\\w+}:.*");

    private static final int SHARDS = 64;
    private static final String LOOK = "local seen = {} for _, key in ipairs(redis.call('KEYS', '*')) do "
            + "seen[#seen + 1] = key seen[#seen + 1] = redis.call('PTTL', key) end return seen";

    static Keys of(RedisServer redis) {
        List<?> seen = (List<?>) redis.send("EVAL", LOOK, "0");
        Map<String, Long> ttls = new TreeMap<>();
        for (int i = 0; i < seen.size(); i += 2) {
            ttls.put((String) seen.get(i), (Long) seen.get(i + 1));
        }
        return new Keys(ttls);
    }

    /** The key in which the settings of a client are, or of a bucket. */
    static String ofSettings(String kind, String id) {
        CRC32 crc = new CRC32();
        crc.update(id.getBytes(StandardCharsets.UTF_8));
        return "weir:{%d}:%s".formatted(crc.getValue() % SHARDS, kind);
    }

    int count() {
        return ttls.size();
    }

    /** Those that never expire, and are none of those that may stay. */
    List<String> immortal() {
        return ttls.entrySet().stream()
                .filter(each ->
                        each.getValue() < 0 && !KEPT.matcher(each.getKey()).matches())
                .map(Map.Entry::getKey)
                .toList();
    }

    Keys withoutPools() {
        Map<String, Long> others = new TreeMap<>(ttls);
        others.keySet().removeIf(key -> OF_POOL.matcher(key).matches());
        return new Keys(others);
    }
}
