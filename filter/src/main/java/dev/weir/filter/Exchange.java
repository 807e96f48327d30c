package dev.weir.filter;

import dev.weir.filter.client.ClientRequest;
import org.jspecify.annotations.Nullable;

/**
 * A request and its response as gates see them, of servlets or of JAX-RS. Used by one thread at a time.
 */
interface Exchange extends ClientRequest {

    /** Whether an error is being answered: nothing more is asked for then. */
    boolean isAnswer();

    /** What is kept with the request, however often it is dispatched; null if nothing is. */
    @Nullable Object attribute(String name);

    void setAttribute(String name, Object value);

    void removeAttribute(String name);

    /** Sets a header field of the response. */
    void setField(String name, String value);
}
