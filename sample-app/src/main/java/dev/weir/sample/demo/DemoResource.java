package dev.weir.sample.demo;

import jakarta.servlet.ServletContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The demo's controls; 404 without {@code --demo}. The page learns the token here, and no page of another site can: the
 * answer is for its own origin, and is given only under a name of this machine, which no other site can take as its
 * own. Changes need the token.
 */
@Path("demo")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class DemoResource {

    private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "[::1]");

    /**
     * How the demo is.
     *
     * @param token for {@code /admin} and {@code /demo}
     * @param redisRuns null if Redis is not the demo's own
     */
    public record State(
            String token, String store, @Nullable Boolean redisRuns, List<Source> traffic) {}

    /** A made-up client, and whether it sends requests. */
    public record Source(String client, String manner, String policy, int perSecond, boolean on, long sent) {}

    /** Whether something is to run. */
    public record Switch(@Nullable Boolean on) {

        boolean isOn() {
            if (on == null) {
                throw refused(Response.Status.BAD_REQUEST, "'on' must be true or false");
            }
            return on;
        }
    }

    @Context
    private @Nullable ServletContext context;

    @HeaderParam(HttpHeaders.HOST)
    private @Nullable String host;

    @HeaderParam(HttpHeaders.AUTHORIZATION)
    private @Nullable String authorization;

    @GET
    public Response state() {
        return Response.ok(state(demo())).header("Cache-Control", "no-store").build();
    }

    /** Starts or stops the requests of a client. */
    @PUT
    @Path("traffic/{client}")
    public State turnTraffic(@PathParam("client") String client, Switch on) {
        Demo demo = authorized();
        demo.flow(client)
                .orElseThrow(() -> refused(Response.Status.NOT_FOUND, "there is no such traffic"))
                .turn(on.isOn());
        return state(demo);
    }

    /** Starts Redis, or kills it. */
    @PUT
    @Path("redis")
    public State turnRedis(Switch on) throws IOException {
        Demo demo = authorized();
        try {
            demo.turnRedis(on.isOn());
        } catch (IllegalStateException e) {
            throw refused(Response.Status.CONFLICT, String.valueOf(e.getMessage()));
        }
        return state(demo);
    }

    private Demo demo() {
        if (context == null || !(context.getAttribute(Demo.ATTRIBUTE) instanceof Demo demo)) {
            throw refused(Response.Status.NOT_FOUND, "there are controls only with --demo");
        }
        String name = host == null ? "" : host.replaceFirst(":[0-9]+$", "");
        if (!THIS_MACHINE.contains(name)) {
            throw refused(Response.Status.FORBIDDEN, "the demo answers on this machine only: open http://localhost");
        }
        return demo;
    }

    private Demo authorized() {
        Demo demo = demo();
        byte[] expected = ("Bearer " + demo.adminToken()).getBytes(StandardCharsets.UTF_8);
        byte[] given = String.valueOf(authorization).getBytes(StandardCharsets.UTF_8);
        if (!MessageDigest.isEqual(expected, given)) {
            throw refused(Response.Status.UNAUTHORIZED, "the demo's token is needed");
        }
        return demo;
    }

    private static State state(Demo demo) {
        List<Source> traffic = demo.flows().stream()
                .map(flow -> new Source(
                        flow.source().client(),
                        flow.source().manner().name().toLowerCase(java.util.Locale.ROOT),
                        flow.source().policy(),
                        flow.source().perSecond(),
                        flow.isOn(),
                        flow.sent()))
                .toList();
        return new State(demo.adminToken(), demo.store(), demo.redisRuns().orElse(null), traffic);
    }

    private static WebApplicationException refused(Response.Status status, String why) {
        return new WebApplicationException(Response.status(status)
                .type("application/problem+json")
                .entity(java.util.Map.of(
                        "title", status.getReasonPhrase(), "status", status.getStatusCode(), "detail", why))
                .build());
    }
}
