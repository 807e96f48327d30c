package dev.weir.filter.config;

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

class AddedListenersTest {

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

    private final List<String> notes = new ArrayList<>();
    private final AddedListeners listeners = new AddedListeners();

    private LimiterListener noting(String name) {
        return (LimiterListener) Proxy.newProxyInstance(
                LimiterListener.class.getClassLoader(),
                new Class<?>[] {LimiterListener.class},
                (proxy, method, arguments) -> {
                    notes.add(name + " " + method.getName());
                    return null;
                });
    }

    /** Also one of a method that is added to the interface later, which a default would hide. */
    @Test
    void everyEvent_reachesThoseThatAreThere_inTheOrderInWhichTheyCame() throws ReflectiveOperationException {
        listeners.add(noting("first"));
        Runnable end = listeners.add(noting("second"));
        listeners.add(noting("third"));
        end.run();

        for (Method event : LimiterListener.class.getMethods()) {
            notes.clear();
            event.invoke(
                    listeners,
                    Arrays.stream(event.getParameterTypes()).map(ARGUMENTS::get).toArray());

            assertThat(notes).containsExactly("first " + event.getName(), "third " + event.getName());
        }
    }

    @Test
    void sameListenerTwice_isNotifiedTwice_andEndsOneByOne() {
        LimiterListener same = noting("same");
        Runnable end = listeners.add(same);
        listeners.add(same);
        end.run();
        end.run();

        listeners.onStoreAnswer(1);

        assertThat(notes).containsExactly("same onStoreAnswer");
    }
}
