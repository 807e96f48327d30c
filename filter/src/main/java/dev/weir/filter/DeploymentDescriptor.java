package dev.weir.filter;

import dev.weir.filter.config.DescriptorSource;
import jakarta.servlet.ServletContext;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a web application says of its limits in web.xml, by keys of configuration: its context-params that begin with
 * {@code weir.}, and the policies that stand whole in the init-params of its filters ({@link PolicyParam}).
 */
final class DeploymentDescriptor {

    private static final String PREFIX = "weir.";

    /** Holds the filters, as the container shows them at its start. */
    private static final String FILTERS = DeploymentDescriptor.class.getName() + ".filters";

    /** A filter of Weir's. */
    private record Filter(String name, Map<String, String> params) {}

    /** A value, and the place that gives it. */
    private record Given(String value, String where) {}

    private final Map<String, Given> given = new TreeMap<>();

    private DeploymentDescriptor() {}

    /**
     * Remembers the filters: a container need not show them to a listener that was added by code (section 4.4 of the
     * Servlet specification), and Open Liberty starts the beans of an application from such a listener. What other
     * initializers add later is not among them.
     */
    static void rememberFilters(ServletContext context) {
        context.setAttribute(FILTERS, filters(context));
    }

    static void forgetFilters(ServletContext context) {
        context.removeAttribute(FILTERS);
    }

    private static List<Filter> filters(ServletContext context) {
        return context.getFilterRegistrations().values().stream()
                .filter(registration -> RateLimitFilter.class.getName().equals(registration.getClassName()))
                .map(registration ->
                        new Filter(registration.getName(), new TreeMap<>(registration.getInitParameters())))
                .toList();
    }

    private static List<Filter> shownOrRemembered(ServletContext context) {
        try {
            return filters(context);
        } catch (UnsupportedOperationException notShown) {
            if (context.getAttribute(FILTERS) instanceof List<?> remembered) {
                return remembered.stream().map(Filter.class::cast).toList();
            }
            throw notShown;
        }
    }

    /**
     * Reads the descriptor of an application, for {@link DescriptorSource}.
     *
     * @return what it says, by key
     * @throws IllegalArgumentException if it says two things of one key
     */
    static Map<String, String> read(ServletContext context) {
        DeploymentDescriptor descriptor = new DeploymentDescriptor();
        for (String name : Collections.list(context.getInitParameterNames())) {
            if (name.startsWith(PREFIX)) {
                descriptor.add(name, context.getInitParameter(name), "context-param '%s'".formatted(name));
            }
        }
        shownOrRemembered(context).forEach(descriptor::addPolicy);
        Map<String, String> values = new TreeMap<>();
        descriptor.given.forEach((key, said) -> values.put(key, said.value()));
        return values;
    }

    private void addPolicy(Filter filter) {
        Map<String, String> params = filter.params();
        for (PolicyParam param : PolicyParam.values()) {
            String value = params.get(param.param());
            if (value != null) {
                add(
                        param.key(PolicyParam.policy(params::get)),
                        value,
                        "filter '%s', init-param '%s'".formatted(filter.name(), param.param()));
            }
        }
    }

    private void add(String key, String value, String where) {
        Given next = new Given(value.strip(), where);
        Given other = given.putIfAbsent(key, next);
        if (other != null && !other.value().equals(next.value())) {
            throw new IllegalArgumentException("%s is '%s' by %s, and '%s' by %s"
                    .formatted(key, other.value(), other.where(), next.value(), next.where()));
        }
    }
}
