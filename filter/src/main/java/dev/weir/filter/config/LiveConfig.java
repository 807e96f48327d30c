package dev.weir.filter.config;

import dev.weir.Policy;
import dev.weir.Weir;
import dev.weir.WeirBuilder;
import dev.weir.filter.metrics.BothListeners;
import dev.weir.filter.metrics.Metrics;
import dev.weir.store.LimiterListener;
import dev.weir.store.Store;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;

/**
 * A limiter that follows its configuration.
 *
 * <p>One thread looks at the sources, compiles what they say as a whole, and puts it into force as a whole or not at
 * all. Requests see finished {@link Settings} and never a {@link Config}. What is wrong is logged once, not at every
 * look.
 */
public final class LiveConfig implements AutoCloseable {

    private static final Logger LOG = System.getLogger(LiveConfig.class.getName());
    private static final Duration FILE_INTERVAL = Duration.ofSeconds(1);
    private static final long AFTER_FAILURE_MILLIS = 100;
    private static final long END_MILLIS = 1_000;

    private final Stores stores;
    private final Sources sources;
    private final Metrics metrics;
    private final PolicyUses uses;
    private final Weir weir;
    private final Map<String, String> startedWith;
    private final boolean opensStore;
    private final Thread thread;
    private volatile Settings settings;
    private volatile boolean closed;

    // Of the thread alone, once it runs:
    private @Nullable ConfigSnapshot seen; // None while what is in force is not known.
    private boolean mustLook;
    private long seenAtNanos = System.nanoTime();
    private List<String> logged = List.of();
    private String failure = "";
    private Map<String, String> warnedOf;
    private List<String> warnedAgainst;

    /**
     * Starts a limiter and follows {@code config}.
     *
     * @param stores those that configuration can choose
     * @param given the store to share, instead of the one that configuration names
     * @param listener notified of decisions beside the metrics
     * @throws ConfigurationException if anything is wrong
     */
    public LiveConfig(
            Config config,
            Stores stores,
            @Nullable Store given,
            @Nullable LimiterListener listener,
            Metrics metrics,
            PolicyUses uses) {
        this.metrics = metrics;
        this.uses = uses;
        this.stores = stores;
        sources = new Sources(config, KeyCatalog.with(stores.keys()));
        ConfigSnapshot first = sources.look();
        seen = first;
        ConfigProblems problems = new ConfigProblems();
        settings = Settings.compile(first, stores, problems);
        opensStore = given == null;
        checkStore(settings, problems);
        if (!problems.isEmpty()) {
            throw new ConfigurationException(problems.list());
        }
        warn(first.strangers());
        warnedAgainst = warn(settings.warnings(), List.of());
        startedWith = atStart(first);
        warnedOf = startedWith;
        Store store = given != null ? given : opened();
        Runnable end = store::close;
        try {
            metrics.policies(settings.policies().values());
            weir = limiter(store, listener == null ? metrics : new BothListeners(metrics, listener));
            end = weir::close;
            metrics.limiter(weir);
            thread = new Thread(this::follow, "weir-config");
            thread.setDaemon(true);
            thread.start();
        } catch (RuntimeException | Error e) {
            abandon(end, e);
            throw e;
        }
    }

    /** Ends what has been started; a store that was given stays open, for it may be used again. */
    private void abandon(Runnable end, Throwable why) {
        try (metrics) {
            if (opensStore) {
                end.run();
            }
        } catch (RuntimeException | Error e) {
            why.addSuppressed(e);
        }
    }

    /**
     * A configuration that is refused touches nothing: a store is opened only once all of it is right, its own keys
     * too.
     */
    private void checkStore(Settings compiled, ConfigProblems problems) {
        if (opensStore) {
            try {
                stores.check(compiled.store(), compiled.storeSettings());
            } catch (IllegalArgumentException e) {
                problems.add(() -> String.valueOf(e.getMessage()));
            }
        }
    }

    private Store opened() {
        try {
            return stores.open(settings.store(), settings.storeSettings());
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException(List.of(String.valueOf(e.getMessage())));
        }
    }

    private Weir limiter(Store store, LimiterListener listener) {
        WeirBuilder builder = Weir.builder()
                .store(store)
                .storeDeadline(settings.storeDeadline())
                .localClients(settings.localClients())
                .leasing(settings.leasing())
                .policies(settings.policies().values())
                .listener(listener);
        settings.instanceId().ifPresent(builder::instanceId);
        return builder.build();
    }

    private static void warn(Set<String> strangers) {
        for (String stranger : new TreeSet<>(strangers)) {
            LOG.log(
                    Level.WARNING,
                    "the environment''s {0} sets no known key; if it is meant for a policy that nothing else names, name the"
                            + " policy in weir.policies",
                    stranger);
        }
    }

