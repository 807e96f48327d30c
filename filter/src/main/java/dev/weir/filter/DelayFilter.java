package dev.weir.filter;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Where requests wait for their turn: the last filter before the servlet, registered by {@link RateLimitsListener}.
 *
 * <pre>
 *  REQUEST   RateLimitFilter ---- authentication ---- DelayFilter      servlet
 *             joins the line       has its say         parks: no thread, no servlet
 *
 *  ASYNC                                              DelayFilter ---- servlet
 *             (filters for REQUEST only are not run again)  headers, or 429
 * </pre>
 *
 * <p>A dispatch that is made when the turn has come runs no filter that is there for requests only. So a request must
 * not wait before it has passed every filter: none could be made up for. It carries what they have wrapped it in, a
 * principal for instance, into the dispatch.
 *
 * <p>A JAX-RS filter cannot wait, for there is no portable way to go on from there: {@link ResourceGate} leaves the
 * wait and aborts. What is answered then is held back here ({@link DiscardableResponse}), and the whole resource is
 * asked again when the turn has come.
 */
final class DelayFilter implements Filter {

    private static final Logger LOG = System.getLogger(DelayFilter.class.getName());
    private static final String NAME = "dev.weir.filter.DelayFilter";
    private static final String QUARKUS_RESTEASY = "io.quarkus.resteasy.runtime.ResteasyFilter";
    private static final String PATH = "dev.weir.filter.dispatchPath";

    /** Every servlet, in a mapping by name: such mappings come after all those by path. */
    private static final String EVERY_SERVLET = "*";

    private final AtomicBoolean hasWarned = new AtomicBoolean();

    /**
     * Puts this filter in front of every servlet of a context that is being set up, once. Not on Quarkus if its JAX-RS
     * is a filter there: a request that has waited would not come back to it.
     */
    static void register(ServletContext context) {
        if (!isRegistered(context) && context.getFilterRegistration(QUARKUS_RESTEASY) == null) {
            FilterRegistration.Dynamic filter = context.addFilter(NAME, new DelayFilter());
            filter.setAsyncSupported(true);
            for (String servlet : servlets(context)) {
                filter.addMappingForServletNames(EnumSet.complementOf(EnumSet.of(DispatcherType.ERROR)), true, servlet);
            }
            context.setAttribute(NAME, true);
        }
    }

    /** Liberty warns of a mapping to every servlet, and ignores it: there, to each that is known by now. */
    private static Set<String> servlets(ServletContext context) {
        boolean isLiberty = context.getServerInfo().contains("WebSphere");
        return isLiberty ? context.getServletRegistrations().keySet() : Set.of(EVERY_SERVLET);
    }

    /** Whether requests of a web application can wait. */
    static boolean isRegistered(ServletContext context) {
        return context.getAttribute(NAME) != null;
    }

    /** Whether a request that has not come by here yet will, and may then wait. */
    static boolean isAheadOf(HttpServletRequest request) {
        return isDispatchToWait(request) && isRegistered(request.getServletContext());
    }

    /**
     * What the application itself has dispatched cannot wait: a later dispatch would come back to where it first came
     * by.
     */
    private static boolean isDispatchToWait(HttpServletRequest request) {
        DispatcherType type = request.getDispatcherType();
        boolean isOwn = type == DispatcherType.REQUEST
                || type == DispatcherType.ASYNC && request.getAttribute(PATH) instanceof DispatchPath;
        return isOwn && request.isAsyncSupported() && !request.isAsyncStarted();
    }

