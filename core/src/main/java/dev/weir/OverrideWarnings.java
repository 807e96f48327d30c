package dev.weir;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Tells the log of settings that were made at run time and no longer fit, once for each client under each policy, until the
 * policies change. Thread-safe.
 */
final class OverrideWarnings {

    private static final Logger LOG = System.getLogger(OverrideWarnings.class.getName());

    /** More lines than this nobody reads, and memory is not to grow by clients. */
    private static final int MOST_TOLD = 100;

    private record Told(String policy, String client) {}

    private final Set<Told> told = ConcurrentHashMap.newKeySet();

    /** @param leftOut what is left out and why */
    void tell(String policy, String client, String leftOut) {
        if (told.size() < MOST_TOLD && told.add(new Told(policy, client))) {
            LOG.log(
                    Level.WARNING,
                    "policy ''{0}'', client ''{1}'': {2}",
                    policy,
                    client.replaceAll("\\p{Cntrl}", "?"),
                    leftOut);
        }
    }

    void forget() {
        told.clear();
    }
}
