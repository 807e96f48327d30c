package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RedisKeysTest {

    private final RedisKeys keys = new RedisKeys(64);

    /** Pinned: another hash in a later version would give every client a second limit while instances are replaced. */
    @Test
    void usage_knownIds_neverChange() {
        assertThat(keys.usage("alice", "search")).isEqualTo("weir:{7}:search:alice");
        assertThat(keys.usage("müller", "search")).isEqualTo("weir:{25}:search:müller");
        assertThat(keys.usage("{17}:x", "a-b")).isEqualTo("weir:{59}:a-b:{17}:x");
        assertThat(new RedisKeys(1).usage("alice", "search")).isEqualTo("weir:{0}:search:alice");
    }

    @Test
    void shard_manyClients_spreadEvenly() {
        Map<Integer, Long> clients = IntStream.range(0, 64_000)
                .mapToObj(i -> keys.shard("client-" + i))
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));

        assertThat(clients).hasSize(64);
        assertThat(clients.values()).allMatch(count -> count > 800 && count < 1_200);
    }
}
