package dev.weir.filter;

import dev.weir.PolicyCost;
import dev.weir.filter.config.ConfigKeys;
import dev.weir.filter.config.ValueType;
import dev.weir.limit.Decisions;
import dev.weir.limit.Limit;
import dev.weir.limit.Split;
import dev.weir.limit.Terms;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Charges the requests that it is mapped to under one policy, and answers those above the limit with 429 (503 if the
 * policy rejects because the store does not answer) and a problem document.
 *
 * <pre>{@code
 * <filter>
 *   <filter-name>search-limit</filter-name>
 *   <filter-class>dev.weir.filter.RateLimitFilter</filter-class>
 *   <async-supported>true</async-supported>
 *   <init-param><param-name>policy</param-name><param-value>search</param-value></init-param>
 * </filter>
 * }</pre>
 *
 * <p>Init-params, all optional; any other fails the start:
 *
 * <ul>
 *   <li>{@code policy}: the policy's name; if neither it nor a bucket is given, {@code default};
 *   <li>{@code bucket}: by what a request names the bucket that it is charged to, {@code header:X-Tenant} for instance,
 *       or {@code principal}, {@code cookie:NAME}, {@code class:NAME}; beside a policy, it is charged on both, or on
 *       none. A request that names no bucket is answered 400, and one whose bucket does not exist 404;
 *   <li>{@code cost}: the permits a request takes, from 1 to the policy's capacity; 1 if not given;
 *   <li>{@code action}: what these requests do; it counts on its own if the policy has a limit for it;
 *   <li>{@code subBucket}: the index, from 0, of the sub-bucket that they take from; one is drawn if not given;
 *   <li>{@code shadow}: {@code true} or {@code false}, whether the filter only tries the limit out: it decides and
 *       counts, but rejects nothing and shows no fields; {@code false} if not given;
 *   <li>{@code exposeHeaders}: {@code true} or {@code false}, whether responses report how the client stands;
 *       {@code true} if not given. A rejection carries {@code Retry-After} either way.
 * </ul>
 *
 * <p>A request is charged once for its client under a policy, or an action that has numbers of its own, or on a bucket,
 * however often it is dispatched and whatever else charges that, another filter or a
 * {@link dev.weir.annotation.RateLimited} resource; the first to see it sets the cost. What was rejected once is
 * rejected wherever the request comes by; what shadow mode only would have rejected is asked again where it is
 * enforced. Several filters under several names may charge several policies; each decides for itself, and what one has
 * charged stays charged if the next rejects. An ERROR dispatch is an answer on its way out and is never charged. A
 * rejected INCLUDE leaves its part of the page empty. Requests that are not HTTP pass.
 *
 * <p>Under a policy with {@code at-limit=delay} a request above the limit waits for its turn, without a thread. It
 * passes the filters behind this one first, so that authentication has its say wherever it stands, and waits in front
 * of the servlet; then it is dispatched once, for which every filter in its way and the servlet must be
 * async-supported. Where it cannot wait, in a FORWARD or an INCLUDE for instance, it is rejected. If a filter behind
 * this one answers a request above the limit, the request takes no turn and is rejected instead; an answer that is
 * committed by then cannot be replaced, which is warned of once. That needs the {@link RateLimitsListener}, else the
 * start fails.
 *
 * <p>Thread-safe once started.
 */
public final class RateLimitFilter implements Filter {

    /**
     * The request attribute that holds what has been decided on a request so far: the {@link Decisions} of all filters
     * and resources that it came by, in that order. Not set before the first.
     */
    public static final String DECISIONS = "dev.weir.filter.decisions";

    private static final String POLICY = "policy";
    private static final String BUCKET = "bucket";
    private static final String COST = "cost";
    private static final String EXPOSE_HEADERS = "exposeHeaders";
    private static final String ACTION = "action";
    private static final String SUB_BUCKET = "subBucket";
    private static final String SHADOW = "shadow";
    private static final List<String> KNOWN = List.of(POLICY, BUCKET, COST, ACTION, SUB_BUCKET, SHADOW, EXPOSE_HEADERS);
    private static final Pattern SUB_BUCKET_INDEX = Pattern.compile("[0-9]{1,2}");

    private static final Logger LOG = System.getLogger(RateLimitFilter.class.getName());

    private final AtomicBoolean hasWarned = new AtomicBoolean();
    private final @Nullable RateLimits given;
    private @Nullable RateLimits found;
    private @Nullable Gate gate;

    /** A filter of the web application's own limiter, as {@link RateLimits#of} finds it at the start. */
    public RateLimitFilter() {
        given = null;
    }

