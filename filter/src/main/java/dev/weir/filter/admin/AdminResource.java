package dev.weir.filter.admin;

import static dev.weir.filter.admin.AdminAnswers.answer;

import dev.weir.filter.RateLimits;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Shows policies, pools and instances; {@link AdminClients} and {@link AdminBuckets} show and change what is set at run
 * time. Registered by {@link AdminFeature}.
 */
@Administrators
@Path(AdminResource.PATH)
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public final class AdminResource {

    static final String PATH = "admin";

    private final RateLimits rateLimits;
    private final EffectivePolicies inForce;

    AdminResource(RateLimits rateLimits) {
        this.rateLimits = rateLimits;
        this.inForce = new EffectivePolicies(rateLimits);
    }

    /**
     * The policies in force on this instance, with everything that differs from their own numbers but single clients.
     */
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
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", id);
        fields.put("self", id.equals(rateLimits.weir().instanceId()));
        return fields;
    }
}
