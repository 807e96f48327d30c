package dev.weir.sample.dashboard;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.eclipse.jetty.ee10.servlets.EventSource;
import org.eclipse.jetty.ee10.servlets.EventSourceServlet;

/** {@code GET /events}: what is shown live, as server-sent events. */
public class EventsServlet extends EventSourceServlet {

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        if (events(request).isFull()) {
            response.sendError(
                    HttpServletResponse.SC_SERVICE_UNAVAILABLE,
                    "At most %d pages can be open at a time".formatted(EventStream.MOST));
            return;
        }
        response.setHeader("Cache-Control", "no-store");
        super.doGet(request, response);
    }

    @Override
    protected EventSource newEventSource(HttpServletRequest request) {
        return events(request).page();
    }

    private static EventStream events(HttpServletRequest request) {
        return Dashboard.of(request.getServletContext()).events();
    }
}
