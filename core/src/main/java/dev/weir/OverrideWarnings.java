package dev.weir;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Logs settings that were made at run time and no longer fit, once for each client under each policy, until the
 * policies change. Thread-safe.
 */
final class OverrideWarnings {

    private static final Logger LOG = System.getLogger(OverrideWarnings.class.getName());

    /** Operators do not read more lines than this, and memory must not grow with the number of clients. */
    private static final int MOST_LOGGED = 100;

    private record Logged(String policy, String client) {}

    private final Set<Logged> logged = ConcurrentHashMap.newKeySet();

    /** @param leftOut what is left out and why */
    void log(String policy, String client, String leftOut) {
        if (logged.size() < MOST_LOGGED && logged.add(new Logged(policy, client))) {
            LOG.log(
                    Level.WARNING,
                    "policy ''{0}'', client ''{1}'': {2}",
                    policy,
                    client.replaceAll("\\p{Cntrl}", "?"),
                    leftOut);
        }
    }

    void forget() {
        logged.clear();
    }
}
