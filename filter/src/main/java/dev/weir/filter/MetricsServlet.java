package dev.weir.filter;

import dev.weir.filter.metrics.PrometheusText;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * Shows all metrics of the application to Prometheus, where nothing else does: those of Weir, and all others in the
 * same registry. It is for Micrometer and for SmallRye Metrics. A server or framework with a {@code /metrics} of its
 * own does not need it, and OpenTelemetry has exporters. Thread-safe.
 *
 * <pre>{@code
 * <servlet>
 *   <servlet-name>metrics</servlet-name>
 *   <servlet-class>dev.weir.filter.MetricsServlet</servlet-class>
 *   <load-on-startup>1</load-on-startup>
 * </servlet>
 * <servlet-mapping><servlet-name>metrics</servlet-name><url-pattern>/metrics</url-pattern></servlet-mapping>
 * }</pre>
 *
 * <p>With {@code load-on-startup} it refuses to start, rather than to answer, if jars are missing; and what is counted
 * before the first scrape is shown too.
 */
public final class MetricsServlet extends HttpServlet {

    private static final long serialVersionUID = 1;

    private transient @Nullable PrometheusText metrics;

    /** For the container. */
    public MetricsServlet() {}

    /** @throws ServletException if there is nothing that can be shown; its message names the jars to add */
    @Override
    public void init() throws ServletException {
        try {
            metrics = PrometheusText.of(getServletContext().getAttribute(RateLimits.METRICS_ATTRIBUTE));
        } catch (IllegalStateException e) {
            throw new ServletException(e.getMessage(), e);
        }
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        PrometheusText shown = metrics;
        if (shown == null) {
            response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            return;
        }
        response.setContentType(PrometheusText.CONTENT_TYPE);
        response.getWriter().write(shown.render());
    }

    @Override
    public void destroy() {
        if (metrics != null) {
            metrics.close();
        }
    }
}
