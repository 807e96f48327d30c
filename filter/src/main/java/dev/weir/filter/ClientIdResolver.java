package dev.weir.filter;

import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;

/** Finds out from a request who its client is. Thread-safe. */
@FunctionalInterface
public interface ClientIdResolver {

    /** The client's id, or empty if this resolver cannot tell. */
    Optional<String> resolve(HttpServletRequest request);
}
