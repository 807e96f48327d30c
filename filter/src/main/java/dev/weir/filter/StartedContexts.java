package dev.weir.filter;

import jakarta.servlet.ServletContext;
import java.lang.ref.WeakReference;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.WeakHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The web applications that were started, by class loader: not every JAX-RS implementation says at its start in which
 * it is. Keeps none of them from being collected.
 */
final class StartedContexts {

    private static final Map<ClassLoader, List<WeakReference<ServletContext>>> STARTED = new WeakHashMap<>();

    private StartedContexts() {}

    static synchronized void add(ServletContext context) {
        remove(context);
        STARTED.computeIfAbsent(context.getClassLoader(), none -> new CopyOnWriteArrayList<>())
                .add(new WeakReference<>(context));
    }

    static synchronized void remove(ServletContext context) {
        STARTED.values().forEach(contexts -> contexts.removeIf(started -> started.refersTo(context)));
    }

    /** The one that the calling thread is in; empty if there is none, or several share a class loader. */
    static synchronized Optional<ServletContext> current() {
        List<ServletContext> contexts =
                STARTED.getOrDefault(Thread.currentThread().getContextClassLoader(), List.of()).stream()
                        .flatMap(started -> Optional.ofNullable(started.get()).stream())
                        .toList();
        return contexts.size() == 1 ? Optional.of(contexts.get(0)) : Optional.empty();
    }
}
