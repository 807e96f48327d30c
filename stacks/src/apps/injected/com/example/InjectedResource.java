package com.example;

import dev.weir.RateLimiter;
import dev.weir.cdi.PolicyName;
import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;

/** A resource that is not limited itself, and asks the limiter of a policy. */
@Path("injected")
@RequestScoped
public class InjectedResource {

    @Inject
    @PolicyName("search")
    RateLimiter search;

    /** Takes a permit of the client; what is left. */
    @GET
    @Produces("text/plain")
    public String left(@HeaderParam("X-Client") String client) {
        return Long.toString(search.tryAcquire(client).remaining());
    }
}
