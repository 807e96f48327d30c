package dev.weir.filter;

import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import dev.weir.store.LeaseUse;
import dev.weir.store.LimiterListener;
import dev.weir.store.StoreException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** All events of a {@link LimiterListener}, also one of a method that is added later, which a default would hide. */
public final class ListenerEvents {

    private static final Map<Class<?>, Object> ARGUMENTS = Map.of(
            String.class,
            "search",
            long.class,
            7L,
            boolean.class,
            true,
            LeaseUse.class,
            LeaseUse.ofCall(),
            StoreException.Kind.class,
            StoreException.Kind.TIMEOUT,
            Decision.class,
            new Decision.Permitted("search", Limit.tokenBucket(1, Duration.ofSeconds(1)), 0, 0, Reason.OK));

    private ListenerEvents() {}

    /** One method of the listener, and what it is called with. */
    public record Event(Method method, Object[] arguments) {

        public void happen(LimiterListener listener) throws ReflectiveOperationException {
            method.invoke(listener, arguments);
        }

        /** What a {@link #noting} listener of a name writes of it. */
        public String note(String name) {
            return name + " " + method.getName() + Arrays.toString(arguments);
        }
    }

    public static List<Event> all() {
        return Stream.of(LimiterListener.class.getMethods())
                .map(method -> new Event(
                        method,
                        Arrays.stream(method.getParameterTypes())
                                .map(ARGUMENTS::get)
                                .toArray()))
                .toList();
    }

    /** A listener that writes down what happens. */
    public static LimiterListener noting(String name, List<String> notes) {
        return (LimiterListener) Proxy.newProxyInstance(
                LimiterListener.class.getClassLoader(),
                new Class<?>[] {LimiterListener.class},
                (proxy, method, arguments) -> {
                    notes.add(new Event(method, arguments).note(name));
                    return null;
                });
    }
}
