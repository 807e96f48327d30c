package dev.weir.filter.admin;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * A path of the admin resource, and what requests to it do.
 *
 * @param segments the path below {@code admin}; a segment in braces is a parameter
 * @param actions by HTTP method
 */
record AdminRoute(List<String> segments, Map<String, Function<AdminRequest, AdminAnswer>> actions) {

    AdminRoute {
        segments = List.copyOf(segments);
        actions = Map.copyOf(actions);
    }

    static AdminRoute to(String path) {
        return new AdminRoute(List.of(path.split("/")), Map.of());
    }

    AdminRoute on(String method, Function<AdminRequest, AdminAnswer> action) {
        Map<String, Function<AdminRequest, AdminAnswer>> more = new HashMap<>(actions);
        more.put(method, action);
        return new AdminRoute(segments, more);
    }

    /** The parameters in a path, if this is its route. */
    Optional<Map<String, String>> match(List<String> path) {
        if (path.size() != segments.size()) {
            return Optional.empty();
        }
        Map<String, String> parameters = new HashMap<>();
        for (int i = 0; i < path.size(); i++) {
            String segment = segments.get(i);
            if (segment.startsWith("{")) {
                parameters.put(segment.substring(1, segment.length() - 1), path.get(i));
            } else if (!segment.equals(path.get(i))) {
                return Optional.empty();
            }
        }
        return Optional.of(parameters);
    }

    /** What an HTTP method does here; HEAD does what GET does. */
    Optional<Function<AdminRequest, AdminAnswer>> action(String method) {
        return Optional.ofNullable(actions.get(method.equals("HEAD") ? "GET" : method));
    }

    /** The methods that this path takes, as the field {@code Allow} lists them. */
    String allowed() {
        TreeSet<String> methods = new TreeSet<>(actions.keySet());
        methods.add("OPTIONS");
        if (methods.contains("GET")) {
            methods.add("HEAD");
        }
        return String.join(",", methods);
    }
}
