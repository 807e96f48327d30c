package dev.weir.filter.client;

import java.util.List;
import java.util.Optional;

/**
 * What a request says of where it comes from, whichever API it has come through: the Servlet API, or JAX-RS without a
 * servlet container. Used by one thread at a time, and only as long as the request lasts.
 *
 * <pre>{@code
 * String tenant = request.headers("X-Tenant").stream().findFirst().orElse("");
 * String host = request.unwrap(HttpServletRequest.class).map(HttpServletRequest::getServerName).orElse("");
 * }</pre>
 */
public interface ClientRequest {

    /** The values of all lines of a header, in their order; the name's case does not matter. */
    List<String> headers(String name);

    /** The values of all cookies of a name, in their order. */
    List<String> cookies(String name);

    /** The name of the user that was authenticated; empty if none was. */
    Optional<String> principal();

    /**
     * The address of the socket's peer, as text; empty if the runtime does not say it. JAX-RS says it in a servlet
     * container only.
     */
    Optional<String> address();

    /**
     * The request in the API that it has come through: as a {@code jakarta.servlet.http.HttpServletRequest} if there is
     * one, as a {@code jakarta.ws.rs.container.ContainerRequestContext} in front of a resource.
     *
     * @return empty if the request is not there in this type
     */
    <T> Optional<T> unwrap(Class<T> type);
}
