package dev.weir.sample;

import dev.weir.Decision;
import dev.weir.Decision.Rejected;
import dev.weir.Decisions;
import dev.weir.Limit;
import dev.weir.PolicyCost;
import dev.weir.Reason;
import dev.weir.UnknownPolicyException;
import dev.weir.Weir;
import dev.weir.filter.RateLimits;
import jakarta.servlet.ServletContext;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The playground: asks any policy for any client. */
@Path("try/{policy}")
@Produces(MediaType.APPLICATION_JSON)
public class TryResource {

    private static final Set<String> PARAMETERS = new TreeSet<>(Set.of("client", "cost"));

    /**
     * What was decided.
     *
     * @param retryAfterMillis 0 if permitted, null if the request can never pass
     * @param bucket the sub-bucket that decided, null without a split
     */
    public record Answer(
            boolean permitted,
            long remaining,
            long limit,
            @Nullable Long retryAfterMillis,
            long resetAfterMillis,
            Reason reason,
            String policy,
            @Nullable Integer bucket) {

        static Answer of(Decision decision) {
            return new Answer(
                    decision.permitted(),
                    decision.remaining(),
                    decision.limit().permits(),
                    retryAfterMillis(decision),
                    millisRoundedUp(decision.resetAfterMicros()),
                    decision.reason(),
                    decision.policy(),
                    null);
        }

        private static @Nullable Long retryAfterMillis(Decision decision) {
            if (!(decision instanceof Rejected rejected)) {
                return 0L;
            }
            return rejected.retryAfter().isEmpty() ? null : (Long) millisRoundedUp(rejected.retryAfterMicros());
        }

        private static long millisRoundedUp(long micros) {
            return (micros + 999) / 1_000;
        }
    }

    @GET
    public Response ask(
            @PathParam("policy") String policy,
            @Context UriInfo uri,
            @Context ServletContext context,
            @Context HttpServletResponse response) {
        RateLimits limits = RateLimits.of(context);
        Weir weir = limits.weir();
        Decisions decisions;
        try {
            weir.policy(policy);
            MultivaluedMap<String, String> parameters = uri.getQueryParameters();
            parameters.forEach(TryResource::check);
            String client = client(parameters.getFirst("client"));
            long cost = cost(parameters.getFirst("cost"));
            decisions = weir.tryAcquire(client, List.of(new PolicyCost(policy, cost)));
        } catch (UnknownPolicyException e) {
            return Problem.of(Response.Status.NOT_FOUND, String.valueOf(e.getMessage()));
        } catch (BadParameter e) {
            return Problem.of(Response.Status.BAD_REQUEST, String.valueOf(e.getMessage()));
        }
        limits.describe(response, decisions);
        return Response.status(response.getStatus())
                .entity(Answer.of(decisions.binding()))
                .build();
    }

    private static void check(String parameter, List<String> values) {
        if (!PARAMETERS.contains(parameter)) {
            throw new BadParameter(parameter, "is not known; known are " + PARAMETERS);
        }
        if (values.size() > 1) {
            throw new BadParameter(parameter, "is given %d times".formatted(values.size()));
        }
    }

    private static String client(@Nullable String client) {
        if (client == null || client.isEmpty()) {
            throw new BadParameter("client", "is missing");
        }
        int bytes = client.getBytes(StandardCharsets.UTF_8).length;
        if (bytes > Weir.MAX_CLIENT_ID_BYTES) {
            throw new BadParameter(
                    "client", "may have at most %d bytes, but has %d".formatted(Weir.MAX_CLIENT_ID_BYTES, bytes));
        }
        return client;
    }

    private static long cost(@Nullable String cost) {
        if (cost == null) {
            return 1;
        }
        // Eighteen digits always fit; and Long.parseLong alone takes a plus sign and the digits of every script.
        if (cost.matches("[0-9]{1,18}")) {
            long number = Long.parseLong(cost);
            if (number >= 1 && number <= Limit.EXACT) {
                return number;
            }
        }
        throw new BadParameter("cost", "must be a whole number from 1 to %d, but is '%s'".formatted(Limit.EXACT, cost));
    }

    private static final class BadParameter extends RuntimeException {

        BadParameter(String parameter, String wrong) {
            super("parameter '%s' %s".formatted(parameter, wrong));
        }
    }
}
