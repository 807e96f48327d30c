package dev.weir.filter.admin;

import static dev.weir.filter.admin.AdminAnswers.answer;

import dev.weir.LimitAdmin;
import dev.weir.filter.RateLimits;
import dev.weir.limit.Rate;
import dev.weir.store.Overrides;
import dev.weir.store.Page;
import dev.weir.store.Subject;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Shows and changes buckets, for all instances. A bucket is named in the path, or, where its id has characters that no
 * path takes, by {@code ?id=}.
 */
final class AdminBuckets {

    private static final Set<String> BUCKET = Set.of("id", "rate", "burst");

    private final LimitAdmin limits;

    AdminBuckets(RateLimits rateLimits) {
        this.limits = rateLimits.weir().limits();
    }

    List<AdminRoute> routes() {
        return List.of(
                AdminRoute.to("buckets")
                        .on(HttpMethod.GET, this::list)
                        .on(HttpMethod.POST, this::create)
                        .on(HttpMethod.PUT, request -> update(request, inQuery(request)))
                        .on(HttpMethod.DELETE, request -> delete(inQuery(request))),
                AdminRoute.to("buckets/{id}")
                        .on(HttpMethod.GET, request -> find(inPath(request)))
                        .on(HttpMethod.PUT, request -> update(request, inPath(request)))
                        .on(HttpMethod.DELETE, request -> delete(inPath(request))));
    }

    private static String inPath(AdminRequest request) {
        return AdminIds.inPath("id", request.parameter("id"));
    }

    private static String inQuery(AdminRequest request) {
        return AdminIds.inQuery("id", request.query("id"));
    }

    /** All buckets, a page at a time; or the one that {@code id} names. */
    private Response list(AdminRequest request) {
        if (request.query("id") != null) {
            return find(inQuery(request));
        }
        int entries = AdminAnswers.most(request.query("most"));
        return answer(() -> {
            Page page = AdminAnswers.list(limits, Subject.Kind.BUCKET, request.query("from"), entries);
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
    private Response create(AdminRequest request) {
        AdminBody body = request.body(BUCKET);
        String id = body.id("id");
        long rate = body.needed("rate", 1);
        long burst = body.needed("burst", 1);
        return answer(body, () -> {
            limits.createBucket(id, rate, burst);
            return Response.fromResponse(AdminAnswers.ok(bucket(id, rate, burst)))
                    .status(Status.CREATED)
                    .location(request.bucket(id))
                    .build();
        });
    }

    /** A bucket's numbers. */
    private Response find(String id) {
        return answer(() -> limits.findBucket(id)
                .map(rate -> AdminAnswers.ok(bucket(id, rate.permits(), rate.burst())))
                .orElseGet(() -> AdminProblem.of(Status.NOT_FOUND, "there is no bucket '%s'".formatted(id))));
    }

    /** Gives a bucket another {@code rate} and {@code burst}. */
    private Response update(AdminRequest request, String id) {
        AdminBody body = request.body(BUCKET);
        if (body.text("id").filter(other -> !other.equals(id)).isPresent()) {
            throw AdminBody.wrong("id", "cannot be changed");
        }
        long rate = body.needed("rate", 1);
        long burst = body.needed("burst", 1);
        return answer(body, () -> {
            limits.updateBucket(id, rate, burst);
            return AdminAnswers.ok(bucket(id, rate, burst));
        });
    }

    /** Takes a bucket away. */
    private Response delete(String id) {
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
}
