package dev.weir.dashboard;

import dev.weir.filter.RateLimits;
import dev.weir.filter.admin.AdminDoor;
import dev.weir.filter.admin.JsonWriter;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Shows administrators what the limiter of the application decides, live, and the limits that were set at run time.
 *
 * <pre>{@code
 * <servlet>
 *   <servlet-name>weir</servlet-name>
 *   <servlet-class>dev.weir.dashboard.DashboardServlet</servlet-class>
 *   <load-on-startup>1</load-on-startup>
 *   <async-supported>true</async-supported>
 * </servlet>
 * <servlet-mapping><servlet-name>weir</servlet-name><url-pattern>/weir/*</url-pattern></servlet-mapping>
 * }</pre>
 *
 * <p>The page and its scripts hold no data, and are for any client. For everything else the guard of the admin resource
 * holds: a request must send {@code weir.admin.token} as a bearer token, or its user must have {@code weir.admin.role}
 * in the container. With neither in the configuration the servlet does not start. The page asks for the token, keeps it
 * in the tab's {@code sessionStorage}, and never puts it into a URL.
 *
 * <p>The admin resource is at {@code admin/} below the servlet, as {@link AdminDoor} has it. It only shows, unless the
 * init-param {@code changes} is {@code true}. What the page counts begins with the servlet: with
 * {@code load-on-startup}, with the application. Thread-safe.
 */
public final class DashboardServlet extends HttpServlet {

    private static final long serialVersionUID = 1;

    private static final String CHANGES = "changes";
    private static final String ADMIN = "/admin/";
    private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");

    private transient @Nullable Dashboard dashboard;
    private transient @Nullable AdminDoor door;
    private boolean changes;

    /** For the container. */
    public DashboardServlet() {}

    /** @throws ServletException if an init-param is wrong, or the configuration has neither a token nor a role */
    @Override
    public void init() throws ServletException {
        try {
            changes = changes();
            RateLimits limits = RateLimits.of(getServletContext());
            door = new AdminDoor(limits);
            dashboard = Dashboard.of(limits);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new ServletException("servlet %s: %s".formatted(getServletName(), e.getMessage()), e);
        }
    }

    private boolean changes() {
        for (String name : Collections.list(getInitParameterNames())) {
            if (!name.equals(CHANGES)) {
                throw new IllegalArgumentException("unknown init-param '%s'; known are [%s]".formatted(name, CHANGES));
            }
        }
        String value = Optional.ofNullable(getInitParameter(CHANGES)).orElse("false");
        if (!value.equals("true") && !value.equals("false")) {
            throw new IllegalArgumentException(
                    "init-param '%s' must be true or false, but is '%s'".formatted(CHANGES, value));
        }
        return value.equals("true");
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        PageFiles.FIELDS.forEach(response::setHeader);
        Dashboard shown = dashboard;
        AdminDoor guard = door;
        String path = request.getPathInfo();
        if (shown == null || guard == null) {
            Problems.send(response, 503, "the dashboard has ended");
        } else if (path == null) {
            redirect(request, response);
        } else if (path.startsWith(ADMIN)) {
            administer(guard, path.substring(ADMIN.length()), request, response);
        } else if (!request.getMethod().equals("GET")) {
            response.setHeader("Allow", "GET");
            Problems.send(response, 405, "allowed is GET");
        } else {
            show(shown, guard, path, request, response);
        }
    }

    /** What the page refers to is beside it. The new location is relative: what is before it, a proxy may have changed. */
    private static void redirect(HttpServletRequest request, HttpServletResponse response) {
        String servlet = request.getServletPath();
        response.setStatus(HttpServletResponse.SC_FOUND);
        response.setHeader("Location", servlet.substring(servlet.lastIndexOf('/') + 1) + "/");
    }

    private void administer(AdminDoor guard, String path, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        if (!guard.admits(request, response)) {
            return;
        }
        if (!READING.contains(request.getMethod())) {
            if (!changes) {
                Problems.send(response, 403, "this dashboard is read-only: its init-param 'changes' is not true");
                return;
            }
            if (!guard.passesByToken(request) && OtherSites.sent(request)) {
                Problems.send(response, 403, "changes come from the page itself, and from no other site");
                return;
            }
        }
        guard.answer(List.of(path.split("/")), request, response);
    }

    private void show(
            Dashboard shown, AdminDoor guard, String path, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        switch (path) {
            case "/overview" -> {
                if (guard.admits(request, response)) {
                    Map<String, Object> overview = shown.overview();
                    overview.put("admin", changes ? "change" : "read");
                    send(overview, response);
                }
            }
            case "/activity" -> {
                if (guard.admits(request, response)) {
                    send(shown.snapshot(), response);
                }
            }
            case "/events" -> {
                if (guard.admits(request, response)) {
                    shown.events(request, response);
                }
            }
            default -> sendFile(path.equals("/") ? PageFiles.PAGE : path.substring(1), response);
        }
    }

    private static void send(Object json, HttpServletResponse response) throws IOException {
        response.setContentType("application/json");
        response.getOutputStream().write(JsonWriter.bytes(json));
    }

    private static void sendFile(String name, HttpServletResponse response) throws IOException {
        Optional<byte[]> file = PageFiles.find(name);
        if (file.isEmpty()) {
            Problems.send(response, 404, "there is no such file");
            return;
        }
        response.setContentType(PageFiles.type(name));
        response.getOutputStream().write(file.get());
    }

    @Override
    public void destroy() {
        if (dashboard != null) {
            dashboard.close();
        }
    }
}
