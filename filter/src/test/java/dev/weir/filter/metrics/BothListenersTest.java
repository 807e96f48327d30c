package dev.weir.filter.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import dev.weir.store.LeaseUse;
import dev.weir.store.LimiterListener;
import dev.weir.store.StoreException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BothListenersTest {

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

    private static LimiterListener noting(String name, List<String> notes) {
        return (LimiterListener) Proxy.newProxyInstance(
                LimiterListener.class.getClassLoader(),
                new Class<?>[] {LimiterListener.class},
                (proxy, method, arguments) -> {
                    notes.add(name + " " + method.getName() + Arrays.toString(arguments));
                    return null;
                });
    }

    /** Also of a method that is added to the interface later, which a default would hide. */
    @Test
    void everyEvent_reachesBoth_theFirstOneFirst() throws ReflectiveOperationException {
        for (Method event : LimiterListener.class.getMethods()) {
            List<String> notes = new ArrayList<>();
            Object[] arguments =
                    Arrays.stream(event.getParameterTypes()).map(ARGUMENTS::get).toArray();

            event.invoke(new BothListeners(noting("first", notes), noting("second", notes)), arguments);

            String call = event.getName() + Arrays.toString(arguments);
            assertThat(notes).containsExactly("first " + call, "second " + call);
        }
    }
}
