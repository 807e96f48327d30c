package dev.weir.filter.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.filter.ListenerEvents;
import dev.weir.filter.ListenerEvents.Event;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BothListenersTest {

    @Test
    void everyEvent_reachesBoth_theFirstOneFirst() throws ReflectiveOperationException {
        for (Event event : ListenerEvents.all()) {
            List<String> notes = new ArrayList<>();

            event.happen(
                    new BothListeners(ListenerEvents.noting("first", notes), ListenerEvents.noting("second", notes)));

            assertThat(notes).containsExactly(event.note("first"), event.note("second"));
        }
    }
}
