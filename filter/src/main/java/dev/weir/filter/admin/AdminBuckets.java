package dev.weir.filter.admin;

import static dev.weir.filter.admin.AdminAnswers.answer;

import dev.weir.LimitAdmin;
import dev.weir.filter.RateLimits;
import dev.weir.limit.Rate;
import dev.weir.store.Overrides;
import dev.weir.store.Page;
import dev.weir.store.Subject;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
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
                        .on("GET", this::list)
                        .on("POST", this::create)
                        .on("PUT", request -> update(request, inQuery(request)))
                        .on("DELETE", request -> delete(inQuery(request))),
                AdminRoute.to("buckets/{id}")
                        .on("GET", request -> find(inPath(request)))
                        .on("PUT", request -> update(request, inPath(request)))
                        .on("DELETE", request -> delete(inPath(request))));
    }

    private static String inPath(AdminRequest request) {
        return AdminIds.inPath("id", request.parameter("id"));
    }

    private static String inQuery(AdminRequest request) {
        return AdminIds.inQuery("id", request.query("id"));
    }

    /** All buckets, a page at a time; or the one that {@code id} names. */
    private AdminAnswer list(AdminRequest request) {
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
    private AdminAnswer create(AdminRequest request) {
        AdminBody body = request.body(BUCKET);
        String id = body.id("id");
        long rate = body.needed("rate", 1);
        long burst = body.needed("burst", 1);
        return answer(body, () -> {
            limits.createBucket(id, rate, burst);
            return AdminAnswer.created(bucket(id, rate, burst), location(id));
        });
    }

    /** Where a bucket is, below the resource: by its path, if a path can name it. */
    private static String location(String id) {
        String encoded = URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");
        return AdminBody.isSegment(id) ? "buckets/" + encoded : "buckets?id=" + encoded;
    }

    /** A bucket's numbers. */
    private AdminAnswer find(String id) {
        return answer(() -> limits.findBucket(id)
                .map(rate -> AdminAnswer.ok(bucket(id, rate.permits(), rate.burst())))
                .orElseGet(() -> AdminProblem.of(AdminStatus.NOT_FOUND, "there is no bucket '%s'".formatted(id))));
    }

    /** Gives a bucket another {@code rate} and {@code burst}. */
    private AdminAnswer update(AdminRequest request, String id) {
        AdminBody body = request.body(BUCKET);
        if (body.text("id").filter(other -> !other.equals(id)).isPresent()) {
            throw AdminBody.wrong("id", "cannot be changed");
        }
        long rate = body.needed("rate", 1);
        long burst = body.needed("burst", 1);
        return answer(body, () -> {
            limits.updateBucket(id, rate, burst);
            return AdminAnswer.ok(bucket(id, rate, burst));
        });
    }

    /** Takes a bucket away. */
    private AdminAnswer delete(String id) {
        return answer(() -> {
            limits.deleteBucket(id);
            return AdminAnswer.NO_CONTENT;
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
