package dev.weir.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PageTest {

    /** A store may go on with the list that it has collected a page in. */
    @Test
    void entries_thatAreAddedLater_areNotOnThePage() {
        List<Map.Entry<String, Overrides>> collected = new ArrayList<>(List.of(Map.entry("alice", Overrides.NONE)));

        Page page = new Page(collected, Optional.of("bob"));
        collected.add(Map.entry("bob", Overrides.NONE));

        assertThat(page.entries()).extracting(Map.Entry::getKey).containsExactly("alice");
    }
}
