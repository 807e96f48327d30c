package dev.weir;

import dev.weir.ClusterJudge.Key;
import dev.weir.limit.State;
import dev.weir.memory.MemoryStore;
import dev.weir.store.Overrides;
import dev.weir.store.Subject;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;

/** What a store had at one moment, for another that takes over and has not seen what came after. */
final class ClusterSnapshot {

    private final Map<Key, State> states = new HashMap<>();
    private final Map<String, Overrides> overrides = new HashMap<>();

    ClusterSnapshot(MemoryStore memory, Collection<Key> keys) {
        for (Key key : keys) {
            State state = memory.state(key.client(), key.usage());
            if (state != null) {
                states.put(key, state);
            }
            overrides.put(
                    key.client(), memory.overrides(Subject.client(key.client())).join());
        }
    }

    Overrides overrides(String client) {
        return overrides.getOrDefault(client, Overrides.NONE);
    }

    /** Under versions of its own. */
    void restoreTo(MemoryStore memory) {
        states.forEach((key, state) -> memory.put(key.client(), key.usage(), state));
        overrides.forEach((client, set) -> {
            if (!set.isEmpty()) {
                memory.replace(Subject.client(client), Overrides.NO_VERSION, set);
            }
        });
    }
}
