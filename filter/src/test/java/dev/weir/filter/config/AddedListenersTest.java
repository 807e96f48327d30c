package dev.weir.filter.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.filter.ListenerEvents;
import dev.weir.filter.ListenerEvents.Event;
import dev.weir.store.LimiterListener;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AddedListenersTest {

    private final List<String> notes = new ArrayList<>();
    private final AddedListeners listeners = new AddedListeners();

    private LimiterListener noting(String name) {
        return ListenerEvents.noting(name, notes);
    }

    @Test
    void everyEvent_reachesThoseThatAreThere_inTheOrderInWhichTheyCame() throws ReflectiveOperationException {
        listeners.add(noting("first"));
        Runnable end = listeners.add(noting("second"));
        listeners.add(noting("third"));
        end.run();

        for (Event event : ListenerEvents.all()) {
            notes.clear();
            event.happen(listeners);

            assertThat(notes).containsExactly(event.note("first"), event.note("third"));
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

        assertThat(notes).containsExactly("same onStoreAnswer[1]");
    }
}
