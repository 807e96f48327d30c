package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.store.ChangeListener;
import dev.weir.store.Charge;
import dev.weir.store.Subject;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What {@code docs/dependencies.md} says an application may exclude is not needed. */
class SlimClassPathTest {

    private static final Pattern EXCLUDED = Pattern.compile(
            "(byte-buddy|jodd-util|rxjava|reactor-core|cache-api|kryo|reflectasm|objenesis|minlog)-\\d.*");

    @Test
    void open_withoutTheLibrariesThatMayBeExcluded_decides() throws Exception {
        List<URL> kept = new ArrayList<>();
        int left = 0;
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path path = Path.of(entry);
            if (EXCLUDED.matcher(path.getFileName().toString()).matches()) {
                left++;
            } else {
                kept.add(path.toUri().toURL());
            }
        }
        assertThat(left).isEqualTo(9);
        try (RedisServer redis = RedisServer.start();
                URLClassLoader slim =
                        new URLClassLoader(kept.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            Object permitted = slim.loadClass(Slim.class.getName())
                    .getMethod("decide", String.class)
                    .invoke(null, redis.uri());
            assertThat(permitted).isEqualTo(true);
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
