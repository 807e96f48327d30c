package dev.weir.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RowTest {

    private static final String SCENARIO = RedisAccuracy.PART;

    private static Redis redis;

    @BeforeAll
    static void start() throws Exception {
        redis = Redis.start();
    }

    @AfterAll
    static void stop() throws Exception {
        redis.close();
    }

    @Test
    void measure_inAProcessOfItsOwn_returnsWhatItFound() throws Exception {
        assertThat(Row.measure(SCENARIO, RedisContenders.FLOOR, redis.uri(), 4, true))
                .containsKeys("percent", "admitted", "allowed", "perSecond");
    }

    @Test
    void measure_noSuchRow_fails() {
        assertThatThrownBy(() -> Row.measure(SCENARIO, "no such row", redis.uri(), 4, true))
                .isInstanceOf(IllegalStateException.class);
    }
}
