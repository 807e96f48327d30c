package dev.weir;

import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import org.jspecify.annotations.Nullable;

/**
 * An answer, and what to give back where if it was permitted and another subject refuses.
 *
 * @param charged what was charged, or would have been; null if the answer was made without charging anything
 * @param byStore whether by the store; if not, by this instance's share
 * @param isOwed whether the store is to be charged for it later
 */
record Outcome(StoreReply answer, @Nullable StoreRequest charged, boolean byStore, boolean isOwed) {

    static Outcome ofStore(StoreReply answer, StoreRequest charged) {
        return new Outcome(answer, charged, true, false);
    }

    static Outcome ofShare(StoreReply answer, @Nullable StoreRequest charged, boolean isOwed) {
        return new Outcome(answer, charged, false, isOwed);
    }
}
