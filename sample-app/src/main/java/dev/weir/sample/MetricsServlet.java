package dev.weir.sample;

import io.smallrye.metrics.MetricsRequestHandler;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.stream.Stream;

/** Everything that SmallRye Metrics has registered, as Prometheus text. */
public class MetricsServlet extends HttpServlet {

    private final MetricsRequestHandler metrics = new MetricsRequestHandler();

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        metrics.handleRequest(
                request.getRequestURI(),
                request.getMethod(),
                Stream.of("text/plain"), // Whatever is accepted: there is no other form, and a refusal would be logged.
                request.getParameterMap(),
                (status, body, headers) -> {
                    response.setStatus(status);
                    headers.forEach(response::setHeader);
                    response.getWriter().write(body);
                });
    }
}
