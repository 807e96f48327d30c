package dev.weir.sample;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.weir.Weir;
import dev.weir.filter.RateLimits;
import jakarta.servlet.ServletContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import org.jspecify.annotations.Nullable;

/** Whether this instance serves requests, which it does with or without its store. */
@Path("health")
@Produces(MediaType.APPLICATION_JSON)
public class HealthResource {

    /**
     * This instance's state, and its store's.
     *
     * @param degraded why the store may lose what clients have used although it answers; null, and not shown, if it is
     *     not known to
     */
    public record Health(
            String status,
            String store,

            @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String degraded) {}

    @GET
    public Health health(@Context ServletContext context) {
        Weir weir = RateLimits.of(context).weir();
        return new Health(
                "UP", weir.storeUp() ? "UP" : "DOWN", weir.storeDegraded().orElse(null));
    }
}
