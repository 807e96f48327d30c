package dev.weir.filter;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.Acquisition;
import dev.weir.Policy;
import dev.weir.PolicyCost;
import dev.weir.RateLimiter;
import dev.weir.Weir;
import dev.weir.filter.config.ConfigFileSource;
import dev.weir.filter.config.ConfigurationException;
import dev.weir.filter.config.HeaderMode;
import dev.weir.filter.config.LiveConfig;
import dev.weir.filter.config.PolicyUses;
import dev.weir.filter.config.Stores;
import dev.weir.filter.metrics.Metrics;
import dev.weir.limit.Limit;
import dev.weir.limit.Terms;
import dev.weir.store.Store;
import dev.weir.store.StoreProvider;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.awaitility.core.ConditionFactory;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real files, a real configuration, the real thread. */
@Timeout(60)
class LiveConfigTest {

    @TempDir
    private Path directory;

    private final Logged logged = new Logged();
    private final List<RateLimits> opened = new ArrayList<>();
    private Path file;

    @BeforeEach
    void name() {
        file = directory.resolve("weir.properties");
    }

    @AfterEach
    void close() {
        opened.forEach(RateLimits::close);
        logged.close();
    }

    private RateLimits start(String builtIn, ConfigSource... more) {
        RateLimits limits = RateLimits.from(Configs.of(builtIn, more));
        opened.add(limits);
        return limits;
    }

    private RateLimits startWithFile(String builtIn, ConfigSource... more) {
        return start(builtIn + "\nweir.config.file=" + file, more);
    }

    private static long limit(RateLimits limits, String policy) {
        return limits.weir().policy(policy).limit().permits();
    }

    private static void write(Path path, String text) throws IOException {
        Files.writeString(path, text);
    }

