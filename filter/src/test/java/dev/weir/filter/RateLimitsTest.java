package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.filter.config.ConfigurationException;
import dev.weir.limit.Decision;
import dev.weir.store.LimiterListener;
import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Kind;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import jakarta.servlet.ServletContainerInitializer;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.server.Server;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.config.spi.ConfigProviderResolver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** In a real servlet context, with the configuration that its class loader finds by itself. */
class RateLimitsTest {

    @TempDir
    private Path classes;

    private final ClassLoader before = Thread.currentThread().getContextClassLoader();
    private final Server server = new Server();
    private final ServletContextHandler handler = new ServletContextHandler();
    private URLClassLoader application;

    @BeforeEach
    void start() throws Exception {
        Path file = classes.resolve("weir.properties");
        Files.writeString(file, "weir.policy.search.limit=7");
        Files.createDirectories(classes.resolve("META-INF"));
        Files.writeString(
                classes.resolve("META-INF/microprofile-config.properties"),
                "weir.policy.search.limit=5\nweir.policy.search.period=1m\nweir.config.file=" + file);
        application = new URLClassLoader(new URL[] {classes.toUri().toURL()}, before);
        Thread.currentThread().setContextClassLoader(application);
        for (ServletContainerInitializer initializer : ServiceLoader.load(ServletContainerInitializer.class)) {
            if (initializer instanceof RateLimitsListener) {
                handler.addServletContainerInitializer(initializer);
            }
        }
        server.setHandler(handler);
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        server.stop();
        ConfigProviderResolver.instance().releaseConfig(ConfigProvider.getConfig());
        Thread.currentThread().setContextClassLoader(before);
        application.close();
    }

    private RateLimits limits() {
        return RateLimits.of(handler.getServletContext());
    }

    @Test
    void of_firstUse_readsTheApplicationsConfigurationAndItsFile() {
        assertThat(limits().weir().policy("search").limit()).hasToString("token-bucket 7 per PT1M, burst 7");
    }

    @Test
    void of_manyThreadsAtOnce_makesOne() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<RateLimits>> made = threads.invokeAll(IntStream.range(0, 16)
                    .<Callable<RateLimits>>mapToObj(i -> () -> {
                        Thread.currentThread().setContextClassLoader(application);
                        return limits();
                    })
                    .toList());

            for (Future<RateLimits> each : made) {
                assertThat(each.get()).isSameAs(limits());
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void of_closed_makesAnother() {
        RateLimits first = limits();
        first.close();

        assertThat(limits()).isNotSameAs(first);
    }

    @Test
    void of_applicationsOwnStore_isUsedAndClosed() throws Exception {
        boolean[] closed = {false};
        var store = new MemoryBackedStore() {
            @Override
            public CompletableFuture<Integer> heartbeat(String instanceId) {
                return CompletableFuture.completedFuture(42);
            }

            @Override
            public void close() {
                super.close();
                closed[0] = true;
            }
        };
        handler.getServletContext().setAttribute(RateLimits.STORE_ATTRIBUTE, store);

        assertThat(limits().weir().instances()).isEqualTo(42);
        server.stop();

        assertThat(closed[0]).isTrue();
    }

    @Test
    void of_applicationsOwnListener_hearsOfEverything() {
        List<String> events = new CopyOnWriteArrayList<>();
        handler.getServletContext().setAttribute(RateLimits.STORE_ATTRIBUTE, new MemoryBackedStore() {
            @Override
            public CompletableFuture<StoreReply> tryAcquire(StoreRequest call) {
                return call.subject().id().equals("bob")
                        ? CompletableFuture.failedFuture(
                                new StoreException(Kind.UNREACHABLE, "away", new IllegalStateException()))
                        : super.tryAcquire(call);
            }

            @Override
            public CompletableFuture<Integer> heartbeat(String instanceId) {
                return events.contains("failed UNREACHABLE")
                        ? CompletableFuture.failedFuture(
                                new StoreException(Kind.TIMEOUT, "away", new IllegalStateException()))
                        : super.heartbeat(instanceId);
            }
        });
        handler.getServletContext().setAttribute(RateLimits.LISTENER_ATTRIBUTE, new LimiterListener() {
            @Override
            public void onDecision(Decision decision, long cost) {
                events.add("%s permitted=%s cost=%d".formatted(decision.policy(), decision.permitted(), cost));
            }

            @Override
            public void onStoreAnswer(long nanos) {
                events.add("answered");
            }

            @Override
            public void onStoreFailure(Kind kind, long nanos) {
                events.add("failed " + kind);
            }

            @Override
            public void onStoreChange(boolean up) {
                events.add("up=" + up);
            }
        });

        limits().weir().limiter("search").tryAcquire("alice", 3);
        assertThat(events).contains("answered", "search permitted=true cost=3");
        limits().weir().limiter("search").tryAcquire("bob", 2);
        assertThat(events).contains("failed UNREACHABLE", "search permitted=true cost=2");
        await().until(() -> events.contains("up=false"));
    }

    @ParameterizedTest
    @ValueSource(strings = {RateLimits.STORE_ATTRIBUTE, RateLimits.LISTENER_ATTRIBUTE})
    void of_attributeOfAnotherType_isAnError(String attribute) {
        handler.getServletContext().setAttribute(attribute, "redis");

        assertThatIllegalArgumentException()
                .isThrownBy(this::limits)
                .withMessageContainingAll(attribute, "java.lang.String");
    }

    @Test
    void of_wrongConfiguration_tellsEveryError() throws Exception {
        Files.writeString(classes.resolve("weir.properties"), "weir.policy.search.limit=x\nweir.hedaers=none");

        assertThatThrownBy(this::limits)
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContainingAll("2 errors", "weir.policy.search.limit = 'x'", "weir.headers");
    }

    @Test
    void contextDestroyed_applicationEnds_closesTheLimiter() throws Exception {
        limits();
        assertThat(threads()).contains("weir-config");

        server.stop();

        assertThat(threads()).doesNotContain("weir-config");
        assertThat(handler.getServletContext().getAttribute(RateLimits.class.getName()))
                .isNull();
    }

    private static List<String> threads() {
        return Thread.getAllStackTraces().keySet().stream().map(Thread::getName).toList();
    }
}
