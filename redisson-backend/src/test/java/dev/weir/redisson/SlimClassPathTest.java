package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.ClassPath;
import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.store.ChangeListener;
import dev.weir.store.Charge;
import dev.weir.store.Subject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What {@code docs/dependencies.md} says an application may exclude is not needed. */
class SlimClassPathTest {

    private static final String EXCLUDED =
            "byte-buddy|jodd-util|rxjava|reactor-core|cache-api|kryo|reflectasm|objenesis|minlog";

    @Test
    void open_withoutTheLibrariesThatMayBeExcluded_decides() throws Exception {
        try (RedisServer redis = RedisServer.start();
                ClassPath slim = ClassPath.without(EXCLUDED)) {
            assertThat(slim.left()).hasSize(9);

            assertThat(slim.call(Slim.class, "decide", redis.uri())).isEqualTo(true);
        }
    }

    /** Loaded without those libraries. */
    public static final class Slim {

        private Slim() {}

        public static boolean decide(String uri) throws Exception {
            try (RedissonStore store = Opened.store(Map.of("weir.redisson.uri", uri))) {
                Charge charge = new Charge("p", Limit.tokenBucket(1, Duration.ofDays(1)), 1);
                CountDownLatch subscribed = new CountDownLatch(1);
                store.listen(new ChangeListener() {
                    @Override
                    public void onChange(Subject subject) {}

                    @Override
                    public void onGap() {
                        subscribed.countDown();
                    }
                });
                boolean isSubscribed = subscribed.await(10, TimeUnit.SECONDS);
                List<Decision> decisions = Asked.of(store, "alice", charge).get(10, TimeUnit.SECONDS);
                return isSubscribed && decisions.get(0).permitted();
            }
        }
    }
}
