package dev.weir.spring.resource;

import dev.weir.annotation.RateLimited;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import org.springframework.stereotype.Component;

/** A resource of JAX-RS that is a bean. Jersey serves public classes alone. */
@Component
@Path("search")
public class Search {

    @GET
    @RateLimited(policy = "search")
    public String search() {
        return "found";
    }
}
