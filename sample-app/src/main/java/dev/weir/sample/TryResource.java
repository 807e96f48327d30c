package dev.weir.sample;

import dev.weir.Acquisition;
import dev.weir.Bucket;
import dev.weir.Policy;
import dev.weir.UnknownBucketException;
import dev.weir.UnknownPolicyException;
import dev.weir.UnknownSubBucketException;
import dev.weir.Weir;
import dev.weir.filter.RateLimits;
import dev.weir.filter.config.DurationText;
import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Decisions;
import dev.weir.limit.Limit;
import dev.weir.limit.Names;
import dev.weir.limit.Rate;
import dev.weir.limit.Reason;
import dev.weir.limit.Split;
import dev.weir.limit.Terms;
import dev.weir.sample.dashboard.SampleDashboard;
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
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The playground: asks any policy for any client. */
@Path("try")
@Produces(MediaType.APPLICATION_JSON)
public class TryResource {

    private static final Set<String> PARAMETERS =
            new TreeSet<>(Set.of("client", "cost", "at", "weight", "limit", "period", "action", "bucket"));

    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,18}");

    /**
     * What was decided.
     *
     * @param limit the permits of the limit that decided: the client's own, with its weight, or those of its sub-bucket
     * @param retryAfterMillis 0 if permitted, null if the request can never pass; from {@code at}, if that was given
     *     and is near enough to the clock
     * @param bucket the index of the sub-bucket that decided, null without a split
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
                    decision.subBucket().isPresent()
                            ? (Integer) decision.subBucket().getAsInt()
                            : null);
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

    /** Asks a bucket that was created at run time. */
    @GET
    @Path("bucket/{id}")
    public Response askBucket(
            @PathParam("id") String id,
            @Context UriInfo uri,
            @Context ServletContext context,
            @Context HttpServletResponse response) {
        RateLimits limits = RateLimits.of(context);
        try {
            refuseUnknown(uri.getQueryParameters(), Set.of("cost"));
            Bucket bucket = limits.weir().bucket(id("id", id));
            Long cost = number(uri.getQueryParameters(), "cost", 1, Limit.EXACT);
            long startNanos = System.nanoTime();
            Decision decision = bucket.tryAcquire(cost == null ? 1 : cost);
            SampleDashboard.of(context).answered(id, decision, System.nanoTime() - startNanos, false);
            return answer(limits, new Decisions(List.of(decision)), response);
        } catch (UnknownBucketException e) {
            return Problem.of(Response.Status.NOT_FOUND, String.valueOf(e.getMessage()));
        } catch (BadParameter e) {
            return Problem.of(Response.Status.BAD_REQUEST, String.valueOf(e.getMessage()));
        }
    }

    private static Response answer(RateLimits limits, Decisions decisions, HttpServletResponse response) {
        limits.describe(response, decisions);
        return Response.status(response.getStatus())
                .entity(Answer.of(decisions.binding()))
                .build();
    }

    /** Asks a policy for any client; one that delays answers when the request's turn has come. */
    @GET
    @Path("{policy}")
    public CompletionStage<Response> ask(
            @PathParam("policy") String policy,
            @Context UriInfo uri,
            @Context ServletContext context,
            @Context HttpServletResponse response) {
        RateLimits limits = RateLimits.of(context);
        Weir weir = limits.weir();
        try {
            Policy asked = weir.policy(policy);
            MultivaluedMap<String, String> query = uri.getQueryParameters();
            refuseUnknown(query, PARAMETERS);
            String client = client(query.getFirst("client"));
            Acquisition acquisition = acquisition(asked, client, query);
            long startNanos = System.nanoTime();
            CompletableFuture<Decision> decision = decide(weir, acquisition, asked, query);
            boolean waits = !decision.isDone();
            SampleDashboard dashboard = SampleDashboard.of(context);
            CompletableFuture<Decision> seen = decision.whenComplete((made, failure) -> {
                if (made != null) {
                    dashboard.answered(client, made, System.nanoTime() - startNanos, waits);
                }
            });
            // Not on the thread of those whose turns come: to write an answer may take its time.
            return waits
                    ? seen.thenApplyAsync(then -> answer(limits, new Decisions(List.of(then)), response))
                    : seen.thenApply(now -> answer(limits, new Decisions(List.of(now)), response));
        } catch (UnknownPolicyException e) {
            return answered(Response.Status.NOT_FOUND, e);
        } catch (BadParameter e) {
            return answered(Response.Status.BAD_REQUEST, e);
        }
    }

    private static CompletionStage<Response> answered(Response.Status status, Exception why) {
        return CompletableFuture.completedFuture(Problem.of(status, String.valueOf(why.getMessage())));
    }

    private static CompletableFuture<Decision> decide(
            Weir weir, Acquisition acquisition, Policy policy, MultivaluedMap<String, String> query) {
        try {
            return weir.limiter(policy.name())
                    .acquireAsync(acquisition, policy.behaviour().maxDelay());
        } catch (UnknownPolicyException e) {
            throw e;
        } catch (UnknownSubBucketException e) {
            throw new BadParameter("bucket", "names none: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            // What is wrong by itself has been reported: only together can the call's own numbers be too much.
            String blamed = Stream.of("weight", "limit", "period", "at")
                    .filter(query::containsKey)
                    .findFirst()
                    .orElse("cost");
            throw new BadParameter(blamed, "cannot be kept: " + e.getMessage());
        }
    }

    private static Acquisition acquisition(Policy policy, String client, MultivaluedMap<String, String> query) {
        Long cost = number(query, "cost", 1, Limit.EXACT);
        Long bucket = number(query, "bucket", 0, Split.MAX_PARTS - 1);
        String action = query.getFirst("action");
        if (action != null && action.isEmpty()) {
            throw new BadParameter("action", "is empty");
        }
        Long at = number(query, "at", 0, Limit.EXACT);
        return new Acquisition(
                client,
                cost == null ? 1 : cost,
                action,
                bucket == null ? null : (Integer) bucket.intValue(),
                terms(policy, query),
                at == null ? null : Instant.ofEpochMilli(at));
    }

    /** The call's own numbers. A limit without a period takes the policy's, and the other way round. */
    private static Terms terms(Policy policy, MultivaluedMap<String, String> query) {
        Long weight = number(query, "weight", 0, Limit.EXACT);
        Long limit = number(query, "limit", 1, Limit.EXACT);
        Duration period = period(query.getFirst("period"));
        if (weight == null && limit == null && period == null) {
            return Terms.NONE;
        }
        if (limit == null && period == null) {
            return new Terms(null, weight, null);
        }
        Rate rate = new Rate(
                limit == null ? policy.limit().permits() : limit,
                period == null ? policy.limit().period() : period,
                limit == null ? policy.limit().capacity() : limit);
        return new Terms(rate, weight, null);
    }

    private static @Nullable Duration period(@Nullable String text) {
        if (text == null) {
            return null;
        }
        String wrong;
        try {
            Duration period = DurationText.parse(text);
            if (period.compareTo(Limit.MIN_PERIOD) >= 0 && period.compareTo(Limit.MAX_PERIOD) <= 0) {
                return period;
            }
            wrong = "out of range";
        } catch (IllegalArgumentException e) {
            wrong = String.valueOf(e.getMessage());
        }
        throw new BadParameter("period", "must be from 1ms to 366d, but is '%s': %s".formatted(text, wrong));
    }

    private static void refuseUnknown(MultivaluedMap<String, String> query, Set<String> known) {
        query.forEach((parameter, values) -> {
            if (!known.contains(parameter)) {
                throw new BadParameter(parameter, "is not known; known are " + known);
            }
            if (values.size() > 1) {
                throw new BadParameter(parameter, "is given more than once");
            }
        });
    }

    private static String client(@Nullable String client) {
        if (client == null || client.isEmpty()) {
            throw new BadParameter("client", "is missing");
        }
        return id("client", client);
    }

    private static String id(String parameter, String id) {
        try {
            return Names.requireId("parameter '%s'".formatted(parameter), id);
        } catch (IllegalArgumentException e) {
            throw new BadParameter(e);
        }
    }

    private static @Nullable Long number(MultivaluedMap<String, String> query, String parameter, long min, long max) {
        String text = query.getFirst(parameter);
        if (text == null) {
            return null;
        }
        if (DIGITS.matcher(text).matches()) {
            long number = Long.parseLong(text);
            if (number >= min && number <= max) {
                return number;
            }
        }
        throw new BadParameter(
                parameter, "must be a whole number from %d to %d, but is '%s'".formatted(min, max, text));
    }

    private static final class BadParameter extends RuntimeException {

        BadParameter(String parameter, String wrong) {
            super("parameter '%s' %s".formatted(parameter, wrong));
        }

        BadParameter(IllegalArgumentException why) {
            super(why.getMessage(), why);
        }
    }
}
