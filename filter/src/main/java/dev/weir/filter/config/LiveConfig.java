package dev.weir.filter.config;

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
import java.util.Set;
import java.util.TreeMap;
import org.eclipse.microprofile.config.Config;
import org.jspecify.annotations.Nullable;

/**
 * A limiter that follows its configuration.
 *
 * <p>One thread looks at the sources, compiles them as a whole, and puts the result into force as a whole or not at
 * all. Requests see finished {@link Settings} and never a {@link Config}. What is wrong is logged once, not at every
 * look ({@link ConfigLog}).
 */
public final class LiveConfig implements AutoCloseable {

    private static final Logger LOG = System.getLogger(LiveConfig.class.getName());
    private static final Duration SHORT_INTERVAL = Duration.ofSeconds(1);
    private static final long AFTER_FAILURE_MILLIS = 100;
    private static final long END_MILLIS = 1_000;

    private final Stores stores;
    private final Sources sources;
    private final Metrics metrics;
    private final AddedListeners listeners = new AddedListeners();
    private final PolicyUses uses;
    private final Weir weir;
    private final ConfigLog log;
    private final boolean opensStore;
    private final Thread thread;
    private volatile Settings settings;
    private volatile boolean closed;

    // Used by the thread alone, once it runs:
    private @Nullable ConfigSnapshot seen; // Null while it is not known which snapshot is in force.
    private @Nullable ConfigSnapshot refused; // Is tried again; null if there is none.
    private boolean mustLook;
    private long seenAtNanos = System.nanoTime();

    /**
     * Starts a limiter and follows {@code config}.
     *
     * @param stores the stores that configuration can choose
     * @param given the store to use, instead of the one that configuration names
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
        sources.accept();
        log = new ConfigLog(atStart(first), first.unknownVariables(), settings.warnings());
        Store store = given != null ? given : opened();
        Runnable end = store::close;
        try {
            metrics.policies(settings.policies().values());
            if (listener != null) {
                listeners.add(listener);
            }
            weir = limiter(store, new BothListeners(metrics, listeners));
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
     * Checks the keys of the store itself. A configuration that is refused changes nothing: a store is opened only when
     * the whole configuration is right.
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
                .minInstances(settings.minInstances())
                .leasing(settings.leasing())
                .policies(settings.policies().values())
                .listener(listener);
        settings.instanceId().ifPresent(builder::instanceId);
        return builder.build();
    }

    /** Notifies one listener more, until what is returned is run. */
    public Runnable listen(LimiterListener listener) {
        return listeners.add(listener);
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
            // A source of the application's fails: this thread must go on, to see when the source works again.
            log.failed(e);
            Thread.sleep(AFTER_FAILURE_MILLIS); // Nothing else may have paused.
        }
    }

    private Duration untilNextLook() {
        Duration left = settings.reloadInterval().minusNanos(System.nanoTime() - seenAtNanos);
        boolean isSoon = sources.directory().isPresent() || sources.haveJustChanged();
        Duration wanted = isSoon && SHORT_INTERVAL.compareTo(left) < 0 ? SHORT_INTERVAL : left;
        return wanted.isNegative() ? Duration.ZERO : wanted;
    }

    private void lookAgain() throws InterruptedException {
        mustLook |= sources.refreshFile() || sources.areDueAgain();
        boolean isDue = mustLook
                || System.nanoTime() - seenAtNanos >= settings.reloadInterval().toNanos();
        if (isDue) {
            seenAtNanos = System.nanoTime();
            if (mustLook || sources.haveChanged()) {
                look();
            } else if (refused != null) {
                reloadIfOther(refused);
            }
        }
        metrics.refresh(); // A registry that fails keeps no limit from changing.
        if (isDue) {
            log.recovered();
        }
    }

    /** Sources that have been read no longer differ: if a later step fails, only the flag lets them be read again. */
    private void look() {
        mustLook = true;
        ConfigSnapshot now = sources.look();
        reloadIfOther(now);
        mustLook = !now.isWhole();
    }

    private void reloadIfOther(ConfigSnapshot now) {
        if (!now.equals(seen)) {
            seen = null;
            boolean isKnownToBeRefused = now.equals(refused);
            refused = null;
            reload(now, isKnownToBeRefused);
            seen = refused == null ? now : null;
        }
    }

    /**
     * Puts a configuration into force, or refuses it. One that is wrong by itself is tried again at each look, without
     * reading it again: what is wrong may be outside, a file that it names and that is not there. It counts as a
     * failure once.
     */
    private void reload(ConfigSnapshot now, boolean isKnownToBeRefused) {
        ConfigProblems problems = new ConfigProblems();
        Settings next = Settings.compile(now, stores, problems);
        if (!next.storeSettings().equals(settings.storeSettings())) {
            // Keys that have not changed were right, and a file that they name may have been there for the start only.
            checkStore(next, problems);
        }
        if (problems.isEmpty()) {
            metrics.policies(next.policies().values());
            uses.reconfigure(weir, next.policies(), problems);
        } else {
            refused = now;
        }
        if (problems.isEmpty()) {
            sources.accept();
        } else {
            sources.refuse();
            metrics.policies(settings.policies().values()); // As before, if policies in use were missing.
        }
        if (problems.isEmpty() || !isKnownToBeRefused) {
            metrics.reloaded(problems.isEmpty());
        }
        if (problems.isEmpty()) {
            weir.minInstances(next.minInstances());
            log.replaced(settings, next);
            settings = next;
            log.warn(next.warnings(), atStart(now));
        } else {
            log.refused(problems.list());
        }
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

    /** Ends the limiter, and stops following its configuration. */
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
