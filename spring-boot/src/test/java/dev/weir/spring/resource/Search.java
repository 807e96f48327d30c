package dev.weir.spring.resource;

import dev.weir.annotation.RateLimited;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;

/** A resource of JAX-RS. Jersey serves public classes alone. */
@Path("search")
public class Search {

    @GET
    @RateLimited(policy = "search")
    public String search() {
        return "found";
    }
}
