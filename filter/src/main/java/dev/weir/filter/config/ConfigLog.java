package dev.weir.filter.config;

import dev.weir.Policy;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Logs what becomes of a configuration that is followed: each fact once, not at every look. Used by one thread at a
 * time.
 */
final class ConfigLog {

    private static final Logger LOG = System.getLogger(LiveConfig.class.getName());

    private final Map<String, String> startedWith;
    private Map<String, String> warnedOf;
    private List<String> warned;
    private List<String> refused = List.of();
    private String failure = "";

    /**
     * Logs the warnings of the first configuration.
     *
     * @param atStart what is given for the keys that are read at the start only
     * @param unknownVariables names in the environment that set no known key
     * @param warnings what works, but perhaps not as meant
     */
    ConfigLog(Map<String, String> atStart, Set<String> unknownVariables, List<String> warnings) {
        startedWith = atStart;
        warnedOf = atStart;
        for (String variable : new TreeSet<>(unknownVariables)) {
            LOG.log(
                    Level.WARNING,
                    "the environment''s {0} sets no known key; if it is meant for a policy that nothing else names, name the"
                            + " policy in weir.policies",
                    variable);
        }
        warned = warn(warnings, List.of());
    }

    /** Logs the warnings that have not been logged before. */
    private static List<String> warn(List<String> warnings, List<String> before) {
        warnings.stream()
                .filter(warning -> !before.contains(warning))
                .forEach(warning -> LOG.log(Level.WARNING, "{0}", warning));
        return warnings;
    }

    /** A changed configuration is in force. */
    void replaced(Settings before, Settings after) {
        refused = List.of();
        LOG.log(Level.INFO, "a changed configuration is in force; {0}", changes(before, after));
    }

    private static String changes(Settings before, Settings after) {
        Map<String, Policy> changed = new TreeMap<>(after.policies());
        changed.entrySet().removeAll(before.policies().entrySet());
        Set<String> gone = new TreeSet<>(before.policies().keySet());
        gone.removeAll(after.policies().keySet());
        List<String> described =
                changed.values().stream().map(ConfigLog::described).toList();
        return "new or other policies: %s; gone: %s".formatted(described, gone);
    }

    /** Without the names of clients: there may be thousands. */
    private static String described(Policy policy) {
        return "%s (%s%s%s; without the store: %s; plans %s, %d clients, actions %s)"
                .formatted(
                        policy.name(),
                        policy.limit(),
                        policy.pool() == null
                                ? ""
                                : "; pool %s: %s"
                                        .formatted(
                                                policy.pool().name(),
                                                policy.pool().limit()),
                        policy.behaviour().shadow() ? "; shadow" : "",
                        policy.behaviour().onStoreFailure(),
                        new TreeSet<>(policy.terms().plans().keySet()),
                        policy.terms().clients().size(),
                        new TreeSet<>(policy.terms().actions().keySet()));
    }

    /**
     * Logs what is new among the warnings of the configuration in force.
     *
     * @param atStart what it gives for the keys that are read at the start only
     */
    void warn(List<String> warnings, Map<String, String> atStart) {
        warned = warn(warnings, warned);
        warnOfRestart(atStart);
    }

    private void warnOfRestart(Map<String, String> now) {
        Set<String> keys = new TreeSet<>(startedWith.keySet());
        keys.addAll(now.keySet());
        for (String key : keys) {
            boolean differs = !Objects.equals(now.get(key), startedWith.get(key));
            if (differs && !Objects.equals(now.get(key), warnedOf.get(key))) {
                LOG.log(Level.WARNING, "{0} has changed, which holds only after a restart", key);
            }
        }
        warnedOf = now;
    }

    /** A changed configuration is wrong, and the one before stays in force. */
    void refused(List<String> problems) {
        if (!problems.equals(refused)) {
            LOG.log(
                    Level.ERROR,
                    "a changed configuration is refused, the one before stays in force: {0}",
                    new ConfigurationException(problems).getMessage());
            refused = problems;
        }
    }

    /** A source failed, and is to be looked at again. Never throws. */
    void failed(Throwable e) {
        try {
            String now = String.valueOf(e);
            if (!now.equals(failure)) {
                LOG.log(Level.ERROR, "looking at the configuration failed; what is in force stays", e);
                failure = now;
            }
        } catch (RuntimeException | Error again) {
            // Not even the failure's text can be had, or the log does not work: there is nowhere to report that. The
            // failure is not remembered, so the log is tried again with the next one, as GuardedTask does.
        }
    }

    /** The sources answer: their next failure is a new one. */
    void recovered() {
        failure = "";
    }
}
