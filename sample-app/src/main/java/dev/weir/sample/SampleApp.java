package dev.weir.sample;

import dev.weir.filter.RateLimits;
import dev.weir.filter.config.ConfigurationException;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.logging.LogManager;
import java.util.stream.Collectors;
import org.eclipse.jetty.ee10.webapp.WebAppContext;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.util.resource.ResourceFactory;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/**
 * Starts the sample application: Jetty, the web application under {@code webapp}, and Weir with the options' settings.
 */
@Command(
        name = "sample-app",
        description = "A web application with rate limits, to try Weir on.",
        mixinStandardHelpOptions = false,
        sortOptions = false,
        usageHelpAutoWidth = true)
public final class SampleApp implements Callable<Integer> {

    private static final long STOP_MILLIS = 5_000;
    private static final String ADMIN_TOKEN = "weir.admin.token";
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    enum StoreName {
        memory,
        redisson
    }

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "Port to listen on; 0 takes a free one. Default: ${DEFAULT-VALUE}")
    private int port = 8080;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Properties file with weir.* keys, laid over the built-in ones and watched for changes.")
    private @Nullable Path config;

    @Option(names = "--store", paramLabel = "STORE", description = "Where usage is kept: memory (default) or redisson.")
    private @Nullable StoreName store;

    @Option(
            names = "--redis",
            paramLabel = "URI",
            description = "Redis for the redisson store. Default: redis://127.0.0.1:6379")
    private @Nullable String redis;

    @Option(names = "--instance-id", paramLabel = "ID", description = "This instance's name. Default: a random one.")
    private @Nullable String instanceId;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    private boolean help;

    /** Runs the application until it is stopped. */
    public static void main(String[] args) throws IOException {
        try (InputStream logging = SampleApp.class.getResourceAsStream("/logging.properties")) {
            LogManager.getLogManager().readConfiguration(Objects.requireNonNull(logging));
        }
        CommandLine command = new CommandLine(new SampleApp()).setParameterExceptionHandler((e, arguments) -> {
            System.err.println("sample-app: " + e.getMessage() + " (--help shows the options)");
            return CommandLine.ExitCode.USAGE;
        });
        System.exit(command.execute(args));
    }

    @Override
    public Integer call() throws Exception {
        applyOptions();
        Optional<String> adminToken = makeAdminToken();
        RateLimits limits = limits();
        Server server = server(limits);
        try {
            server.start();
        } catch (Exception e) {
            server.stop();
            limits.close();
            throw notStarted(e);
        }
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, limits)));
        int listening = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
        adminToken.ifPresent(token -> System.out.println("Admin token, until the end of this run: " + token));
        System.out.println("Weir's sample application is ready: http://localhost:" + listening + "/");
        server.join();
        return CommandLine.ExitCode.OK;
    }

    /**
     * In one line, where the port or the configuration is to blame: a limit below what a resource costs, for instance.
     */
    private Exception notStarted(Exception failure) {
        Throwable cause = failure;
        while (!(cause instanceof IllegalArgumentException) && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (failure instanceof IOException) {
            return wrong("--port %d: %s".formatted(port, cause.getMessage()));
        }
        return cause instanceof IllegalArgumentException ? wrong(String.valueOf(cause.getMessage())) : failure;
    }

    /** Options are configuration like any other, of the highest rank. */
    private void applyOptions() {
        if (port < 0 || port > 65_535) {
            throw wrong("--port must be from 0 to 65535, but is " + port);
        }
        if (config != null) {
            if (!Files.isRegularFile(config) || !Files.isReadable(config)) {
                throw wrong("--config %s: there is no such readable file".formatted(config));
            }
            System.setProperty("weir.config.file", config.toAbsolutePath().toString());
        }
        if (redis != null) {
            if (store == StoreName.memory) {
                throw wrong("--redis goes with --store redisson, not with --store memory");
            }
            store = StoreName.redisson;
            System.setProperty("weir.redisson.uri", redis);
        }
        if (store != null) {
            System.setProperty("weir.store", store.name());
        }
        if (instanceId != null) {
            System.setProperty("weir.instance-id", instanceId);
        }
    }

    /**
     * A token if none is configured: the admin resource can be tried without choosing one, and no other client can use
     * it.
     */
    private Optional<String> makeAdminToken() throws IOException {
        Properties file = new Properties();
        if (config != null) {
            try {
                String text = Files.readString(config);
                file.load(new StringReader(text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text));
            } catch (IllegalArgumentException | CharacterCodingException e) {
                return Optional
                        .empty(); // Reported, with every other mistake in the file, when the configuration is read.
            }
        }
        boolean isSet = !file.getProperty(ADMIN_TOKEN, "").isBlank()
                || ConfigProvider.getConfig()
                        .getOptionalValue(ADMIN_TOKEN, String.class)
                        .isPresent();
        if (isSet) {
            return Optional.empty();
        }
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        String token = Base64.getUrlEncoder().encodeToString(random);
        System.setProperty(ADMIN_TOKEN, token);
        return Optional.of(token);
    }

    /** Made before the server starts, so that a mistake in the configuration is reported in one line. */
    private RateLimits limits() {
        try {
            return RateLimits.from(ConfigProvider.getConfig());
        } catch (ConfigurationException e) {
            throw wrong(
                    String.valueOf(e.getMessage()).lines().map(String::strip).collect(Collectors.joining("; ")));
        }
    }

    private Server server(RateLimits limits) {
        WebAppContext application = new WebAppContext();
        application.setContextPath("/");
        application.setBaseResource(ResourceFactory.of(application).newClassLoaderResource("webapp/"));
        application.setParentLoaderPriority(true);
        application.setThrowUnavailableOnStartupException(true);
        application.setAttribute(RateLimits.ATTRIBUTE, limits);
        Server server = new Server(port);
        server.setHandler(new GracefulHandler(application));
        server.setStopTimeout(STOP_MILLIS);
        return server;
    }

    /**
     * Finishes the requests that are being served, and then ends with 0: a process that is asked to stop has not
     * failed.
     */
    private static void stop(Server server, RateLimits limits) {
        try {
            limits.weir().drain(); // Queued requests are rejected, and do not hold up the end.
            server.stop();
            limits.close();
        } catch (Exception e) {
            System.err.println("sample-app: stopping failed: " + e);
            Runtime.getRuntime().halt(CommandLine.ExitCode.SOFTWARE);
        }
        Runtime.getRuntime().halt(CommandLine.ExitCode.OK);
    }

    private ParameterException wrong(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }
}