    /** Says what has not been said before. */
    private static List<String> warn(List<String> warnings, List<String> said) {
        warnings.stream()
                .filter(warning -> !said.contains(warning))
                .forEach(warning -> LOG.log(Level.WARNING, "{0}", warning));
        return warnings;
    }

    public Weir weir() {
        return weir;
    }

    public HttpSettings http() {
        return settings.http();
    }

    public Set<String> sources(String owner) {
        return settings.sources().getOrDefault(owner, Set.of());
    }

    private void follow() {
        try (DirectoryWatch watch = new DirectoryWatch(sources.directory())) {
            while (!closed) {
                lookLater(watch);
            }
        } catch (InterruptedException e) {
            LOG.log(Level.DEBUG, "closed");
        }
    }

    private void lookLater(DirectoryWatch watch) throws InterruptedException {
        try {
            watch.pause(untilNextLook());
            lookAgain();
        } catch (RuntimeException | Error e) {
            // A source that is not ours fails: the thread must live to see it mended.
            failed(e);
            Thread.sleep(AFTER_FAILURE_MILLIS); // Nothing else may have paused.
        }
    }

    private void failed(Throwable e) {
        try {
            String now = String.valueOf(e);
            if (!now.equals(failure)) {
                failure = now;
                LOG.log(Level.ERROR, "looking at the configuration failed; what is in force stays", e);
            }
        } catch (RuntimeException | Error ofTheLog) {
            // Not even the log works: there is nowhere to say so.
        }
    }

    private Duration untilNextLook() {
        Duration left = settings.reloadInterval().minusNanos(System.nanoTime() - seenAtNanos);
        Duration wanted = sources.directory().isPresent() && FILE_INTERVAL.compareTo(left) < 0 ? FILE_INTERVAL : left;
        return wanted.isNegative() ? Duration.ZERO : wanted;
    }

    private void lookAgain() throws InterruptedException {
        metrics.refresh();
        mustLook |= sources.refreshFile();
        if (mustLook
                || System.nanoTime() - seenAtNanos >= settings.reloadInterval().toNanos()) {
            seenAtNanos = System.nanoTime();
            if (mustLook || sources.haveChanged()) {
                look();
            }
            failure = "";
        }
    }

    /** Once the sources are read they no longer differ: unless all succeeds, only the flag makes them read again. */
    private void look() {
        mustLook = true;
        ConfigSnapshot now = sources.look();
        reloadIfOther(now);
        mustLook = !now.isWhole();
    }

    private void reloadIfOther(ConfigSnapshot now) {
        if (!now.equals(seen)) {
            seen = null;
            reload(now);
            seen = now;
        }
    }

    private void reload(ConfigSnapshot now) {
        ConfigProblems problems = new ConfigProblems();
        Settings next = Settings.compile(now, stores, problems);
        if (!next.storeSettings().equals(settings.storeSettings())) {
            // What has not changed was right, and what it names may have been there for the start only.
            checkStore(next, problems);
        }
        if (problems.isEmpty()) {
            metrics.policies(next.policies().values());
            uses.reconfigure(weir, next.policies(), problems);
        }
        if (!problems.isEmpty()) {
            metrics.policies(settings.policies().values()); // As before, if what is used was to be taken away.
        }
        metrics.reloaded(problems.isEmpty());
        if (problems.isEmpty()) {
            logged = List.of();
            LOG.log(Level.INFO, "a changed configuration is in force; {0}", changes(settings, next));
            settings = next;
            warnedAgainst = warn(next.warnings(), warnedAgainst);
            warnOfRestart(atStart(now));
        } else if (!problems.list().equals(logged)) {
            logged = problems.list();
            LOG.log(
                    Level.ERROR,
                    "a changed configuration is refused, the one before stays in force: {0}",
                    new ConfigurationException(logged).getMessage());
        }
    }

    private static String changes(Settings before, Settings after) {
        Map<String, Policy> changed = new TreeMap<>(after.policies());
        changed.entrySet().removeAll(before.policies().entrySet());
        Set<String> gone = new TreeSet<>(before.policies().keySet());
        gone.removeAll(after.policies().keySet());
        List<String> described =
                changed.values().stream().map(LiveConfig::described).toList();
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

    /** What is given for the keys that are read at the start only. */
    private Map<String, String> atStart(ConfigSnapshot given) {
        Map<String, String> values = new TreeMap<>(stores.settings(settings.store(), given));
        for (Key<?> key : ConfigKeys.ALL) {
            if (!key.live()) {
                given.value(key.pattern())
                        .ifPresent(value -> values.put(key.pattern().toString(), value.text()));
            }
        }
        return values;
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

    /** Ends the limiter, and follows no longer. */
    @Override
    public void close() {
        closed = true; // A source may swallow the interrupt.
        thread.interrupt();
        try {
            thread.join(END_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        metrics.close();
        weir.close();
    }
}
