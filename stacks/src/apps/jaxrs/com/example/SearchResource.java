package com.example;

import dev.weir.annotation.RateLimited;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.container.AsyncResponse;
import jakarta.ws.rs.container.Suspended;

/** A resource whose methods are limited, but for one. */
@Path("/")
@Produces("text/plain")
public class SearchResource {

    @GET
    @Path("search")
    @RateLimited(policy = "search")
    public String search() {
        return "found";
    }

    @GET
    @Path("search/async")
    @RateLimited(policy = "search")
    public void searchLater(@Suspended AsyncResponse response) {
        new Thread(() -> response.resume("found")).start();
    }

    @GET
    @Path("search/error")
    @RateLimited(policy = "search")
    public String searchInVain() {
        throw new IllegalStateException("there is nothing to be found, as the test wants it");
    }

    @GET
    @Path("open")
    public String open() {
        return "found";
    }
}
