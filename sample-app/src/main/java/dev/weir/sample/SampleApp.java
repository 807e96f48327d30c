package dev.weir.sample;

import dev.weir.Weir;
import dev.weir.filter.RateLimits;
import dev.weir.filter.config.ConfigurationException;
import dev.weir.sample.dashboard.SampleDashboard;
import dev.weir.sample.demo.Demo;
import dev.weir.sample.demo.DemoRedis;
import dev.weir.sample.demo.PartCommand;
import dev.weir.sample.load.LoadCommand;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.LogManager;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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

    private static final String REDIS_URI = "weir.redisson.uri";
    private static final String LOCALHOST = "localhost";
    private static final int DEMO_INSTANCES = 3;

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
            names = "--demo",
            description =
                    "Starts three instances on ports PORT, PORT+1 and PORT+2, for this machine only, with a Redis "
                            + "(--redis, else redis-server on the PATH, else a bundled one) and traffic, and a page to watch and "
                            + "change it all.")
    private boolean demo;

    @Mixin
    private final LoadCommand load = new LoadCommand();

    @Option(names = "--demo-part", hidden = true, description = "Is started by --demo, and ends with it.")
    private boolean demoPart;

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
        if (demo) {
            return runDemo();
        }
        if (load.isWanted()) {
            return runLoad();
        }
        Optional<String> adminToken = AdminToken.make(config);
        RateLimits limits = limits();
        Weir weir = limits.weir();
        SampleServer server = demoPart
                ? new SampleServer(LOCALHOST, port, limits, SampleDashboard.ofDemo(limits, List::of))
                : new SampleServer(null, port, limits, SampleDashboard.of(limits));
        start(server);
        Runtime.getRuntime().addShutdownHook(Ending.of(server::close, () -> true));
        if (demoPart) {
            Demo.prepare(weir);
            Demo.endWithParent();
        }
        adminToken.ifPresent(token -> System.out.println("Admin token, until the end of this run: " + token));
        System.out.println("Weir's sample application is ready: http://localhost:" + server.port() + "/");
        server.join();
        return CommandLine.ExitCode.OK;
    }

    private Integer runLoad() throws Exception {
        try {
            if (load.isOwn()) {
                loadOwn();
            } else {
                load.run(null);
            }
            return CommandLine.ExitCode.OK;
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    private void loadOwn() throws Exception {
        AdminToken.makeAlways();
        RateLimits limits = limits();
        try (SampleServer server = new SampleServer(LOCALHOST, port, limits, SampleDashboard.of(limits))) {
            start(server);
            Demo.prepare(limits.weir());
            load.run(URI.create("http://localhost:" + server.port() + "/"));
        }
    }

    private Integer runDemo() throws Exception {
        DemoRedis ownRedis = redis == null && store != StoreName.memory ? findRedis() : null;
        Demo running = new Demo(AdminToken.makeAlways(), ownRedis, storeInWords(ownRedis));
        AtomicBoolean serves = new AtomicBoolean();
        Runtime.getRuntime().addShutdownHook(Ending.of(running::close, serves::get));
        RateLimits limits = limits();
        SampleDashboard dashboard = SampleDashboard.ofDemo(limits, running::snapshots);
        SampleServer server = new SampleServer(LOCALHOST, port, limits, dashboard);
        server.put(Demo.ATTRIBUTE, running);
        for (int part = 2; part <= DEMO_INSTANCES; part++) {
            running.startPart("demo-" + part, PartCommand.of(part, SampleApp.class, port, config, sharedRedis()));
        }
        start(server);
        running.first(server::close);
        Demo.prepare(limits.weir());
        try {
            running.awaitParts();
        } catch (IllegalStateException e) {
            throw wrong("--demo: " + e.getMessage());
        }
        URI root = URI.create("http://localhost:" + server.port() + "/");
        running.startTraffic(root);
        serves.set(true);
        System.out.println("Three instances, which share " + storeInWords(ownRedis) + ". Ctrl-C ends all of it.");
        System.out.println("Weir's demo is ready: " + root);
        server.join();
        return CommandLine.ExitCode.OK;
    }

    private @Nullable DemoRedis findRedis() throws IOException {
        DemoRedis found = DemoRedis.find().orElse(null);
        if (found == null) {
            System.out.println("There is no Redis for this system: each instance keeps limits of its own, in memory.");
        } else {
            useRedis(found.uri());
        }
        return found;
    }

    private String storeInWords(@Nullable DemoRedis ownRedis) {
        if (ownRedis != null) {
            return "a Redis of their own, %s at %s".formatted(ownRedis.program(), ownRedis.uri());
        }
        return redis == null ? "nothing: each keeps its own limits in memory" : "the Redis " + withoutSecrets(redis);
    }

    /** For the page and the terminal: scheme, host and port of an address, whose password may be before them. */
    private static String withoutSecrets(String uri) {
        return uri.replaceFirst("^([^:/]+://)(?:.*@)?([^/]*).*$", "$1$2");
    }

    private @Nullable String sharedRedis() {
        return store == StoreName.redisson ? System.getProperty(REDIS_URI) : null;
    }

    private void start(SampleServer server) throws Exception {
        try {
            server.start();
        } catch (Exception e) {
            throw StartFailure.inOneLine(e, port).<Exception>map(this::wrong).orElse(e);
        }
    }

    /** Options are configuration like any other, of the highest rank. */
    private void applyOptions() {
        int mostPort = demo ? 65_535 - DEMO_INSTANCES + 1 : 65_535;
        if (port < 0 || port > mostPort) {
            throw wrong("--port must be from 0 to %d, but is %d".formatted(mostPort, port));
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
            useRedis(redis);
        }
        if (store != null) {
            System.setProperty("weir.store", store.name());
        }
        if (demo && instanceId != null) {
            throw wrong("--instance-id does not go with --demo, whose instances are demo-1, demo-2 and demo-3");
        }
        checkLoad();
        if (demo || demoPart || load.isOwn()) {
            System.setProperty("mp.config.profile", Demo.PROFILE);
        }
        if (demo || instanceId != null) {
            System.setProperty("weir.instance-id", demo ? "demo-1" : instanceId);
        }
    }

    private void checkLoad() {
        if (load.isWanted() && (demo || demoPart)) {
            throw wrong("--load does not go with --demo: start the demo, and send to it from another terminal");
        }
        try {
            load.check();
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    private void useRedis(String uri) {
        store = StoreName.redisson;
        System.setProperty("weir.store", StoreName.redisson.name());
        System.setProperty(REDIS_URI, uri);
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

    private ParameterException wrong(String message) {
        return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
    }
}
