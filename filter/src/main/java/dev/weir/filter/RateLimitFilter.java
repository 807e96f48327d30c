package dev.weir.filter;

import dev.weir.limit.Decisions;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.Optional;
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
 *   <li>{@code limit}, {@code period}, {@code algorithm}: the policy itself, as {@code weir.policy.P.limit} and so on
 *       say it; sources of configuration above web.xml may say otherwise ({@link
 *       dev.weir.filter.config.DescriptorSource});
 *   <li>{@code client-id}: what a request's client is, as {@code weir.client-id} says it, for the whole application;
 *   <li>{@code bucket}: what of a request names the bucket that it is charged to: {@code header:X-Tenant} for instance,
 *       or {@code principal}, {@code cookie:NAME}, {@code class:NAME}. With a policy beside it, a request is charged to
 *       both or to neither. A request that names no bucket is answered 400, and one whose bucket does not exist 404;
 *   <li>{@code cost}: the permits a request takes, from 1 to the policy's capacity; 1 if not given;
 *   <li>{@code action}: what these requests do; an action counts on its own if the policy has a limit for it;
 *   <li>{@code subBucket}: the index, from 0, of the sub-bucket that they take from; one is drawn if not given;
 *   <li>{@code shadow}: {@code true} or {@code false}, whether the filter only tries the limit out: it decides and
 *       counts, but rejects nothing and shows no fields; {@code false} if not given;
 *   <li>{@code exposeHeaders}: {@code true} or {@code false}, whether responses report the limit and what is left
 *       of it; {@code true} if not given. A rejection carries {@code Retry-After} either way.
 * </ul>
 *
 * <p>A request is charged once for its client under a policy, under an action that has numbers of its own, or to a
 * bucket, however often it is dispatched, and even if another filter or a {@link dev.weir.annotation.RateLimited}
 * resource charges the same; the first of them sets the cost. A request that was rejected once is rejected by each
 * that charges the same; a request that shadow mode would have rejected is decided again where the limit is enforced.
 * Several filters under several names may charge several policies; each decides for itself, and what one has charged
 * stays charged if the next rejects. An ERROR dispatch is an answer on its way out and is never charged. A rejected
 * INCLUDE leaves its part of the page empty. Requests that are not HTTP pass.
 *
 * <p>Under a policy with {@code at-limit=delay} a request above the limit waits for its turn, without a thread. It
 * passes the filters behind this one first, so that authentication works wherever its filter stands, and waits in front
 * of the servlet. Then it is dispatched once, for which all filters on its way and the servlet must be async-supported.
 * Where it cannot wait, in a FORWARD or an INCLUDE for instance, it is rejected; so it is until a request to the same
 * servlet was seen to come to the place in front of it. If a filter behind this one answers a request above the limit,
 * the request takes no turn and is rejected instead. A filter that serves such a request, as JAX-RS as a filter does,
 * is not passed another one: one warning is logged, and requests to that servlet are rejected from then on. An answer
 * that is committed by then cannot be replaced. Waiting needs the {@link RateLimitsListener}, else the start fails.
 *
 * <p>Thread-safe once started.
 */
public final class RateLimitFilter implements Filter {

    /**
     * The request attribute that holds what has been decided on a request so far: the {@link Decisions} of all filters
     * and resources that have charged it, in that order. Not set before the first.
     */
    public static final String DECISIONS = "dev.weir.filter.decisions";

    private static final Logger LOG = System.getLogger(RateLimitFilter.class.getName());

    private final WaitingRoutes routes = new WaitingRoutes();
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
        try {
            InitParams params = new InitParams(config);
            gate = params.gate(given == null ? find(config) : given);
        } catch (IllegalArgumentException | IllegalStateException refused) {
            destroy(); // A container destroys only what it could start.
            throw new ServletException(refused.getMessage(), refused);
        }
    }

    private RateLimits find(FilterConfig config) {
        ConfigApi.require();
        StartedContexts.add(config.getServletContext());
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

    /** Charges the request, and passes it on or answers it. */
    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (request instanceof HttpServletRequest httpRequest && response instanceof HttpServletResponse httpResponse) {
            routes.enter(httpRequest);
            Exchange exchange = new ServletExchange(httpRequest, httpResponse);
            Optional<Problem> problem = started().enter(exchange, new Delay(routes, httpRequest));
            if (problem.isPresent()) {
                ProblemResponse.write(httpRequest, httpResponse, problem.get());
                return;
            }
            if (!exchange.isAnswer() && Waits.of(exchange).isPresent()) {
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
            boolean isSuccess = deferring.getStatus() < HttpServletResponse.SC_MULTIPLE_CHOICES;
            if (!isRejectedWithoutItsTurn(request, deferring, before, isSuccess)) {
                deferring.send();
            }
        } catch (IOException | ServletException | RuntimeException e) {
            // An exception is an answer as well: a log-in may throw on a wrong password.
            if (!isRejectedWithoutItsTurn(request, deferring, before, false)) {
                throw e;
            }
            LOG.log(Level.DEBUG, "a request that was above the limit has failed in a filter", e);
        } finally {
            deferring.end();
            Exchange exchange = new ServletExchange(request, response);
            unparked(exchange).ifPresent(waits -> waits.discard(exchange));
        }
    }

    private static Optional<Waits> unparked(Exchange exchange) {
        return Waits.of(exchange).filter(waits -> !waits.areParked());
    }

    /**
     * Rejects a request above the limit that a filter behind this one has answered before it could wait for its turn: a
     * log-in that failed, a cache, JAX-RS as a filter. The request takes no turn. Its answer is replaced as a whole, so
     * that no session cookie gets out, nor the length of another body; an answer that is committed stays.
     *
     * @param before the fields of the response before the filters behind this one
     * @param isSuccess whether that filter has served the request, as it would serve others
     */
    private boolean isRejectedWithoutItsTurn(
            HttpServletRequest request, DeferredErrorResponse response, ResponseFields before, boolean isSuccess)
            throws IOException {
        Exchange exchange = new ServletExchange(request, response);
        Optional<Waits> waits = unparked(exchange);
        if (waits.isEmpty()) {
            return false;
        }
        waits.get().giveUp();
        if (response.isCommitted() || request.isAsyncStarted()) {
            routes.bypassed(request);
            return false;
        }
        if (isSuccess) {
            routes.bypassed(request);
        }
        ResponseFields answered = ResponseFields.of(response);
        Optional<Problem> problem = waits.get().settle(exchange);
        if (problem.isPresent()) {
            ResponseFields ours = ResponseFields.of(response).changedSince(answered);
            response.reset();
            before.writeTo(response);
            ours.writeTo(response);
            ProblemResponse.write(request, response, problem.get());
        }
        return problem.isPresent();
    }

    /** The {@link DelayFilter} behind this filter. */
    private record Delay(WaitingRoutes routes, HttpServletRequest request) implements WaitingPlace {

        @Override
        public boolean isReachable() {
            return DelayFilter.isAheadOf(request) && routes.leadToTheDelay(request);
        }

        @Override
        public void isMissed() {
            routes.isMissed(request);
        }
    }

    private Gate started() {
        if (gate == null) {
            throw new IllegalStateException("the filter has not been started: init was not called");
        }
        return gate;
    }
}
