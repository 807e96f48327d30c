package dev.weir.filter.admin;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A request to the admin resource as the API of Java that serves it has it. */
interface AdminCall {

    String method();

    /** A header field; null if there is none. */
    @Nullable String field(String name);

    /** The values of all lines of a header field, in their order. */
    List<String> fields(String name);

    /** The address of the socket's peer; empty if it is not known. */
    Optional<String> peer();

    /** A parameter of the query; null if there is none. */
    @Nullable String query(String name);

    /** Whether the container, or the application, knows the user, and that the user has a role. */
    boolean hasRole(String role);

    /** Whether the body may be JSON. */
    boolean bringsJson();

    /** Whether the answer may be JSON. */
    boolean takesJson();

    InputStream body() throws IOException;
}
