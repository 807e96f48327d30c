package dev.weir.sample;

import dev.weir.dashboard.PageFiles;
import dev.weir.sample.dashboard.SampleDashboard;
import dev.weir.sample.demo.Demo;
import jakarta.servlet.ServletContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.util.Map;

/** The first page: Weir's dashboard, whose scripts and styles the container serves; and what is configured. */
@Path("/")
public class PageResource {

    private static final String SCRIPT = "dashboard/sample/sample.js";

    @GET
    @Produces(MediaType.TEXT_HTML + ";charset=UTF-8")
    public Response page(@Context ServletContext context) throws IOException {
        Response.ResponseBuilder response = Response.ok(PageParts.page(isDemo(context)));
        PageFiles.FIELDS.forEach(response::header);
        return response.build();
    }

    /** What is in force on this instance; and for the page, what it can do here, and which script does more. */
    @GET
    @Path("overview")
    @Produces(MediaType.APPLICATION_JSON)
    public Map<String, Object> overview(@Context ServletContext context) {
        Map<String, Object> overview = SampleDashboard.of(context).shown().overview();
        overview.put("admin", isDemo(context) ? "change" : "none");
        overview.put("demo", isDemo(context));
        overview.put("extension", SCRIPT);
        return overview;
    }

    private static boolean isDemo(ServletContext context) {
        return context.getAttribute(Demo.ATTRIBUTE) != null;
    }
}