    /** Whether a request that is in a servlet may wait. */
    static boolean isBehind(HttpServletRequest request) {
        return isDispatchToWait(request) && DiscardableResponse.of(request).isPresent();
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!(request instanceof HttpServletRequest httpRequest)
                || !(response instanceof HttpServletResponse httpResponse)) {
            chain.doFilter(request, response);
            return;
        }
        WaitingRoutes.reached(httpRequest);
        Exchange exchange = new ServletExchange(httpRequest, httpResponse);
        Optional<Waits> waits = Waits.of(exchange);
        if (waits.isPresent() && !waits.get().areOver() && canPark(httpRequest)) {
            park(waits.get(), httpRequest, httpResponse);
            return;
        }
        Optional<Problem> problem = waits.flatMap(all -> all.settle(exchange));
        if (problem.isPresent()) {
            ProblemResponse.write(httpRequest, httpResponse, problem.get());
        } else {
            serve(restored(httpRequest), httpResponse, chain);
        }
    }

    /** A request whose turn has come, as it was shown when it was parked. */
    private static HttpServletRequest restored(HttpServletRequest request) {
        return request.getAttribute(PATH) instanceof DispatchPath path ? path.restored(request) : request;
    }

    private boolean canPark(HttpServletRequest request) {
        boolean canPark = isDispatchToWait(request);
        if (!canPark && hasWarned.compareAndSet(false, true)) {
            LOG.log(
                    Level.WARNING,
                    "requests to {0} cannot wait for their turn, and are rejected instead: they are forwarded by a"
                            + " filter, or a filter or the servlet is not async-supported",
                    request.getServletPath());
        }
        return canPark;
    }

    private static void serve(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!isDispatchToWait(request)) {
            chain.doFilter(request, response);
            return;
        }
        DiscardableResponse held = new DiscardableResponse(request, response);
        try {
            chain.doFilter(request, held);
        } catch (IOException | ServletException | RuntimeException e) {
            if (!held.isHeldBack()) {
                throw e;
            }
            // It concerns an answer that is not given: the request is served once more, and then it is thrown for good.
            LOG.log(Level.DEBUG, "an answer that is held back has failed", e);
        } finally {
            held.end(request);
            request.removeAttribute(PATH); // Later dispatches are the application's own.
        }
        if (held.isHeldBack()) {
            Waits.of(new ServletExchange(request, response)).ifPresent(waits -> park(waits, request, response));
        }
    }

    /**
     * Lets go of the thread. All answers, also those to whom waits in vain, are given by the dispatch, on a thread of
     * the container.
     */
    private static void park(Waits waits, HttpServletRequest request, HttpServletResponse response) {
        AsyncContext context = request.startAsync(request, response);
        context.setTimeout(0); // The wait is bounded by the line.
        context.addListener(new DisconnectListener(), request, response);
        waits.parked();
        DispatchPath path = DispatchPath.of(request);
        request.setAttribute(PATH, path);
        waits.over().whenComplete((over, failure) -> goOn(context, waits, path));
    }

    /** Not for a client that has gone: nothing is asked for it, and the container ends what it has begun. */
    private static void goOn(AsyncContext context, Waits waits, DispatchPath path) {
        try {
            if (waits.areGivenUp()) {
                return;
            }
            if (waits.isClosed()) {
                answer(context, waits);
            } else {
                path.dispatch(context);
            }
        } catch (IllegalStateException gone) {
            LOG.log(Level.DEBUG, "the client of a request whose turn has come is gone", gone);
            end(context);
        } catch (IOException | RuntimeException | Error e) {
            LOG.log(Level.WARNING, "a request whose turn has come cannot be answered", e);
            end(context);
        }
    }

    /**
     * No container ends a request that waits without a time-out. If the client is still there, the answer is that it
     * was not served.
     */
    private static void end(AsyncContext context) {
        try {
            if (context.getResponse() instanceof HttpServletResponse response && !response.isCommitted()) {
                response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            }
            context.complete();
        } catch (IllegalStateException over) {
            LOG.log(Level.DEBUG, "the request has ended already", over);
        }
    }

    /** An application that is being stopped serves no dispatch any more, not even to a request whose turn has come. */
    private static void answer(AsyncContext context, Waits waits) throws IOException {
        HttpServletRequest request = (HttpServletRequest) context.getRequest();
        HttpServletResponse response = (HttpServletResponse) context.getResponse();
        Optional<Problem> problem = waits.settle(new ServletExchange(request, response));
        if (problem.isEmpty()) {
            response.setHeader("Retry-After", "1");
        }
        ProblemResponse.write(request, response, problem.orElseGet(Problem::stopped));
        context.complete();
    }

    /**
     * Gives up for a client that has gone. It has no state: WildFly looks for a constructor without parameters in every
     * listener that a jar has, and warns if there is none.
     */
    private static final class DisconnectListener implements AsyncListener {

        @Override
        public void onComplete(AsyncEvent event) {
            giveUp(event);
        }

        @Override
        public void onTimeout(AsyncEvent event) {
            giveUp(event);
        }

        @Override
        public void onError(AsyncEvent event) {
            giveUp(event);
        }

        @Override
        public void onStartAsync(AsyncEvent event) {
            // Of a later dispatch: it has come by here, or does not wait.
        }

        private static void giveUp(AsyncEvent event) {
            Exchange exchange = new ServletExchange(
                    (HttpServletRequest) event.getSuppliedRequest(), (HttpServletResponse) event.getSuppliedResponse());
            Waits.of(exchange).ifPresent(Waits::giveUp);
        }
    }
}
