package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.Limit;
import dev.weir.store.Charge;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.redisson.config.Config;

/** The same jar on Redisson 3.52 and Netty 4.1, which many applications have. */
class OlderRedissonTest {

    private static final Pattern REPLACED = Pattern.compile("(redisson|netty-.*)-\\d.*");

    /** Where the build puts the older jars. */
    private static final Path OLDER = Path.of("target/redisson-3");

    /** One that would fail at some call later is refused at the start. */
    @Test
    void redissonThatIsTooOld_startIsRefusedWithTheVersionsFoundAndNeeded() throws Exception {
        List<URL> classPath = new ArrayList<>(older());
        classPath.removeIf(jar -> jar.getPath().endsWith("redisson-3.52.0.jar"));
        classPath.add(
                Path.of("target/redisson-too-old/redisson-3.30.0.jar").toUri().toURL());
        try (URLClassLoader application = application(classPath)) {
            Object refusal = application
                    .loadClass(Application.class.getName())
                    .getMethod("refusal")
                    .invoke(null);
            assertThat(refusal)
                    .isEqualTo(
                            "weir.store=redisson needs Redisson 3.52.0 or later, 3.x or 4.x, but the one on the class path is 3.30.0");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "3.30.0,true",
        "3.51.9,true",
        "2.99.0,true",
        "3.52.0,false",
        "3.52.1-SNAPSHOT,false",
        "4.0.0,false",
        "x,false"
    })
    void isTooOld(String version, boolean expected) {
        assertThat(RedissonVersion.isTooOld(version)).isEqualTo(expected);
    }

    /** An application with other libraries instead of those that {@link #REPLACED} names. */
    private static URLClassLoader application(List<URL> others) throws IOException {
        List<URL> classPath = new ArrayList<>(others);
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path path = Path.of(entry);
            if (!REPLACED.matcher(path.getFileName().toString()).matches()) {
                classPath.add(path.toUri().toURL());
            }
        }
        return new URLClassLoader(classPath.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    /** With a password, too, which Redisson 4 has a new method for. */
    @ParameterizedTest
    @ValueSource(strings = {"", "weir:secret@"})
    void redisson3_twoInstancesShareALimit(String credentials) throws Exception {
        try (RedisServer redis = RedisServer.start();
                URLClassLoader application = application(older())) {
            redis.send("ACL", "SETUSER", "weir", "on", ">secret", "~*", "&*", "+@all");
            Object decisions = application
                    .loadClass(Application.class.getName())
                    .getMethod("decisions", Map.class)
                    .invoke(
                            null,
                            Map.of(RedissonSettings.URI, redis.uri().replace("redis://", "redis://" + credentials)));
            assertThat(decisions).isEqualTo(List.of(true, true, false, false));
        }
    }

    /** As the starter for Spring Boot connects to several servers. */
    @Test
    void redisson3_userAndPasswordOfAConfiguration() throws Exception {
        try (RedisServer redis = RedisServer.start();
                URLClassLoader application = application(older())) {
            redis.send("ACL", "SETUSER", "weir", "on", ">secret", "~*", "&*", "+@all");
            Object permitted = application
                    .loadClass(Application.class.getName())
                    .getMethod("connecting", String.class, String.class, String.class)
                    .invoke(null, redis.uri(), "weir", "secret");
            assertThat(permitted).isEqualTo(true);
            assertThat((List<?>) redis.send("ACL", "LOG")).isEmpty();
        }
    }

    @Test
    void redisson3_passwordFile(@TempDir Path directory) throws Exception {
        try (RedisServer redis = RedisServer.start();
                URLClassLoader application = application(older())) {
            redis.send("ACL", "SETUSER", "weir", "on", ">secret", "~*", "&*", "+@all");
            Path password = Files.writeString(directory.resolve("password"), "secret");
            Object decisions = application
                    .loadClass(Application.class.getName())
                    .getMethod("decisions", Map.class)
                    .invoke(
                            null,
                            Map.of(
                                    RedissonSettings.URI, redis.uri().replace("redis://", "redis://weir@"),
                                    RedissonSettings.PASSWORD_FILE, password.toString()));
            assertThat(decisions).isEqualTo(List.of(true, true, false, false));
        }
    }

    private static List<URL> older() throws IOException {
        List<URL> jars = new ArrayList<>();
        try (Stream<Path> files = Files.list(OLDER)) {
            for (Path jar : files.toList()) {
                jars.add(jar.toUri().toURL());
            }
        }
        assertThat(jars).hasSizeGreaterThan(8).anyMatch(jar -> jar.getPath().endsWith("redisson-3.52.0.jar"));
        return jars;
    }

    /** Loaded with the older libraries. */
    public static final class Application {

        private Application() {}

        /** Why a store is refused, whichever way it is asked for. */
        public static String refusal() {
            RedissonStoreProvider provider = new RedissonStoreProvider();
            List<Runnable> ways = List.of(
                    () -> provider.check(Map.of()), () -> provider.open(Map.of()), () -> RedissonStore.using(null));
            List<String> refusals = new ArrayList<>();
            for (Runnable way : ways) {
                try {
                    way.run();
                } catch (IllegalArgumentException e) {
                    refusals.add(e.getMessage());
                }
            }
            assertThat(refusals).hasSize(ways.size());
            return String.join("; ", new TreeSet<>(refusals));
        }

        /** Whether a request is permitted. */
        public static boolean connecting(String server, String user, String password) throws Exception {
            Config config = new Config();
            config.useSingleServer().setAddress(server);
            try (RedissonStore store = RedissonStore.connecting(config, user, password, key -> null)) {
                return Asked.of(store, "alice", new Charge("p", Limit.tokenBucket(2, Duration.ofDays(1)), 1))
                        .get(10, TimeUnit.SECONDS)
                        .get(0)
                        .permitted();
            }
        }

        /** What two instances decide in turn, of which the limit permits two requests. */
        public static List<Boolean> decisions(Map<String, String> settings) throws Exception {
            Charge charge = new Charge("p", Limit.tokenBucket(2, Duration.ofDays(1)), 1);
            List<Boolean> decisions = new ArrayList<>();
            try (RedissonStore one = Opened.store(settings);
                    RedissonStore other = Opened.store(settings)) {
                for (RedissonStore store : List.of(one, other, one, other)) {
                    decisions.add(Asked.of(store, "alice", charge)
                            .get(10, TimeUnit.SECONDS)
                            .get(0)
                            .permitted());
                }
            }
            return decisions;
        }
    }
}