    /** A filter of a given limiter, which is not closed with the filter. */
    public RateLimitFilter(RateLimits limits) {
        given = limits;
    }

    /**
     * Reads the init-params.
     *
     * @throws ServletException if one is unknown or cannot be used; the message names the filter and the parameter
     */
    @Override
    public void init(FilterConfig config) throws ServletException {
        String filter = "filter '%s'".formatted(config.getFilterName());
        for (String name : Collections.list(config.getInitParameterNames())) {
            if (!KNOWN.contains(name)) {
                throw new ServletException(
                        "%s: unknown init-param '%s'; known are %s".formatted(filter, name, new TreeSet<>(KNOWN)));
            }
        }
        try {
            RateLimits limits = given == null ? find(config) : given;
            String bucket = config.getInitParameter(BUCKET);
            String policy = text(config, POLICY, "default");
            long cost = cost(filter, text(config, COST, "1"));
            String action = action(filter, config.getInitParameter(ACTION));
            Integer subBucket = subBucket(filter, config.getInitParameter(SUB_BUCKET));
            boolean shadow = flag(filter, SHADOW, text(config, SHADOW, "false"));
            boolean exposed = flag(filter, EXPOSE_HEADERS, text(config, EXPOSE_HEADERS, "true"));
            List<NamedBucket> buckets =
                    bucket == null ? List.of() : List.of(bucket(filter, bucket.strip(), cost, shadow));
            List<PolicyCost> policies = List.of();
            if (config.getInitParameter(POLICY) != null || bucket == null) {
                PolicyCost ask = new PolicyCost(policy, cost, action, subBucket, Terms.NONE, shadow);
                require(limits, filter, ask, shadow || DelayFilter.isRegistered(config.getServletContext()));
                policies = List.of(ask);
            } else if (action != null || subBucket != null) {
                throw new IllegalArgumentException(
                        "%s, init-param '%s' is a part of a policy, but only a bucket is named"
                                .formatted(filter, action == null ? SUB_BUCKET : ACTION));
            }
            gate = new Gate(limits, new Costs(policies, buckets), exposed);
        } catch (IllegalArgumentException refused) {
            destroy(); // A container destroys only what it could start.
            throw new ServletException(refused.getMessage(), refused);
        }
    }

    /** Asks step by step, so that a failure names the parameter to blame. */
    private static void require(RateLimits limits, String filter, PolicyCost ask, boolean canWait) {
        String policy = ask.policy();
        String param = filter + ", init-param '%s'";
        if (limits.weir().policies().containsKey(policy) && ask.action() != null) {
            limits.require(
                    new PolicyCost(policy, 1, ask.action(), null, Terms.NONE, ask.shadow()),
                    param.formatted(ACTION),
                    canWait);
        } else {
            limits.require(new PolicyCost(policy, 1), param.formatted(POLICY), canWait);
        }
        if (ask.subBucket() != null) {
            limits.require(
                    new PolicyCost(policy, 1, ask.action(), ask.subBucket(), Terms.NONE, ask.shadow()),
                    param.formatted(SUB_BUCKET),
                    canWait);
        }
        limits.require(ask, param.formatted(COST), canWait);
    }

    private RateLimits find(FilterConfig config) {
        found = RateLimits.of(config.getServletContext());
        return found;
    }

    /** Ends the web application's own limiter: not every container looks for a {@link RateLimitsListener}. */
    @Override
    public void destroy() {
        if (found != null) {
            found.close();
        }
    }

    private static String text(FilterConfig config, String name, String otherwise) {
        String value = config.getInitParameter(name);
        return value == null ? otherwise : value.strip();
    }

