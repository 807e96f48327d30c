package dev.weir.sample.dashboard;

import jakarta.servlet.ServletContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.Map;

/** {@code GET /activity}: what this instance has counted until now. */
@Path("activity")
@Produces(MediaType.APPLICATION_JSON)
public class ActivityResource {

    @GET
    public Map<String, Object> activity(@Context ServletContext context) {
        return SampleDashboard.of(context).shown().snapshot();
    }
}
