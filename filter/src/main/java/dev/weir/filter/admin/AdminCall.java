package dev.weir.filter.admin;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/** A request to the admin resource as the API of Java that serves it has it. */
interface AdminCall {

    String method();

    /** A header field; null if there is none. */
    @Nullable String field(String name);

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