    private void replace(String text) throws IOException {
        Path next = directory.resolve("weir.properties.new");
        write(next, text);
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static ConditionFactory soon() {
        return await().atMost(10, SECONDS).pollInterval(10, MILLISECONDS);
    }

    private static void awaitTwoMoreLooks(LiveSource source) {
        int looks = source.looks();
        soon().until(() -> source.looks() >= looks + 4); // A look may ask for the names twice.
    }

    @Test
    void start_file_isLaidOverTheBuiltInKeyByKey() throws IOException {
        write(file, "weir.policy.search.limit=7\nweir.policy.more.limit=1");

        RateLimits limits =
                startWithFile("weir.policy.search.limit=5\nweir.policy.search.period=1m\nweir.policy.other.limit=2");

        assertThat(limits.weir().policies()).containsOnlyKeys("search", "more", "other");
        assertThat(limits.weir().policy("search").limit()).isEqualTo(Limit.tokenBucket(7, Duration.ofMinutes(1)));
    }

    @Test
    void start_keyInAHigherSource_winsOverTheFile() throws IOException {
        write(file, "weir.policy.search.limit=7");

        RateLimits limits = startWithFile("", new LiveSource().set("weir.policy.search.limit", "9"));

        assertThat(limit(limits, "search")).isEqualTo(9);
    }

    @Test
    void start_expressionInTheFile_isExpanded() throws IOException {
        write(file, "weir.policy.search.limit=${base}0");

        assertThat(limit(startWithFile("base=4"), "search")).isEqualTo(40);
    }

    /** A {@code Config} may go on with what it has read before; Payara's does so for a minute. */
    @Test
    void fileChanged_configHasNotReadItYet_isInForceWhenItHas() throws IOException {
        write(file, "weir.policy.search.limit=7");
        Map<Object, Object> kept = new ConcurrentHashMap<>();
        List<Object> asked = new CopyOnWriteArrayList<>();
        RateLimits limits = RateLimits.from(
                keeping(kept, asked, Configs.of("weir.config.reload-interval=1h\nweir.config.file=" + file)));
        opened.add(limits);
        asked.clear();

        replace("weir.policy.search.limit=8");
        soon().until(() -> Collections.frequency(asked, "weir.policy.search.limit") == 2);
        assertThat(limit(limits, "search")).as("kept").isEqualTo(7);
        kept.clear();

        soon().until(() -> limit(limits, "search") == 8);
    }

    @Test
    void sourceChanged_configHasNotReadItYet_isInForceWhenItHas() {
        LiveSource source = new LiveSource().set("weir.policy.search.limit", "7");
        Map<Object, Object> kept = new ConcurrentHashMap<>();
        List<Object> asked = new CopyOnWriteArrayList<>();
        RateLimits limits =
                RateLimits.from(keeping(kept, asked, Configs.of("weir.config.reload-interval=100ms", source)));
        opened.add(limits);
        asked.clear();

        source.set("weir.policy.search.limit", "8");
        soon().until(() -> asked.contains("weir.policy.search.limit"));
        kept.clear(); // The source says no more than it said at that look.

        soon().until(() -> limit(limits, "search") == 8);
    }

    private static Config keeping(Map<Object, Object> kept, List<Object> asked, Config config) {
        return (Config) Proxy.newProxyInstance(
                Config.class.getClassLoader(), new Class<?>[] {Config.class}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("getConfigValue")) {
                        return method.invoke(config, arguments);
                    }
                    asked.add(arguments[0]);
                    return kept.computeIfAbsent(arguments[0], key -> config.getConfigValue((String) key));
                });
    }

    @Test
    void start_missingFile_isAnError() {
        assertThatThrownBy(() -> startWithFile("weir.policy.search.limit=zero"))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll(file.toString(), "no such file", "weir.policy.search.limit");
    }

    @Test
    void start_configWithoutOurSource_isAnError() throws IOException {
        write(file, "weir.policy.search.limit=7");
        var config = new SmallRyeConfigBuilder()
                .withSources(new LiveSource().set("weir.config.file", file.toString()))
                .build();

        assertThatThrownBy(() -> RateLimits.from(config))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("dev.weir.filter.config.ConfigFileSource");
    }

    @Test
    void change_replacedAtomically_isInForceWithinTwoSeconds() throws IOException {
        write(file, "weir.policy.search.limit=5");
        RateLimits limits = startWithFile("");

        replace("weir.policy.search.limit=6\nweir.headers=none\n");

        await().atMost(2, SECONDS).until(() -> limit(limits, "search") == 6);
        soon().until(() -> limits.http().headers() == HeaderMode.NONE);
    }

    @Test
    void change_writtenInPlace_isInForceWithinTwoSeconds() throws IOException {
        write(file, "weir.policy.search.limit=5");
        RateLimits limits = startWithFile("");

        write(file, "weir.policy.search.limit=6");

        await().atMost(2, SECONDS).until(() -> limit(limits, "search") == 6);
    }

    @Test
    void change_sameSizeAndTime_isSeen() throws IOException {
        write(file, "weir.policy.search.limit=5");
        var time = Files.getLastModifiedTime(file);
        RateLimits limits = startWithFile("");

        write(file, "weir.policy.search.limit=6");
        Files.setLastModifiedTime(file, time);

        soon().until(() -> limit(limits, "search") == 6);
    }

    @Test
    void change_linkToAnotherDirectorySwapped_isInForceWithinTwoSeconds() throws IOException {
        Path first = Files.createDirectory(directory.resolve("..v1"));
        Path second = Files.createDirectory(directory.resolve("..v2"));
        write(first.resolve("weir.properties"), "weir.policy.search.limit=5");
        write(second.resolve("weir.properties"), "weir.policy.search.limit=6\n");
        Path data = Files.createSymbolicLink(directory.resolve("..data"), first.getFileName());
        Files.createSymbolicLink(file, data.getFileName().resolve("weir.properties"));
        RateLimits limits = startWithFile("");

        Path swapped = Files.createSymbolicLink(directory.resolve("..data_tmp"), second.getFileName());
        Files.move(swapped, data, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);

        await().atMost(2, SECONDS).until(() -> limit(limits, "search") == 6);
    }

    @Test
    void change_linkIntoADirectoryThatIsNotWatched_isInForceWithinTwoSeconds() throws IOException {
        Path elsewhere = Files.createDirectory(directory.resolve("elsewhere")).resolve("real");
        write(elsewhere, "weir.policy.search.limit=5");
        Files.createSymbolicLink(file, elsewhere);
        RateLimits limits = startWithFile("");

        write(elsewhere, "weir.policy.search.limit=6\n");

        await().atMost(2, SECONDS).until(() -> limit(limits, "search") == 6);
    }

    @Test
    void change_directoryRemovedAndMadeAgain_isSeen() throws IOException {
        Path inner = Files.createDirectory(directory.resolve("inner"));
        file = inner.resolve("weir.properties");
        write(file, "weir.policy.search.limit=5");
        RateLimits limits = startWithFile("");

        Files.delete(file);
        Files.delete(inner);
        soon().until(() -> logged.count("no such file") == 1);
        Files.createDirectory(inner);
        write(file, "weir.policy.search.limit=6");

        soon().until(() -> limit(limits, "search") == 6);
    }

    @Test
    void change_deleted_keepsTheLastGoodAndWarnsOnce() throws IOException {
        write(file, "weir.policy.search.limit=5");
        LiveSource source = new LiveSource();
        RateLimits limits = startWithFile("weir.config.reload-interval=100ms", source);

        Files.delete(file);

        soon().until(() -> logged.count("no such file") == 1);
        awaitTwoMoreLooks(source);
        assertThat(limit(limits, "search")).isEqualTo(5);
        assertThat(logged.count("no such file")).isEqualTo(1);

        write(file, "weir.policy.search.limit=6");
        soon().until(() -> limit(limits, "search") == 6);
    }

    @Test
    void change_badFile_keepsTheLastGoodAndTellsEveryErrorOnce() throws IOException {
        write(file, "weir.policy.search.limit=5");
        LiveSource source = new LiveSource();
        RateLimits limits = startWithFile("weir.config.reload-interval=100ms", source);

        replace("weir.policy.search.limit=many\nweir.policy.search.limt=6\nweir.headers=none");

        soon().until(() -> logged.count("is refused") == 1);
        assertThat(logged.lines())
                .filteredOn(line -> line.contains("is refused"))
                .singleElement()
                .asString()
                .contains(
                        "SEVERE",
                        "weir.policy.search.limit = 'many' (" + file + ")",
                        "1 to 9007199254740992",
                        "weir.policy.search.limt",
                        "the nearest is weir.policy.search.limit");
        assertThat(limit(limits, "search")).isEqualTo(5);
        assertThat(limits.http().headers()).isEqualTo(HeaderMode.DRAFT);
        source.set("weir.policy.other.limit", "1"); // Looked at again, refused again, and for the same reasons.
        awaitTwoMoreLooks(source);
        replace("weir.policy.search.limit=6");
        soon().until(() -> limit(limits, "search") == 6);
        assertThat(logged.count("is refused")).isEqualTo(1);
    }

    /** The file's limit is 5, that of the other source 2; then the file is bad. */
    private RateLimits startAndRefuse(LiveSource source) throws IOException {
        write(file, "weir.policy.search.limit=5");
        source.set("weir.policy.other.limit", "2");
        RateLimits limits = startWithFile("weir.config.reload-interval=100ms", source);
        replace("weir.policy.search.limit=many");
        soon().until(() -> logged.count("is refused") == 1);
        return limits;
    }

    @Test
    void change_badFileIsDeleted_itsErrorsAreGone() throws IOException {
        LiveSource source = new LiveSource();
        RateLimits limits = startAndRefuse(source);

        Files.delete(file);
        source.set("weir.policy.other.limit", "1");

        soon().until(() -> limit(limits, "other") == 1);
        assertThat(limit(limits, "search")).isEqualTo(5);
        assertThat(logged.count("is refused")).isEqualTo(1);

        replace("weir.policy.search.limit=many");
        soon().until(() -> logged.count("is refused") == 2);
    }

    /** It is there, and cannot be read: that it was mended is not known. */
    @Test
    void change_badFileIsReplacedByADirectory_isStillRefused() throws IOException {
        LiveSource source = new LiveSource();
        RateLimits limits = startAndRefuse(source);

        Path aside = Files.createDirectory(file.resolveSibling("aside"));
        Files.delete(file);
        Files.move(aside, file);
        soon().until(() -> logged.count("not a regular file") == 1);
        source.set("weir.policy.other.limit", "1");

        awaitTwoMoreLooks(source);
        assertThat(limit(limits, "other")).isEqualTo(2);
        Files.delete(file);
    }

    @Test
    void change_goodFileIsDeleted_staysInForce_andSoDoesOneThatComesBack() throws IOException {
        write(file, "weir.policy.search.limit=5");
        RateLimits limits = startWithFile("");
        replace("weir.policy.search.limit=6");
        soon().until(() -> limit(limits, "search") == 6);

        Files.delete(file);
        soon().until(() -> logged.count("no such file") == 1);
        replace("weir.policy.search.limit=6\nweir.policy.other.limit=1");
        soon().until(() -> limits.weir().policies().containsKey("other"));

        assertThat(limit(limits, "search")).isEqualTo(6);
        assertThat(logged.count("is refused")).isZero();
    }

    /** A second limiter finds half a file, and is refused; the first one keeps what the source says. */
    @Test
    void start_ofASecondLimiter_fileIsUnreadable_sourceOfTheFirstStays() throws IOException {
        write(file, "weir.policy.search.limit=5");
        LiveSource source = new LiveSource();
        source.set("weir.policy.other.limit", "2");
        Config config = Configs.of("weir.config.file=" + file + "\nweir.config.reload-interval=100ms", source);
        try (RateLimits limits = RateLimits.from(config)) {
            Files.write(file, "weir.instance-id=\u00e9".getBytes(ISO_8859_1));
            assertThatThrownBy(() -> RateLimits.from(config)).hasMessageContaining("not UTF-8");
            write(file, "weir.policy.search.limit=5");

            source.set("weir.policy.other.limit", "1");

            soon().until(() -> limit(limits, "other") == 1);
            assertThat(limit(limits, "search")).isEqualTo(5);
        }
    }

    @Test
    void change_badFileBecomesUnreadable_onlyThatIsAnError() throws IOException {
        write(file, "weir.policy.search.limit=5");
        RateLimits limits = startWithFile("");
        replace("weir.policy.search.limit=many");
        soon().until(() -> logged.count("= 'many'") == 1);

        Files.write(file, "weir.instance-id=\u00e9".getBytes(ISO_8859_1));

        soon().until(() -> logged.count("not UTF-8") == 1);
        assertThat(logged.count("= 'many'")).isEqualTo(1);
        assertThat(limit(limits, "search")).isEqualTo(5);
    }

    @Test
    void change_notUtf8_keepsTheLastGood() throws IOException {
        write(file, "weir.policy.search.limit=5");
        RateLimits limits = startWithFile("");

        Files.write(file, "weir.policy.search.limit=6\nweir.instance-id=\u00e9".getBytes(ISO_8859_1));

        soon().until(() -> logged.count("not UTF-8") == 1);
        assertThat(limit(limits, "search")).isEqualTo(5);
    }

    @Test
    void change_hugeFile_keepsTheLastGood() throws IOException {
        write(file, "weir.policy.search.limit=5");
        RateLimits limits = startWithFile("");

        write(file, "# too much\n".repeat(200_000));

        soon().until(() -> logged.count("larger than") == 1);
        assertThat(limit(limits, "search")).isEqualTo(5);
    }

    @Test
    void change_newKeyInAnotherSource_isInForceAfterTheInterval() {
        LiveSource source = new LiveSource();
        RateLimits limits = start("weir.policy.search.limit=5\nweir.config.reload-interval=100ms", source);

        source.set("weir.policy.search.limit", "6").set("weir.policy.more.limit", "2");

        soon().until(() ->
                limit(limits, "search") == 6 && limits.weir().policies().containsKey("more"));
    }

    @Test
    void change_floorOfTheInstances_holdsAtOnce_andAWrongOneIsRefused() throws IOException {
        write(file, "weir.instances.min=3");
        RateLimits limits = startWithFile("weir.policy.search.limit=5");
        assertThat(limits.weir().instances()).isEqualTo(3);

        replace("weir.instances.min=4");
        soon().until(() -> limits.weir().instances() == 4);

        replace("weir.instances.min=0");
        soon().untilAsserted(() -> assertThat(logged.lines())
                .anyMatch(line -> line.contains("weir.instances.min") && line.contains("allowed: 1 to 1000")));
        assertThat(limits.weir().instances()).isEqualTo(4);
    }

    @Test
    void change_intervalItself_holdsAtOnce() throws IOException {
        write(file, "weir.policy.search.limit=5\nweir.config.reload-interval=1h");
        LiveSource source = new LiveSource();
        RateLimits limits = startWithFile("", source);

        replace("weir.policy.search.limit=6\nweir.config.reload-interval=100ms");
        soon().until(() -> limit(limits, "search") == 6);
        source.set("weir.policy.search.limit", "7");

        soon().until(() -> limit(limits, "search") == 7);
    }

    /** A source that lists the limit of policy search, and is asked for that value only when it is read. */
    private static class Listing extends LiveSource {

        private final AtomicLong reads = new AtomicLong();
        private volatile boolean failsOnce;

        Listing(String limit) {
            set("weir.policy.search.limit", limit);
        }

        @Override
        public String getValue(String key) {
            if (key.equals("weir.policy.search.limit")) {
                reads.incrementAndGet();
                if (failsOnce) {
                    failsOnce = false;
                    throw new IllegalStateException("away for a moment");
                }
            }
            return super.getValue(key);
        }

        @Override
        public Map<String, String> getProperties() {
            getPropertyNames(); // Counts as a look.
            return all();
        }
    }

    /** However often it is looked at. A listed value is asked for only to read it; to compare, the list is enough. */
    @Test
    void look_nothingHasChanged_isNotReadAgain() {
        Listing source = new Listing("6");
        RateLimits limits = start("weir.config.reload-interval=100ms", source);
        awaitTwoMoreLooks(source);
        long before = source.reads.get();

        awaitTwoMoreLooks(source);

        assertThat(source.reads.get()).isEqualTo(before);
        source.set("weir.policy.search.limit", "7");
        soon().until(() -> limit(limits, "search") == 7);
        assertThat(source.reads.get()).isGreaterThan(before);
    }

    @Test
    void look_wrongAndNothingHasChanged_isNotReadAgain() {
        Listing source = new Listing("6");
        start("weir.config.reload-interval=100ms", source);
        source.set("weir.policy.search.limit", "many");
        soon().until(() -> logged.count("is refused") == 1);
        awaitTwoMoreLooks(source);
        long before = source.reads.get();

        awaitTwoMoreLooks(source);

        assertThat(source.reads.get()).isEqualTo(before);
        assertThat(logged.count("is refused")).isEqualTo(1);
    }

    @Test
    void change_sourceFailsOnceWhileItIsRead_isInForceWithTheNextLook() {
        Listing source = new Listing("5");
        RateLimits limits = start("weir.config.reload-interval=100ms", source);

        source.failsOnce = true;
        source.set("weir.policy.search.limit", "6");

        soon().until(() -> limit(limits, "search") == 6);
        assertThat(logged.count("cannot be read: away for a moment")).isEqualTo(1);
    }

    /** Its names are asked for only when it is read. */
    private static class UnreadableOnce extends LiveSource {

        private volatile boolean failsOnce;

        @Override
        public Set<String> getPropertyNames() {
            if (failsOnce) {
                failsOnce = false;
                throw new IllegalStateException("no names for a moment");
            }
            return super.getPropertyNames();
        }

        @Override
        public Map<String, String> getProperties() {
            return all();
        }
    }

    @Test
    void change_namesFailOnce_isInForceWithTheNextLook() {
        UnreadableOnce source = new UnreadableOnce();
        RateLimits limits = start("weir.policy.search.limit=5\nweir.config.reload-interval=100ms", source);

        source.failsOnce = true;
        source.set("weir.policy.search.limit", "6");

        soon().until(() -> limit(limits, "search") == 6);
        assertThat(logged.count("looking at the configuration failed")).isEqualTo(1);
    }

    @Test
    void change_ofTheFile_namesOfAnotherSourceFailOnce_isInForceWithTheNextLook() throws IOException {
        write(file, "weir.policy.search.limit=5\nweir.config.reload-interval=1h");
        UnreadableOnce source = new UnreadableOnce();
        RateLimits limits = startWithFile("", source);

        source.failsOnce = true;
        replace("weir.policy.search.limit=6\nweir.config.reload-interval=1h");

        soon().until(() -> limit(limits, "search") == 6);
    }

    /** Metrics of which something fails as soon as that is said. */
    private static class FailingMetrics implements Metrics {

        private final AtomicLong refreshed = new AtomicLong();
        private volatile boolean failsOnceWithPolicies;
        private volatile boolean failsWithLimiter;
        private volatile boolean failsToRefresh;

        @Override
        public void policies(Collection<Policy> policies) {
            if (failsOnceWithPolicies) {
                failsOnceWithPolicies = false;
                throw new IllegalStateException("no metrics of policies");
            }
        }

        @Override
        public void limiter(Weir weir) {
            if (failsWithLimiter) {
                throw new IllegalStateException("no metrics of the limiter");
            }
        }

        @Override
        public void refresh() {
            refreshed.incrementAndGet();
            if (failsToRefresh) {
                throw new IllegalStateException("no metrics at all");
            }
        }
    }

    private static LiveConfig live(Config config, Metrics metrics) {
        return new LiveConfig(config, Stores.onClassPath(), null, null, metrics, new PolicyUses());
    }

    @Test
    void change_puttingItIntoForceFailsOnce_isInForceWithTheNextLook() {
        LiveSource source = new LiveSource();
        FailingMetrics metrics = new FailingMetrics();
        Config config = Configs.of("weir.policy.search.limit=5\nweir.config.reload-interval=100ms", source);
        try (LiveConfig live = live(config, metrics)) {
            metrics.failsOnceWithPolicies = true;
            source.set("weir.policy.search.limit", "6");

            soon().until(() -> live.weir().policy("search").limit().permits() == 6);
        }
    }

    @Test
    void look_failsAgainAndAgain_pausesInBetween() throws Exception {
        FailingMetrics metrics = new FailingMetrics();
        metrics.failsToRefresh = true;
        try (LiveConfig live = live(Configs.of("weir.config.reload-interval=100ms"), metrics)) {
            soon().until(() -> metrics.refreshed.get() >= 2);
            long before = metrics.refreshed.get();

            Thread.sleep(500); // Without a pause, a loop looks thousands of times in it.

            assertThat(metrics.refreshed.get() - before).isLessThan(20);
            assertThat(live.http().headers()).isEqualTo(HeaderMode.DRAFT);
        }
    }

    /** What writes the log may fail too, when its disk is full for instance. */
    @Test
    void look_logThatThrows_isSurvived() {
        LiveSource source = new LiveSource();
        RateLimits limits = start("weir.policy.search.limit=5\nweir.config.reload-interval=100ms", source);
        AtomicLong thrown = new AtomicLong();
        logged.onNext(line -> {
            thrown.incrementAndGet();
            throw new IllegalStateException("the disk is full");
        });

        source.fail(LiveConfigTest::away);
        soon().until(() -> thrown.get() == 1);
        source.set("weir.policy.search.limit", "6");
        source.fail(() -> {});

        soon().until(() -> limit(limits, "search") == 6);
    }

    /** A failure that could not be logged is not forgotten: the disk may have room again. */
    @Test
    void look_logThatThrowsOnce_sameFailureIsLoggedTheNextTime() {
        LiveSource source = new LiveSource();
        start("weir.policy.search.limit=5\nweir.config.reload-interval=100ms", source);
        logThrowsOnce();

        source.fail(LiveConfigTest::away);

        soon().until(() -> logged.count("looking at the configuration failed") == 1);
    }

    @Test
    void change_refused_logThatThrowsOnce_isLoggedTheNextTime() {
        LiveSource source = new LiveSource();
        start("weir.policy.search.limit=5\nweir.config.reload-interval=100ms", source);
        logThrowsOnce();

        source.set("weir.policy.search.limit", "-1");

        soon().until(() -> logged.count("a changed configuration is refused") == 1);
    }

    @Test
    void file_goesAway_logThatThrowsOnce_isLoggedTheNextTime() throws IOException {
        write(file, "weir.policy.search.limit=5\nweir.config.reload-interval=100ms\n");
        start("weir.config.file=" + file);
        logThrowsOnce();

        Files.delete(file);

        soon().until(() -> logged.count("what is in force stays in force") == 1);
    }

    private void logThrowsOnce() {
        logged.onNext(line -> {
            throw new IllegalStateException("the disk is full");
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void start_metricsFail_theOpenedStoreIsClosed(boolean withTheLimiter) {
        FailingMetrics metrics = new FailingMetrics();
        metrics.failsOnceWithPolicies = !withTheLimiter;
        metrics.failsWithLimiter = withTheLimiter;
        AtomicLong opened = new AtomicLong();
        AtomicLong closed = new AtomicLong();
        Stores stores = new Stores(List.of(new Counted(opened) {
            @Override
            public Store open(Map<String, String> settings) {
                super.open(settings);
                return new MemoryBackedStore() {
                    @Override
                    public void close() {
                        closed.incrementAndGet();
                        super.close();
                    }
                };
            }
        }));

        assertThatThrownBy(() ->
                        new LiveConfig(Configs.of("weir.store=counted"), stores, null, null, metrics, new PolicyUses()))
                .hasMessageContaining("no metrics of");

        assertThat(opened).hasValue(1);
        assertThat(closed).hasValue(1);
    }

    /** One that keeps secrets may list some keys, and serve others by name only. */
    @Test
    void change_ofAKeyThatItsSourceDoesNotList_isInForceAfterTheInterval() {
        LiveSource source = new LiveSource() {
            @Override
            public Set<String> getPropertyNames() {
                return Set.of("region");
            }
        };
        source.set("region", "north").set("weir.policy.search.limit", "5");
        RateLimits limits = start("weir.policy.search.limit=4\nweir.config.reload-interval=100ms", source);
        assertThat(limit(limits, "search")).isEqualTo(5);

        source.set("weir.policy.search.limit", "6");

        soon().until(() -> limit(limits, "search") == 6);
    }

    @Test
    void change_ofASourceThatListsNothing_isInForceAfterTheInterval() {
        LiveSource source = new LiveSource() {
            @Override
            public Set<String> getPropertyNames() {
                return Set.of();
            }
        };
        RateLimits limits = start("weir.policy.search.limit=5\nweir.config.reload-interval=100ms", source);

        source.set("weir.policy.search.limit", "6");

        soon().until(() -> limit(limits, "search") == 6);
    }

    /** What another key holds may be a part of it. */
    @Test
    void change_ofWhatAnExpressionNames_isInForceAfterTheInterval() {
        LiveSource source = new LiveSource().set("how.many", "5");
        RateLimits limits = start("weir.policy.search.limit=${how.many}\nweir.config.reload-interval=100ms", source);

        source.set("how.many", "6");

        soon().until(() -> limit(limits, "search") == 6);
    }

    @Test
    void start_anythingIsWrong_noStoreIsOpened() {
        AtomicLong opened = new AtomicLong();
        Stores stores = new Stores(List.of(new Counted(opened)));

        assertThatThrownBy(() -> new LiveConfig(
                        Configs.of("weir.store=counted\nweir.counted.size=x\nweir.headers=all"),
                        stores,
                        null,
                        null,
                        Metrics.NONE,
                        new PolicyUses()))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll("2 errors", "weir.counted.size is wrong", "weir.headers");
        assertThat(opened).hasValue(0);
    }

    /** A store on the class path, with a key of its own that can be wrong. */
    private static class Counted implements StoreProvider {

        private final AtomicLong opened;

        Counted(AtomicLong opened) {
            this.opened = opened;
        }

        @Override
        public String name() {
            return "counted";
        }

        @Override
        public Set<String> keys() {
            return Set.of("weir.counted.size");
        }

        @Override
        public void check(Map<String, String> settings) {
            if ("x".equals(settings.get("weir.counted.size"))) {
                throw new IllegalArgumentException("weir.counted.size is wrong");
            }
        }

        @Override
        public Store open(Map<String, String> settings) {
            opened.incrementAndGet();
            return new MemoryBackedStore();
        }
    }

    /** A store is opened at the start only; but that it could not be is better known now than then. */
    @Test
    void change_storesOwnKeyIsWrong_isRefused() throws IOException {
        write(file, "weir.policy.search.limit=6\n");
        Stores stores = new Stores(List.of(new Counted(new AtomicLong())));
        Config config = Configs.of("weir.store=counted\nweir.counted.size=1\nweir.config.file=" + file);
        try (LiveConfig live = new LiveConfig(config, stores, null, null, Metrics.NONE, new PolicyUses())) {
            replace("weir.policy.search.limit=7\nweir.counted.size=x\n");

            soon().until(() -> logged.count("weir.counted.size is wrong") == 1);
            assertThat(live.weir().policy("search").limit().permits()).isEqualTo(6);
            replace("weir.policy.search.limit=8\nweir.counted.size=2\n");
            soon().until(() -> live.weir().policy("search").limit().permits() == 8);
            soon().until(() -> logged.count("weir.counted.size has changed") == 1); // It is logged after that.
        }
    }

    /** What was only there for the start may be gone since, a file with a password for instance. */
    @Test
    void change_storesOwnKeysAreAsBefore_theyAreNotCheckedAgain() throws IOException {
        write(file, "weir.policy.search.limit=6\n");
        AtomicLong checks = new AtomicLong();
        Stores stores = new Stores(List.of(new Counted(new AtomicLong()) {
            @Override
            public void check(Map<String, String> settings) {
                checks.incrementAndGet();
            }
        }));
        Config config = Configs.of("weir.store=counted\nweir.counted.size=1\nweir.config.file=" + file);
        try (LiveConfig live = new LiveConfig(config, stores, null, null, Metrics.NONE, new PolicyUses())) {
            replace("weir.policy.search.limit=7\n");

            soon().until(() -> live.weir().policy("search").limit().permits() == 7);
            assertThat(checks).hasValue(1);
        }
    }

    /**
     * Keys of a profile that is not active say nothing, and are no mistake; those of the active one hold, also when
     * they come later.
     */
    @Test
    void file_keysOfProfiles_holdWhileTheirProfileIsActive() throws IOException {
        write(file, "weir.policy.search.limit=6\n%dev.weir.policy.search.limit=7\n%prod.weir.policy.search.limit=8\n");
        RateLimits plain = startWithFile("");
        RateLimits dev = RateLimits.from(new SmallRyeConfigBuilder()
                .withProfile("dev")
                .addDefaultInterceptors()
                .withSources(new LiveSource().set("weir.config.file", file.toString()), new ConfigFileSource())
                .build());
        opened.add(dev);
        assertThat(limit(plain, "search")).isEqualTo(6);
        assertThat(limit(dev, "search")).isEqualTo(7);

        replace("weir.policy.search.limit=6\n%dev.weir.policy.more.limit=9\n");

        soon().until(() -> limit(dev, "search") == 6);
        assertThat(plain.weir().policies()).containsOnlyKeys("search");
        assertThat(dev.weir().policies()).containsOnlyKeys("search", "more");
        assertThat(limit(dev, "more")).isEqualTo(9);
    }

    /** A file that is emptied before it is written says nothing yet; nor does one that breaks off within a number. */
    @Test
    void change_fileBreaksOff_isTakenOnlyWhenItHoldsStill() throws Exception {
        write(file, "weir.policy.search.limit=1000\n");
        RateLimits limits = startWithFile("weir.policy.search.limit=5");
        assertThat(limit(limits, "search")).isEqualTo(1_000);

        for (int i = 0; i < 4; i++) {
            write(file, "");
            Thread.sleep(250); // Shorter than half a second, for which an empty file has to stay as it is.
            write(file, "weir.policy.search.limit=1");
            Thread.sleep(250); // The same of a line that breaks off.
            assertThat(limit(limits, "search")).isEqualTo(1_000);
        }
        write(file, "weir.policy.search.limit=1001\n");

        soon().until(() -> limit(limits, "search") == 1_001);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void look_sourceThatThrows_isSurvived(boolean anError) {
        LiveSource source = new LiveSource();
        RateLimits limits = start("weir.policy.search.limit=5\nweir.config.reload-interval=100ms", source);

        source.fail(anError ? LiveConfigTest::overflow : LiveConfigTest::away);
        soon().until(() -> logged.count("looking at the configuration failed") >= 1);
        assertThat(limit(limits, "search")).isEqualTo(5);
        awaitTwoMoreLooks(source);
        assertThat(logged.count("looking at the configuration failed"))
                .as("said once")
                .isEqualTo(1);
        source.set("weir.policy.search.limit", "6");
        source.fail(() -> {});

        soon().until(() -> limit(limits, "search") == 6);
    }

    private static void away() {
        throw new IllegalStateException("the database is away");
    }

    private static void overflow() {
        overflow();
    }

    @Test
    void change_ofWhatNeedsARestart_isWarnedOfOnce() {
        LiveSource source = new LiveSource();
        RateLimits limits = start("weir.policy.search.limit=5\nweir.config.reload-interval=100ms", source);

        source.set("weir.store-deadline", "20ms");
        soon().until(() -> logged.count("only after a restart") == 1);
        awaitTwoMoreLooks(source);

        assertThat(logged.lines())
                .filteredOn(line -> line.contains("only after a restart"))
                .singleElement()
                .asString()
                .contains("WARNING", "weir.store-deadline");
    }

    @Test
    void require_unknownPolicyOrTooHighACost_saysWhereAndWhatIsKnown() {
        RateLimits limits = start("weir.policy.search.limit=5\nweir.policy.other.limit=1");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.require(new PolicyCost("serach", 1), "GET /search", false))
                .withMessageContainingAll("GET /search", "serach", "other, search");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.require(new PolicyCost("search", 6), "GET /search", false))
                .withMessageContainingAll("GET /search", "search", "6", "5");
    }

    private static PolicyCost asked(String policy, long cost, String action, Integer subBucket) {
        return new PolicyCost(policy, cost, action, subBucket, Terms.NONE, false);
    }

    @Test
    void require_actionAndSubBucket_areMeasuredByTheirOwnNumbers() {
        RateLimits limits = start("""
                weir.policy.export.limit=10
                weir.policy.export.weight=2
                weir.policy.export.split=70,30,0
                weir.policy.export.action.pdf.limit=5
                weir.policy.unsplit.limit=1
                weir.policy.invited.limit=1
                weir.policy.invited.weight=0
                """);

        limits.require(asked("export", 14, "csv", null), "here", false);
        limits.require(asked("export", 7, "pdf", null), "here", false);
        limits.require(asked("export", 6, null, 1), "here", false);
        limits.require(asked("invited", 1, null, null), "here", false); // A client may have a weight of its own.
        assertRefused(limits, asked("export", 15, null, null), "15", "policy 'export'", "14");
        assertRefused(limits, asked("export", 8, "pdf", null), "8", "action 'pdf' of policy 'export'", "7");
        assertRefused(limits, asked("export", 7, null, 1), "7", "sub-bucket 1 of policy 'export'", "6");
        assertRefused(limits, asked("export", 4, "pdf", 1), "4", "sub-bucket 1 of action 'pdf'", "3");
        assertRefused(limits, asked("export", 1, null, 2), "sub-bucket 2 of policy 'export'", "capacity is 0");
        assertRefused(limits, asked("export", 1, null, 3), "no sub-bucket 3 in policy 'export'", "0 to 2");
        assertRefused(limits, asked("unsplit", 1, null, 0), "no sub-bucket 0 in policy 'unsplit'", "not split");
    }

    @Test
    void require_inAPool_isMeasuredByHalfOfItsBurst_whateverTheWeight() {
        RateLimits limits = start("""
                weir.pool.backend.limit=100
                weir.pool.backend.burst=21
                weir.policy.search.pool=backend
                weir.policy.search.weight=0
                weir.policy.export.pool=backend
                weir.policy.export.limit=50
                weir.policy.export.weight=0
                weir.policy.export.action.pdf.limit=5
                """);

        limits.require(asked("search", 10, null, null), "here", false);
        limits.require(asked("export", 10, "csv", null), "here", false);
        limits.require(asked("export", 5, "pdf", null), "here", false);
        for (String policy : List.of("search", "export")) {
            assertRefused(
                    limits,
                    asked(policy, 11, null, null),
                    "a cost of 11 can never pass pool 'backend', whose burst is 21: it may be at most 10");
        }
        assertRefused(limits, asked("export", 6, "pdf", null), "6", "action 'pdf' of policy 'export'", "5");
        assertRefused(limits, asked("search", 1, null, 0), "no sub-bucket 0 in policy 'search'", "not split");
    }

    private static void assertRefused(RateLimits limits, PolicyCost ask, String... parts) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> limits.require(ask, "GET /pdf", false))
                .withMessageContainingAll(parts)
                .withMessageStartingWith("GET /pdf: ");
    }

    @Test
    void change_everyTerm_isInForceAndKeepsWhatIsUsed() throws IOException {
        String base =
                "weir.policy.search.limit=10\nweir.policy.search.period=366d\nweir.policy.search.algorithm=fixed-window\n";
        write(file, base);
        RateLimits limits = startWithFile("");
        RateLimiter search = limits.weir().limiter("search");
        search.tryAcquire("alice", 4);

        // Asked for more than there is, a limit tells how it stands and is charged nothing.
        replace(base + "weir.policy.search.weight=2");
        soon().until(() -> search.tryAcquire("alice", 1_000).remaining() == 16);
        replace(base + "weir.policy.search.client.alice.limit=30");
        soon().until(() -> search.tryAcquire("alice", 1_000).remaining() == 26);
        replace(base + "weir.policy.search.plan.gold.weight=4\nweir.client.alice.plan=gold");
        soon().until(() -> search.tryAcquire("alice", 1_000).remaining() == 36);
        replace(base + "weir.policy.search.action.pdf.limit=3");
        Acquisition pdf = Acquisition.of("alice").cost(1_000).action("pdf");
        soon().until(() -> search.tryAcquire(pdf).remaining() == 3);
        replace(base + "weir.policy.search.split=50,50");
        soon().until(() -> search.tryAcquire("alice", 1_000).subBucket().isPresent());
        replace(base + "weir.policy.search.shadow=true");
        soon().until(() -> search.tryAcquire("alice", 1_000).permitted());
        replace(base + "weir.policy.search.client.alice.weight=-1");
        soon().until(() -> logged.count("weir.policy.search.client.alice.weight = '-1'") == 1);
        assertThat(search.tryAcquire("alice", 1_000).permitted()).isTrue();
    }

    @Test
    void change_subBucketOfNothing_isWarnedOfOnce() throws IOException {
        write(file, "weir.policy.search.limit=10\nweir.policy.search.split=99,1");
        RateLimits limits = startWithFile("");
        String warning = "weir.policy.search.split = '99,1': sub-bucket 1 gets no permit";
        assertThat(logged.count(warning)).isEqualTo(1);

        replace("weir.policy.search.limit=11\nweir.policy.search.split=99,1");
        soon().until(() -> limit(limits, "search") == 11);
        replace("weir.policy.search.limit=12\nweir.policy.search.split=99,1");
        soon().until(() -> limit(limits, "search") == 12);

        assertThat(logged.count(warning)).isEqualTo(1);
    }

    @Test
    void change_takesAwayWhatIsUsed_isRefusedButMayCutIt() throws IOException {
        write(file, "weir.policy.search.limit=5\nweir.policy.other.limit=1");
        RateLimits limits = startWithFile("");
        limits.require(new PolicyCost("search", 3), "GET /search", false);

        replace("weir.policy.other.limit=2");
        soon().until(() -> logged.count("policy 'search' is used by GET /search") == 1);
        assertThat(limit(limits, "search")).isEqualTo(5);
        assertThat(limit(limits, "other")).isEqualTo(1);

        replace("weir.policy.search.limit=2\nweir.policy.other.limit=2");
        soon().until(() -> limit(limits, "search") == 2 && limit(limits, "other") == 2);
        assertThat(logged.count("GET /search can no longer pass: a cost of 3")).isEqualTo(1);
    }

    @Test
    void change_whileThreadsAsk_disturbsNobodyAndKeepsWhatIsUsed() throws Exception {
        String day = "\nweir.policy.search.period=366d\nweir.policy.search.algorithm=fixed-window";
        write(file, "weir.policy.search.limit=1000" + day);
        RateLimits limits = startWithFile("");
        AtomicLong permitted = new AtomicLong();
        AtomicBoolean ended = new AtomicBoolean();
        Callable<Void> asking = () -> {
            while (!ended.get()) {
                if (limits.weir().limiter("search").allow("alice")) {
                    permitted.incrementAndGet();
                }
            }
            return null;
        };
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            List<Future<Void>> asked = List.of(threads.submit(asking), threads.submit(asking));

            soon().until(() -> permitted.get() == 1000);
            replace("weir.policy.search.limit=2500" + day);
            soon().until(() -> permitted.get() == 2500);
            replace("weir.policy.search.limit=3000" + day);
            soon().until(() -> permitted.get() == 3000);
            replace("weir.policy.search.limit=2000" + day);
            soon().until(() -> limit(limits, "search") == 2000);
            ended.set(true);

            for (Future<Void> each : asked) {
                each.get(); // Throws what a disturbed request would have thrown.
            }
            assertThat(permitted).hasValue(3000);
        } finally {
            ended.set(true);
            threads.shutdownNow();
        }
    }

    @Test
    void close_twice_endsTheThreadAndIsQuiet() throws IOException {
        write(file, "weir.policy.search.limit=5");
        RateLimits limits = startWithFile("");

        limits.close();
        limits.close();
        replace("weir.policy.search.limit=6");

        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().equals("weir-config"))
                .isEmpty();
        assertThat(limit(limits, "search")).isEqualTo(5);
    }
}
