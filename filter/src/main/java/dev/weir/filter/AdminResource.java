package dev.weir.filter;

import dev.weir.BucketExistsException;
import dev.weir.Limit;
import dev.weir.Limits;
import dev.weir.Overrides;
import dev.weir.Policy;
import dev.weir.Pool;
import dev.weir.Rate;
import dev.weir.Split;
import dev.weir.StoreException;
import dev.weir.Terms;
import dev.weir.UnknownBucketException;
import dev.weir.UnknownPolicyException;
import dev.weir.Weir;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.Response.Status;
import jakarta.ws.rs.core.UriBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Shows and changes limits at run time, for all instances. Registered by {@link AdminFeature}. */
@Administrators
@Path(AdminResource.PATH)
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public final class AdminResource {

    static final String PATH = "admin";

    private static final Set<String> BUCKET = Set.of("id", "rate", "burst");
    private static final Set<String> CLIENT = Set.of("weight", "limit", "periodMillis", "split", "total", "plan");

    private final RateLimits rateLimits;
    private final Limits limits;
    private final InForce inForce;

    AdminResource(RateLimits rateLimits) {
        this.rateLimits = rateLimits;
        this.limits = rateLimits.weir().limits();
        this.inForce = new InForce(rateLimits);
    }

    /** Creates a bucket of {@code id}, {@code rate} per second and {@code burst}: 201, or 409 if there is one. */
    @POST
    @Path("buckets")
    public Response createBucket(@Nullable Map<String, Object> json) {
        AdminBody body = AdminBody.of(json, BUCKET);
        String id = body.segment("id");
        long rate = body.needed("rate", 1);
        long burst = body.needed("burst", 1);
        return answer(body, () -> {
            limits.createBucket(id, rate, burst);
            return Response.created(UriBuilder.fromPath("admin/buckets/{id}").build(id))
                    .entity(bucket(id, rate, burst))
                    .build();
        });
    }

    /** A bucket's numbers. */
    @GET
    @Path("buckets/{id}")
    public Response bucket(@PathParam("id") String id) {
        requireId("id", id);
        return answer(() -> limits.findBucket(id)
                .map(rate ->
                        Response.ok(bucket(id, rate.permits(), rate.burst())).build())
                .orElseGet(() -> AdminProblem.of(Status.NOT_FOUND, "there is no bucket '%s'".formatted(id))));
    }

    /** Gives a bucket another {@code rate} and {@code burst}. */
    @PUT
    @Path("buckets/{id}")
    public Response updateBucket(@PathParam("id") String id, @Nullable Map<String, Object> json) {
        AdminBody body = AdminBody.of(json, BUCKET);
        if (body.text("id").filter(other -> !other.equals(id)).isPresent()) {
            throw AdminBody.wrong("id", "cannot be changed");
        }
        long rate = body.needed("rate", 1);
        long burst = body.needed("burst", 1);
        requireId("id", id);
        return answer(body, () -> {
            limits.updateBucket(id, rate, burst);
            return Response.ok(bucket(id, rate, burst)).build();
        });
    }

    /** Takes a bucket away. */
    @DELETE
    @Path("buckets/{id}")
    public Response deleteBucket(@PathParam("id") String id) {
        requireId("id", id);
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

    /**
     * What was set for a client under a policy. {@code leftOut} says what of it does not hold now, and why; a policy that is
     * gone is told as long as something is set under it.
     */
    @GET
    @Path("policies/{policy}/clients/{client}")
    public Response client(@PathParam("policy") String policy, @PathParam("client") String client) {
        requireId("client", client);
        return answer(() -> {
            Overrides overrides = limits.find(client);
            requireKnown(policy, overrides);
            return Response.ok(client(policy, client, overrides)).build();
        });
    }

    /**
     * Sets what the body names: {@code weight}, {@code limit} with {@code periodMillis}, {@code split} with {@code total},
     * {@code plan}; a null takes it away, limit and period together. The rest stays.
     */
    @PUT
    @Path("policies/{policy}/clients/{client}")
    public Response setClient(
            @PathParam("policy") String policy,
            @PathParam("client") String client,
            @Nullable Map<String, Object> json) {
        AdminBody body = AdminBody.of(json, CLIENT);
        requireId("client", client);
        Optional<Long> weight = body.whole("weight", 0, largestWeight(policy));
        Optional<Long> permits = permits(body);
        Optional<Duration> period = body.whole("periodMillis", 1).map(AdminResource::period);
        Optional<Split> split = body.split("split");
        Optional<String> plan = body.text("plan");
        return answer(body, () -> {
            Limit ofPolicy = rateLimits.weir().policy(policy).limit();
            limits.change(client, before -> {
                Terms terms = before.of(policy);
                Terms next = new Terms(
                        rate(body, terms.rate(), permits, period, ofPolicy),
                        body.has("weight") ? weight.orElse(null) : terms.weight(),
                        body.has("split") ? split.orElse(null) : terms.split());
                Overrides after = before.with(policy, next);
                return body.has("plan") ? after.withPlan(plan.orElse(null)) : after;
            });
            return Response.ok(client(policy, client, limits.find(client))).build();
        });
    }

    private long largestWeight(String policy) {
        Policy known = rateLimits.weir().policies().get(policy);
        return known == null || known.pool() == null ? Limit.EXACT : Pool.MAX_WEIGHT;
    }

    private static Optional<Long> permits(AdminBody body) {
        Optional<Long> limit = body.whole("limit", 1);
        Optional<Long> total = body.whole("total", 1);
        if (limit.isPresent() && total.isPresent() && !limit.equals(total)) {
            throw AdminBody.wrong("total", "is the limit of a split client; it must not differ from 'limit'");
        }
        return limit.isPresent() ? limit : total;
    }

    private static Duration period(long millis) {
        if (millis > Limit.MAX_PERIOD.toMillis()) {
            throw AdminBody.wrong("periodMillis", "must be at most %d".formatted(Limit.MAX_PERIOD.toMillis()));
        }
        return Duration.ofMillis(millis);
    }

    /**
     * Limit and period are one setting: a null for one takes both away, unless the other comes with a number. As in
     * configuration, what is then left out is the policy's, but a limit is its own burst.
     */
    private static @Nullable Rate rate(
            AdminBody body, @Nullable Rate before, Optional<Long> permits, Optional<Duration> period, Limit ofPolicy) {
        boolean namesLimit = body.has("limit") || body.has("total");
        boolean namesPeriod = body.has("periodMillis");
        if (!namesLimit && !namesPeriod) {
            return before;
        }
        if (permits.isEmpty() && period.isEmpty()) {
            return null;
        }
        Rate policys = new Rate(ofPolicy.permits(), ofPolicy.period(), ofPolicy.capacity());
        Rate staying = before == null ? policys : before;
        Rate limit = permits.map(number -> Rate.of(number, ofPolicy.period())).orElse(namesLimit ? policys : staying);
        return new Rate(
                limit.permits(), period.orElse(namesPeriod ? policys.period() : staying.period()), limit.burst());
    }

    /** Takes everything away that was set for a client under a policy, and its plan. */
    @DELETE
    @Path("policies/{policy}/clients/{client}")
    public Response resetClient(@PathParam("policy") String policy, @PathParam("client") String client) {
        requireId("client", client);
        return answer(() -> {
            limits.change(client, before -> {
                requireKnown(policy, before);
                return before.with(policy, Terms.NONE).withPlan(null);
            });
            return Response.noContent().build();
        });
    }

    /** A policy that is gone is known as long as something is set under it, so that it can be taken away. */
    private void requireKnown(String policy, Overrides overrides) {
        if (overrides.of(policy).equals(Terms.NONE)) {
            rateLimits.weir().policy(policy);
        }
    }

    private @Nullable String leftOut(String policy, String client, Overrides overrides) {
        Policy known = rateLimits.weir().policies().get(policy);
        return known == null
                ? "there is no policy '%s' any more".formatted(policy)
                : known.leftOut(client, overrides).orElse(null);
    }

    private Map<String, Object> client(String policy, String client, Overrides overrides) {
        Terms terms = overrides.of(policy);
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("policy", policy);
        told.put("client", client);
        told.put("weight", terms.weight());
        told.put("limit", terms.rate() == null ? null : terms.rate().permits());
        told.put(
                "periodMillis",
                terms.rate() == null ? null : terms.rate().period().toMillis());
        told.put("split", terms.split() == null ? null : terms.split().percents());
        told.put(
                "total",
                terms.split() == null || terms.rate() == null
                        ? null
                        : terms.rate().permits());
        told.put("plan", overrides.plan());
        told.put("leftOut", leftOut(policy, client, overrides));
        told.put("version", overrides.version());
        return told;
    }

    /** The policies in force on this instance, with everything that differs from their own numbers but single clients. */
    @GET
    @Path("policies")
    public List<Map<String, Object>> policies() {
        return inForce.policies();
    }

    /** The pools that policies share on this instance. What is in use of them, only the store knows. */
    @GET
    @Path("pools")
    public List<Map<String, Object>> pools() {
        return inForce.pools();
    }

    /** The instances that share the store. */
    @GET
    @Path("instances")
    public Response instances() {
        return answer(() -> Response.ok(rateLimits.weir().instanceIds().stream()
                        .sorted()
                        .map(this::instance)
                        .toList())
                .build());
    }

    private Map<String, Object> instance(String id) {
        Map<String, Object> told = new LinkedHashMap<>();
        told.put("id", id);
        told.put("self", id.equals(rateLimits.weir().instanceId()));
        return told;
    }

    /** An id that a path names. */
    private static void requireId(String parameter, String id) {
        int bytes = id.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > Weir.MAX_CLIENT_ID_BYTES) {
            throw AdminProblem.thrown(
                    Status.BAD_REQUEST,
                    "'%s' in the path must have at most %d bytes in UTF-8, but has %d"
                            .formatted(parameter, Weir.MAX_CLIENT_ID_BYTES, bytes));
        }
    }

    private static Response answer(Supplier<Response> work) {
        return answer(new AdminBody(Map.of()), work);
    }

    /** @param body what the request says, of which each field by itself may be as it is */
    private static Response answer(AdminBody body, Supplier<Response> work) {
        try {
            return work.get();
        } catch (UnknownBucketException | UnknownPolicyException e) {
            return AdminProblem.of(Status.NOT_FOUND, String.valueOf(e.getMessage()));
        } catch (BucketExistsException e) {
            return AdminProblem.of(Status.CONFLICT, String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException e) {
            return AdminProblem.of(Status.BAD_REQUEST, body.refused(e));
        } catch (StoreException e) {
            return AdminProblem.of(Status.SERVICE_UNAVAILABLE, "the store does not answer: " + e.getMessage());
        }
    }
}