    private static long cost(String filter, String text) {
        try {
            return ValueType.wholeNumber("permits", 1, Limit.EXACT).read().apply(text);
        } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException(
                    "%s, init-param 'cost' must be a whole number from 1 to %d, but is '%s'"
                            .formatted(filter, Limit.EXACT, text),
                    refused);
        }
    }

    private static @Nullable String action(String filter, @Nullable String text) {
        if (text == null) {
            return null;
        }
        if (!ConfigKeys.NAME.matcher(text.strip()).matches()) {
            throw new IllegalArgumentException(
                    "%s, init-param 'action' must be %s, but is '%s'".formatted(filter, ConfigKeys.NAMES, text));
        }
        return text.strip();
    }

    private static @Nullable Integer subBucket(String filter, @Nullable String text) {
        if (text == null) {
            return null;
        }
        if (!SUB_BUCKET_INDEX.matcher(text.strip()).matches()) {
            throw new IllegalArgumentException(
                    "%s, init-param 'subBucket' must be a whole number from 0 to %d, but is '%s'"
                            .formatted(filter, Split.MAX_PARTS - 1, text));
        }
        return Integer.valueOf(text.strip());
    }

    private static NamedBucket bucket(String filter, String source, long cost, boolean shadow) {
        try {
            return NamedBucket.of(source, cost, shadow);
        } catch (IllegalArgumentException refused) {
            throw new IllegalArgumentException(
                    "%s, init-param 'bucket': %s".formatted(filter, refused.getMessage()), refused);
        }
    }

    private static boolean flag(String filter, String name, String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw new IllegalArgumentException(
                        "%s, init-param '%s' must be true or false, but is '%s'".formatted(filter, name, text));
        };
    }

    /** Charges the request and passes it on, or answers it. */
    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (request instanceof HttpServletRequest httpRequest && response instanceof HttpServletResponse httpResponse) {
            Optional<Problem> problem =
                    started().enter(httpRequest, httpResponse, () -> DelayFilter.isAheadOf(httpRequest));
            if (problem.isPresent()) {
                answer(httpRequest, httpResponse, problem.get());
                return;
            }
            boolean isAnswer = httpRequest.getDispatcherType() == DispatcherType.ERROR;
            if (!isAnswer && Waits.of(httpRequest).isPresent()) {
                passOnToWait(httpRequest, httpResponse, chain);
                return;
            }
        }
        chain.doFilter(request, response);
    }

    private void passOnToWait(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        ResponseFields before = ResponseFields.of(response);
        DeferredErrorResponse deferring = new DeferredErrorResponse(response);
        try {
            chain.doFilter(request, deferring);
            if (!isRejectedWithoutItsTurn(request, deferring, before)) {
                deferring.send();
            }
        } catch (IOException | ServletException | RuntimeException e) {
            // An exception is an answer as well: a log-in may throw on a wrong password.
            if (!isRejectedWithoutItsTurn(request, deferring, before)) {
                throw e;
            }
            LOG.log(Level.DEBUG, "a request that was above the limit has failed in a filter", e);
        } finally {
            deferring.end();
            unparked(request).ifPresent(waits -> waits.discard(request));
        }
    }

    private static Optional<Waits> unparked(HttpServletRequest request) {
        return Waits.of(request).filter(waits -> !waits.areParked());
    }

    /**
     * A filter behind this one has answered a request that was above the limit before it could wait for its turn: a
     * log-in that failed, a cache, JAX-RS as a filter. It takes no turn, and is rejected, if its answer can still be
     * replaced: whole, so that no cookie of a session gets out, nor the length of another body.
     *
     * @param before the fields of the response as it came here
     */
    private boolean isRejectedWithoutItsTurn(
            HttpServletRequest request, DeferredErrorResponse response, ResponseFields before) throws IOException {
        Optional<Waits> waits = unparked(request);
        if (waits.isEmpty()) {
            return false;
        }
        waits.get().giveUp();
        if (response.isCommitted() || request.isAsyncStarted()) {
            if (hasWarned.compareAndSet(false, true)) {
                LOG.log(
                        Level.WARNING,
                        "a filter behind the rate limit has answered requests to {0} that were to wait for their turn: they are"
                                + " not limited; put the limit behind that filter, or let the policy reject",
                        request.getRequestURI());
            }
            return false;
        }
        ResponseFields answered = ResponseFields.of(response);
        Optional<Problem> problem = waits.get().settle(request, response);
        if (problem.isPresent()) {
            ResponseFields ours = ResponseFields.of(response).changedSince(answered);
            response.reset();
            before.writeTo(response);
            ours.writeTo(response);
            answer(request, response, problem.get());
        }
        return problem.isPresent();
    }

    private Gate started() {
        if (gate == null) {
            throw new IllegalStateException("the filter has not been started: init was not called");
        }
        return gate;
    }

    /** By hand and not by {@code sendError}, which would replace the document by the container's error page. */
    static void answer(HttpServletRequest request, HttpServletResponse response, Problem problem) throws IOException {
        boolean ownsResponse = request.getDispatcherType() != DispatcherType.INCLUDE && !response.isCommitted();
        if (ownsResponse) {
            response.resetBuffer();
            response.setStatus(problem.status());
            response.setContentType(Problem.MEDIA_TYPE);
            response.setCharacterEncoding("UTF-8");
            write(response, problem.body());
        }
    }

    /** A filter in front may have taken the stream, which then stands for the writer. */
    private static void write(HttpServletResponse response, String body) throws IOException {
        PrintWriter writer;
        try {
            writer = response.getWriter();
        } catch (IllegalStateException streamIsTaken) {
            response.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
            return;
        }
        writer.write(body);
    }
}
