package dev.weir.faults;

import java.util.List;

/**
 * Requests of one kind, which come all the time, to every instance, and more of them than the limit lets through
 * (except light ones).
 *
 * @param title also the client's id, where that is a header
 * @param clients how many send in turn; the path of more than one ends with which it is
 * @param limit the permits a second
 * @param burst the permits at once
 * @param connections to each instance
 * @param perSecond requests to each instance, on all its connections
 * @param cost the permits that a request takes
 * @param isCountedByClient whether each client has a limit of its own
 * @param ownWaitMillis how long a request may take by the policy's own word
 */
record Traffic(
        String title,
        String path,
        int clients,
        int limit,
        int burst,
        int connections,
        int perSecond,
        int cost,
        boolean isCountedByClient,
        int ownWaitMillis) {

    /** How long a request may wait for its turn. */
    static final int MAX_DELAY_MILLIS = 2_000;

    /** A client with so high a limit that instances decide from leases; ten permits a request. */
    static final Traffic HOT = new Traffic("hot", "/try/orders?cost=10&client=hot", 1, 500, 500, 5, 45, 10, false, 0);

    /** A client that the store decides each time; behind a servlet filter. */
    static final Traffic SMALL = new Traffic("small", "/plain/hello", 1, 50, 50, 3, 45);

    /** Under two policies at once, of which that of {@link #SMALL} has the smaller limit; behind annotations. */
    static final Traffic SEVERAL = new Traffic("several", "/api/orders/latest", 1, 50, 50, 2, 35);

    /** Requests above the limit wait for their turn; behind an annotation. */
    static final Traffic DELAYED =
            new Traffic("delayed", "/api/orders/report", 1, 10, 10, 3, 15, 1, false, MAX_DELAY_MILLIS);

    /** Three clients of a pool, through the API. */
    static final Traffic POOL = new Traffic("pool", "/try/search?client=pool-", 3, 30, 10, 3, 20);

    /** Ten clients that stay far below their limits: not one of their requests may be rejected. */
    static final Traffic LIGHT = new Traffic("light", "/try/light?client=light-", 10, 10, 10, 2, 20, 1, true, 0);

    /** Requests that no limit is for: how long these take is the machine's and the server's doing. */
    static final Traffic FREE = new Traffic("free", "/health", 1, 0, 0, 1, 25);

    /** What comes while a fault is made. */
    static final List<Traffic> UNDER_FAULTS = List.of(HOT, SMALL, SEVERAL, DELAYED, POOL, LIGHT, FREE);

    /** One client's, or several clients', whose requests take a permit each. */
    Traffic(String title, String path, int clients, int limit, int burst, int connections, int perSecond) {
        this(title, path, clients, limit, burst, connections, perSecond, 1, false, 0);
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

    /** All under faults that a limit is for. */
    static List<Traffic> limited() {
        return UNDER_FAULTS.stream().filter(each -> each != FREE).toList();
    }

    String path(int request) {
        return clients == 1 ? path : path + client(request);
    }

    /** Which of the clients sends a request. */
    int client(int request) {
        return request % clients;
    }

    /** Between two requests on one connection. */
    long nanosBetween() {
        return 1_000_000_000L * connections / perSecond;
    }

    long ownWaitNanos() {
        return ownWaitMillis * 1_000_000L;
    }
}
