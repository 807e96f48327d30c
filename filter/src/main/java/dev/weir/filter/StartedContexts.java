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

    /** Marks a web application that is known: containers show one and the same by several objects. */
    private static final String KNOWN = "dev.weir.filter.started";

    private static final Map<ClassLoader, List<Started>> STARTED = new WeakHashMap<>();

    /** @param mark what the application has as its attribute {@link #KNOWN} */
    private record Started(Object mark, WeakReference<ServletContext> context) {}

    private StartedContexts() {}

    static synchronized void add(ServletContext context) {
        if (context.getAttribute(KNOWN) == null) {
            Object mark = new Object();
            context.setAttribute(KNOWN, mark);
            STARTED.computeIfAbsent(context.getClassLoader(), none -> new CopyOnWriteArrayList<>())
                    .add(new Started(mark, new WeakReference<>(context)));
        }
    }

    static synchronized void remove(ServletContext context) {
        Object mark = context.getAttribute(KNOWN);
        context.removeAttribute(KNOWN);
        STARTED.values().forEach(contexts -> contexts.removeIf(started -> started.mark == mark));
    }

    /** The one that the calling thread is in; empty if there is none, or several share a class loader. */
    static synchronized Optional<ServletContext> current() {
        List<ServletContext> contexts =
                STARTED.getOrDefault(Thread.currentThread().getContextClassLoader(), List.of()).stream()
                        .flatMap(started -> Optional.ofNullable(started.context.get()).stream())
                        .toList();
        return contexts.size() == 1 ? Optional.of(contexts.get(0)) : Optional.empty();
    }
}
