package dev.weir.sample;

import dev.weir.annotation.RateLimited;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;

/**
 * What an application has: reading is cheap, writing costs five times as much, and reports have a policy of their own.
 */
@Path("api/orders")
@Produces(MediaType.APPLICATION_JSON)
@RateLimited(policy = "orders")
public class OrdersResource {

    /** An order. */
    public record Order(int id, String item) {}

    /** A report. */
    public record Report(int orders, String text) {}

    private static final List<Order> ORDERS = List.of(new Order(1, "tea"), new Order(2, "coffee"));

    @GET
    public List<Order> list() {
        return ORDERS;
    }

    /** Takes a permit of the client, and one of the bucket that all requests of its tenant share; or neither. */
    @GET
    @Path("tenant")
    @RateLimited(policy = "orders", bucket = "header:X-Tenant")
    public List<Order> listOfTenant() {
        return ORDERS;
    }

    @POST
    @RateLimited(policy = "orders", cost = 5)
    public Response create() {
        return Response.status(Response.Status.CREATED)
                .entity(new Order(3, "cocoa"))
                .build();
    }

    /** Takes a permit under both policies, or under neither. */
    @GET
    @Path("latest")
    @RateLimited(policy = "orders")
    @RateLimited(policy = "plain")
    public Order latest() {
        return ORDERS.get(ORDERS.size() - 1);
    }

    /** Above its limit a report is not rejected, but waits for its turn: {@code weir.policy.report.at-limit=delay}. */
    @GET
    @Path("report")
    @RateLimited(policy = "report")
    public Report report() {
        return new Report(ORDERS.size(), "All orders are hot drinks.");
    }
}
