package dev.weir.faults;

import java.util.List;
import java.util.stream.Stream;

/**
 * Requests of one kind, which come all the time, to every instance, and more of them than the limit lets through
 * (except light ones).
 */
enum Traffic {
    /** A client with so high a limit that instances decide from leases; ten permits a request. */
    HOT("hot", "/try/orders?cost=10&client=hot", "hot", 1, 500, 500, 5, 45),
    /** A client that the store decides each time; behind a servlet filter. */
    SMALL("small", "/plain/hello", "small", 1, 50, 50, 3, 45),
    /** Requests above the limit wait for their turn; behind an annotation. */
    DELAYED("delayed", "/api/orders/report", "delayed", 1, 10, 10, 3, 15),
    /** Three clients of a pool, through the API. */
    POOL("pool", "/try/search?client=pool-", "pool", 3, 30, 10, 3, 20),
    /** Ten clients that stay far below their limits: not one of their requests may be rejected. */
    LIGHT("light", "/try/light?client=light-", "light", 10, 10, 10, 2, 20),
    /** Requests that no limit is for: how long these take is the machine's and the server's doing. */
    FREE("free", "/health", "free", 1, 0, 0, 1, 25);

    /** How long a request may wait for its turn. */
    static final int MAX_DELAY_MILLIS = 2_000;

    private final String title;
    private final String path;
    private final String client;
    private final int clients;
    private final int limit;
    private final int burst;
    private final int connections;
    private final int perSecond;

    /**
     * @param limit the permits a second
     * @param connections to each instance
     * @param perSecond requests to each instance, on all its connections
     */
    Traffic(
            String title,
            String path,
            String client,
            int clients,
            int limit,
            int burst,
            int connections,
            int perSecond) {
        this.title = title;
        this.path = path;
        this.client = client;
        this.clients = clients;
        this.limit = limit;
        this.burst = burst;
        this.connections = connections;
        this.perSecond = perSecond;
    }

    /** The settings that all this is under. */
    static List<String> settings() {
        return """
                weir.client-id = header:X-Client
                weir.policy.orders.limit = 500
                weir.policy.orders.period = 1s
                weir.policy.plain.limit = 50
                weir.policy.plain.period = 1s
                weir.policy.plain.algorithm = token-bucket
                weir.policy.report.limit = 10
                weir.policy.report.period = 1s
                weir.policy.report.max-delay = %dms
                weir.pool.backend.limit = 30
                weir.pool.backend.burst = 10
                weir.policy.search.pool = backend
                weir.policy.light.limit = 10
                weir.policy.probe.limit = 1000
                weir.policy.probe.period = 1d
                """.formatted(MAX_DELAY_MILLIS).lines().toList();
    }

    /** All that a limit is for. */
    static List<Traffic> limited() {
        return Stream.of(values()).filter(each -> each != FREE).toList();
    }

    String title() {
        return title;
    }

    /** The permits that a request takes. */
    int cost() {
        return this == HOT ? 10 : 1;
    }

    String path(int request) {
        return clients == 1 ? path : path + client(request);
    }

    /** Which of the clients sends a request. */
    int client(int request) {
        return request % clients;
    }

    /** The client's id, where it is a header. */
    String id() {
        return client;
    }

    int limit() {
        return limit;
    }

    int burst() {
        return burst;
    }

    int connections() {
        return connections;
    }

    /** Between two requests on one connection. */
    long nanosBetween() {
        return 1_000_000_000L * connections / perSecond;
    }

    /** Whether each client has a limit of its own. */
    boolean isCountedByClient() {
        return this == LIGHT;
    }

    /** How long a request may take by the policy's own word. */
    long ownWaitNanos() {
        return this == DELAYED ? MAX_DELAY_MILLIS * 1_000_000L : 0;
    }
}
