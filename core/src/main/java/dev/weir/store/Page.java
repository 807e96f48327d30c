package dev.weir.store;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A part of a long list.
 *
 * @param entries ids, and what is set for each; may be empty though more follow, and an entry that changes while the
 *     list is read may be missing or come twice
 * @param next where the next page begins, or empty if this is the last
 */
public record Page(List<Map.Entry<String, Overrides>> entries, Optional<String> next) {

    public Page {
        entries = List.copyOf(entries);
    }
}
