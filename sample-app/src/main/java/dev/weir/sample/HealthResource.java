package dev.weir.sample;

import dev.weir.filter.RateLimits;
import jakarta.servlet.ServletContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;

/** Whether this instance serves requests, which it does with or without its store. */
@Path("health")
@Produces(MediaType.APPLICATION_JSON)
public class HealthResource {

    /** This instance's state, and its store's. */
    public record Health(String status, String store) {}

    @GET
    public Health health(@Context ServletContext context) {
        return new Health("UP", RateLimits.of(context).weir().storeUp() ? "UP" : "DOWN");
    }
}
