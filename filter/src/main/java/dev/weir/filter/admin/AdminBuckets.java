package dev.weir.filter.admin;

import static dev.weir.filter.admin.AdminAnswers.answer;

import dev.weir.LimitAdmin;
import dev.weir.filter.RateLimits;
import dev.weir.limit.Rate;
import dev.weir.store.Overrides;
import dev.weir.store.Page;
import dev.weir.store.Subject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import jakarta.ws.rs.core.UriBuilder;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Shows and changes buckets, for all instances. A bucket is named in the path, or, where its id has characters that no
 * path takes, by {@code ?id=}. Registered by {@link AdminFeature}.
 */
@Administrators
@Path(AdminResource.PATH + "/buckets")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public final class AdminBuckets {

    private static final Set<String> BUCKET = Set.of("id", "rate", "burst");

    private final LimitAdmin limits;

    AdminBuckets(RateLimits rateLimits) {
        this.limits = rateLimits.weir().limits();
    }

    /** All buckets, a page at a time; or the one that {@code id} names. */
    @GET
    public Response list(
            @QueryParam("id") @Nullable String id,
            @QueryParam("from") @Nullable String from,
            @QueryParam("most") @Nullable String most) {
        if (id != null) {
            return found(AdminIds.inQuery("id", id));
        }
        int entries = AdminAnswers.most(most);
        return answer(() -> {
            Page page = AdminAnswers.list(limits, Subject.Kind.BUCKET, from, entries);
            List<Map<String, Object>> buckets = new ArrayList<>();
            page.entries().forEach(entry -> {
                Rate rate = entry.getValue().of(Overrides.BUCKET).rate();
                if (rate != null) {
                    buckets.add(bucket(entry.getKey(), rate.permits(), rate.burst()));
                }
            });
            return AdminAnswers.page("buckets", buckets, page);
        });
    }

    /** Creates a bucket of {@code id}, {@code rate} per second and {@code burst}: 201, or 409 if there is one. */
    @POST
    public Response createBucket(@Nullable Map<String, Object> json) {
        AdminBody body = AdminBody.of(json, BUCKET);
        String id = body.id("id");
        long rate = body.needed("rate", 1);
        long burst = body.needed("burst", 1);
        return answer(body, () -> {
            limits.createBucket(id, rate, burst);
            return Response.created(uri(id)).entity(bucket(id, rate, burst)).build();
        });
    }

    /** A bucket's numbers. */
    @GET
    @Path("{id}")
    public Response bucket(@PathParam("id") String id) {
        return found(AdminIds.inPath("id", id));
    }

    private Response found(String id) {
        return answer(() -> limits.findBucket(id)
                .map(rate ->
                        Response.ok(bucket(id, rate.permits(), rate.burst())).build())
                .orElseGet(() -> AdminProblem.of(Status.NOT_FOUND, "there is no bucket '%s'".formatted(id))));
    }

    /** Gives a bucket another {@code rate} and {@code burst}. */
    @PUT
    @Path("{id}")
    public Response updateBucket(@PathParam("id") String id, @Nullable Map<String, Object> json) {
        return updated(AdminIds.inPath("id", id), json);
    }

    /** As {@link #updateBucket}, of the bucket that the query names. */
    @PUT
    public Response updateNamed(@QueryParam("id") @Nullable String id, @Nullable Map<String, Object> json) {
        return updated(AdminIds.inQuery("id", id), json);
    }

    private Response updated(String id, @Nullable Map<String, Object> json) {
        AdminBody body = AdminBody.of(json, BUCKET);
        if (body.text("id").filter(other -> !other.equals(id)).isPresent()) {
            throw AdminBody.wrong("id", "cannot be changed");
        }
        long rate = body.needed("rate", 1);
        long burst = body.needed("burst", 1);
        return answer(body, () -> {
            limits.updateBucket(id, rate, burst);
            return Response.ok(bucket(id, rate, burst)).build();
        });
    }

    /** Takes a bucket away. */
    @DELETE
    @Path("{id}")
    public Response deleteBucket(@PathParam("id") String id) {
        return deleted(AdminIds.inPath("id", id));
    }

    /** As {@link #deleteBucket}, of the bucket that the query names. */
    @DELETE
    public Response deleteNamed(@QueryParam("id") @Nullable String id) {
        return deleted(AdminIds.inQuery("id", id));
    }

    private Response deleted(String id) {
        return answer(() -> {
            limits.deleteBucket(id);
            return Response.noContent().build();
        });
    }

    private static Map<String, Object> bucket(String id, long rate, long burst) {
        Map<String, Object> bucket = new LinkedHashMap<>();
        bucket.put("id", id);
        bucket.put("rate", rate);
        bucket.put("burst", burst);
        return bucket;
    }

    /** By its path, if a path can name it. */
    private static URI uri(String id) {
        return AdminBody.isSegment(id)
                ? UriBuilder.fromPath("admin/buckets/{id}").build(id)
                : UriBuilder.fromPath("admin/buckets").queryParam("id", "{id}").build(id);
    }
}
