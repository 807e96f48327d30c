package dev.weir.filter.admin;

import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request to the admin resource, from an administrator.
 *
 * @param call the request itself
 * @param path what the request says for the parameters of its route
 */
record AdminRequest(AdminCall call, Map<String, String> path) {

    /** A parameter of the route. */
    String parameter(String name) {
        return Objects.requireNonNull(path.get(name), name);
    }

    /** A parameter of the query; null if there is none. */
    @Nullable String query(String name) {
        return call.query(name);
    }

    /**
     * The JSON object of the body.
     *
     * @param known the fields that mean something
     */
    AdminBody body(Set<String> known) {
        if (!call.bringsJson()) {
            throw AdminProblem.thrown(AdminStatus.UNSUPPORTED_MEDIA_TYPE, "the body must be application/json");
        }
        return AdminBody.of(JsonBody.read(call::body), known);
    }
}
