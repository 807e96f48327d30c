package dev.weir.filter.admin;

import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response.Status;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request to the admin resource, from an administrator.
 *
 * @param context the request as JAX-RS has it
 * @param path what the request says for the parameters of its route
 */
record AdminRequest(ContainerRequestContext context, Map<String, String> path) {

    /** A parameter of the route. */
    String parameter(String name) {
        return Objects.requireNonNull(path.get(name), name);
    }

    /** A parameter of the query; null if there is none. */
    @Nullable String query(String name) {
        return context.getUriInfo().getQueryParameters().getFirst(name);
    }

    /**
     * The JSON object of the body.
     *
     * @param known the fields that mean something
     */
    AdminBody body(Set<String> known) {
        MediaType type = context.getMediaType();
        if (type != null && !type.isCompatible(MediaType.APPLICATION_JSON_TYPE)) {
            throw AdminProblem.thrown(Status.UNSUPPORTED_MEDIA_TYPE, "the body must be application/json");
        }
        return AdminBody.of(JsonBody.read(context.getEntityStream()), known);
    }

    /** The absolute URI of a bucket: by its path, if a path can name it. */
    URI bucket(String id) {
        return AdminBody.isSegment(id)
                ? context.getUriInfo()
                        .getBaseUriBuilder()
                        .path("admin/buckets/{id}")
                        .build(id)
                : context.getUriInfo()
                        .getBaseUriBuilder()
                        .path("admin/buckets")
                        .queryParam("id", "{id}")
                        .build(id);
    }
}
