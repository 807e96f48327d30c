package dev.weir.dashboard;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What an application shows on its dashboard beside what its limiter reports. Every method adds nothing unless
 * overridden, must be quick and thread-safe, and is called once a second while a page is open.
 */
public interface Extension {

    /**
     * Fields for the snapshot of this instance, beside the dashboard's own. One of the same name replaces it.
     *
     * @return maps, collections, strings, numbers, booleans and null
     */
    default Map<String, Object> fields() {
        return Map.of();
    }

    /** How many requests waited for their turn under a policy, and went on then; null if the application cannot know. */
    default @Nullable Long delayed(String policy) {
        return null;
    }

    /** The snapshots of other instances, each a JSON object as {@link Dashboard#snapshot} is one. */
    default List<String> others() {
        return List.of();
    }
}
