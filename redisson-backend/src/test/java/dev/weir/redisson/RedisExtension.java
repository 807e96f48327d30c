package dev.weir.redisson;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;

/**
 * Finds a Redis for the tests of a class, whose data it may delete before each test. It is the first of: the one that
 * the system property {@code weir.test.redis.uri} names; a container, where Docker answers; a process of
 * {@code redis-server} from the path; a process of the one that the library embedded-redis carries. So a test needs
 * nothing to be installed.
 *
 * <pre>{@code
 * @RegisterExtension
 * static final RedisExtension redis = new RedisExtension();
 * }</pre>
 *
 * A test that kills its server starts a {@link RedisServer} of its own.
 */
public final class RedisExtension implements BeforeAllCallback, BeforeEachCallback, AfterAllCallback {

    private static final String PROPERTY = "weir.test.redis.uri";
    private static final String IMAGE = "redis:7.2-alpine";
    private static final int PORT = 6379;

    private AutoCloseable started = () -> {};
    private String uri;

    @Override
    public void beforeAll(ExtensionContext context) {
        String property = System.getProperty(PROPERTY);
        if (property != null) {
            uri = property;
        } else if (dockerAnswers()) {
            GenericContainer<?> container = new GenericContainer<>(IMAGE).withExposedPorts(PORT);
            container.start();
            started = container;
            uri = "redis://%s:%d".formatted(container.getHost(), container.getMappedPort(PORT));
        } else {
            RedisServer server = RedisServer.start();
            started = server;
            uri = server.uri();
        }
    }

    /** Testcontainers looks for Docker slowly and loudly: it is asked only where something could answer. */
    private static boolean dockerAnswers() {
        boolean isThere = System.getenv("DOCKER_HOST") != null || Files.exists(Path.of("/var/run/docker.sock"));
        return isThere && DockerClientFactory.instance().isDockerAvailable();
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        send("FLUSHALL");
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        started.close();
    }

    public String uri() {
        return uri;
    }

    /** Sends one command over a connection of its own. */
    public Object send(String... words) {
        URI server = URI.create(uri);
        try (RespClient client = new RespClient(server.getHost(), server.getPort())) {
            if (server.getUserInfo() != null) {
                String[] credentials = server.getUserInfo().split(":", 2);
                client.send("AUTH", credentials[0].isEmpty() ? "default" : credentials[0], credentials[1]);
            }
            return client.send(words);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
