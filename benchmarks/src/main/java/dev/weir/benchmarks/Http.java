package dev.weir.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import dev.weir.filter.RateLimitFilter;
import dev.weir.filter.RateLimits;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import jakarta.servlet.DispatcherType;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.servlet.ServletContainer;

/**
 * A trivial Jersey resource on Jetty, with the filter in front of it and without. The client is in the same process and
 * shares its processors: it does as little as it can, but what it does makes the filter's part of a request look
 * smaller than where clients have machines of their own.
 */
final class Http implements Scenario {

    static final String PART = "http";

    private static final int OPEN_MILLIS = 900;
    private static final String FLOOR = "floor: no limiter";
    private static final Logger JERSEY = Logger.getLogger("org.glassfish.jersey");
    private static final String CLIENT = "X-Client";
    private static final String HELLO = "hello";
    private static final OperatingSystemMXBean SYSTEM =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    /** How many times as long the first warm-up is: the compiler needs so long for a server and a client. */
    private static final int COLD = 8;

    private static final AtomicBoolean IS_WARM = new AtomicBoolean();

    private final boolean isHot;
    private final int threads;
    private final Pace pace;
    private final Clients clients;
    private final Map<String, Map<String, String>> settings = new LinkedHashMap<>();

    private Http(String redisUri, boolean isHot, int threads, Pace pace) {
        this.isHot = isHot;
        this.clients = isHot ? Clients.hot() : Clients.zipf();
        this.threads = threads;
        this.pace = pace.withOverhead(OPEN_MILLIS);
        for (StoreUse use : StoreUse.values()) {
            Map<String, String> over = new HashMap<>(use.settings());
            over.put("weir.store", "redisson");
            over.put("weir.redisson.uri", redisUri);
            settings.put(use.row(), over);
        }
        settings.put("Weir, memory store", Map.of());
        JERSEY.setLevel(Level.SEVERE); // It warns of XML, which no request asks for.
    }

    static List<Scenario> all(String redisUri, int threads, Pace pace) {
        return List.of(new Http(redisUri, true, threads, pace), new Http(redisUri, false, threads, pace));
    }

    /** The resource. */
    @Path("hello")
    public static final class Hello {

        @GET
        public String hello() {
            return HELLO;
        }
    }

    @Override
    public String part() {
        return PART;
    }

    @Override
    public String name() {
        return PART + (isHot ? ", hot" : ", zipf");
    }

    @Override
    public String description() {
        return "HTTP: a trivial Jersey resource on Jetty, %s, %d connections, everything on one machine"
                .formatted(isHot ? "one hot client" : "%,d clients by Zipf's law".formatted(Clients.MANY), threads);
    }

    @Override
    public List<String> rows() {
        List<String> rows = new ArrayList<>(settings.keySet());
        rows.add(FLOOR);
        return rows;
    }

    @Override
    public List<Column> columns() {
        return List.of(
                new Column("perSecond", "requests/s", 0),
                new Column("p50Micros", "p50 µs", 0),
                new Column("p99Micros", "p99 µs", 0),
                new Column("cpuMicros", "CPU µs a request", 1));
    }

    @Override
    public Pace pace() {
        return pace;
    }

    /** All rows in one: server and client are the same in each, and take far longer to be compiled than a limiter. */
    @Override
    public boolean isMeasuredHere() {
        return true;
    }

    @Override
    public Map<String, Double> measure(String row) throws Exception {
        RateLimits limits = row.equals(FLOOR) ? null : limits(settings.get(row));
        Server server = server(limits);
        try {
            server.start();
            int port = ((ServerConnector) server.getConnectors()[0]).getLocalPort();
            if (!IS_WARM.getAndSet(true)) {
                ask(port, pace.warmUp().multipliedBy(COLD));
            }
            ask(port, pace.warmUp());
            long cpuNanos = SYSTEM.getProcessCpuTime();
            Load load = ask(port, pace.time());
            return Map.of(
                    "perSecond",
                    load.perSecond(),
                    "p50Micros",
                    load.micros(50),
                    "p99Micros",
                    load.micros(99),
                    "cpuMicros",
                    (SYSTEM.getProcessCpuTime() - cpuNanos) / 1e3 / load.decisions());
        } finally {
            server.stop();
            if (limits != null) {
                limits.close();
            }
        }
    }

    private static RateLimits limits(Map<String, String> more) {
        Map<String, String> all = new HashMap<>(more);
        all.put("weir.client-id", "header:" + CLIENT);
        all.put("weir.store-deadline", "2s");
        all.put("weir.policy.default.limit", Integer.toString(LocalContenders.PER_SECOND));
        all.put("weir.policy.default.period", "1s");
        return RateLimits.from(new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(all, "benchmark", 100))
                .build());
    }

    private static Server server(RateLimits limits) {
        ServletContextHandler application = new ServletContextHandler();
        if (limits != null) {
            application.addFilter(
                    new FilterHolder(new RateLimitFilter(limits)), "/*", EnumSet.of(DispatcherType.REQUEST));
        }
        application.addServlet(new ServletHolder(new ServletContainer(new ResourceConfig(Hello.class))), "/*");
        Server server = new Server(0);
        server.setHandler(application);
        return server;
    }

    private Load ask(int port, Duration time) throws Exception {
        List<KeptConnection> connections = new ArrayList<>();
        try {
            return Load.run(threads, time, thread -> {
                Clients.Walk walk = clients.walk(thread, threads);
                KeptConnection connection = new KeptConnection(port, "/hello", CLIENT, HELLO);
                connections.add(connection);
                return () -> {
                    connection.get(walk.next());
                    return true;
                };
            });
        } finally {
            for (KeptConnection connection : connections) {
                connection.close();
            }
        }
    }
}
