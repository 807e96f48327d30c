package dev.weir.filter.admin;

import dev.weir.filter.RateLimits;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The admin resource for a servlet, as {@link AdminFeature} is for JAX-RS: the same paths, the same guard. It needs no
 * JAX-RS. Thread-safe.
 *
 * <pre>{@code
 * AdminDoor door = new AdminDoor(RateLimits.of(getServletContext()));
 * ...
 * if (door.admits(request, response)) {
 *     door.answer(List.of("policies"), request, response);
 * }
 * }</pre>
 */
public final class AdminDoor {

    private final AdminRoutes routes;

    /**
     * A door to the limits of an application.
     *
     * @throws IllegalStateException if its configuration has neither {@code weir.admin.token} nor
     *     {@code weir.admin.role}: the door must not be open to every client
     */
    public AdminDoor(RateLimits limits) {
        routes = new AdminRoutes(limits);
    }

    /**
     * Whether a request sends the token, or comes from a user who has the role. If not, it is answered: with 401 where
     * there is a token, with 429 if too many wrong ones have come from its address, and otherwise with 403.
     *
     * @throws IOException if the answer cannot be written
     */
    public boolean admits(HttpServletRequest request, HttpServletResponse response) throws IOException {
        AdminAnswer refusal = routes.guard().refusal(new Call(request)).orElse(null);
        if (refusal != null) {
            write(refusal, request, response);
        }
        return refusal == null;
    }

    /**
     * Whether it is the token that lets a request pass, and not a role. A browser sends that for no page of another
     * site, as it does a cookie.
     */
    public boolean passesByToken(HttpServletRequest request) {
        return routes.guard().passesByToken(new Call(request));
    }

    /**
     * Answers a request, be it that the door does not admit it, or that there is no such path.
     *
     * @param path the decoded segments of the path below the admin resource, for instance {@code policies}
     * @throws IOException if the answer cannot be written
     */
    public void answer(List<String> path, HttpServletRequest request, HttpServletResponse response) throws IOException {
        write(
                routes.answer(path, new Call(request))
                        .orElseGet(() -> AdminProblem.of(AdminStatus.NOT_FOUND, "there is no such resource")),
                request,
                response);
    }

    private static void write(AdminAnswer answer, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        response.setStatus(answer.status().code());
        answer.fields().forEach(response::setHeader);
        if (!answer.location().isEmpty()) {
            // Relative to the request: what is before this servlet in the URL, a proxy may have changed.
            response.setHeader("Location", (request.getRequestURI().endsWith("/") ? "../" : "") + answer.location());
        }
        if (answer.body().length > 0) {
            response.getOutputStream().write(answer.body());
        }
    }

    private record Call(HttpServletRequest request) implements AdminCall {

        @Override
        public String method() {
            return request.getMethod();
        }

        @Override
        public @Nullable String field(String name) {
            return request.getHeader(name);
        }

        /** A container that does not report headers has none. */
        @Override
        public List<String> fields(String name) {
            Enumeration<String> lines = request.getHeaders(name);
            return lines == null ? List.of() : Collections.list(lines);
        }

        @Override
        public Optional<String> peer() {
            return Optional.ofNullable(request.getRemoteAddr());
        }

        @Override
        public @Nullable String query(String name) {
            return request.getParameter(name);
        }

        @Override
        public boolean hasRole(String role) {
            return request.isUserInRole(role);
        }

        @Override
        public boolean bringsJson() {
            return request.getContentType() == null || isJson(request.getContentType());
        }

        @Override
        public boolean takesJson() {
            String accepted = request.getHeader("Accept");
            return accepted == null || Stream.of(accepted.split(",")).anyMatch(Call::isJson);
        }

        /** Whether a media type, or a range of them, includes JSON. */
        private static boolean isJson(String type) {
            String bare = type.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
            return List.of("application/json", "application/*", "*/*").contains(bare);
        }

        @Override
        public InputStream body() throws IOException {
            return request.getInputStream();
        }
    }
}
