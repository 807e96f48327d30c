package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContext;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What web.xml says, where filters are shown at the start, and later to no listener that was added by code. */
class DeploymentDescriptorTest {

    private final Map<String, Object> attributes = new HashMap<>();
    private boolean showsFilters = true;

    /** As Open Liberty's is to the listener in which CDI starts. */
    private final ServletContext context = as(ServletContext.class, Map.of());

    private <T> T as(Class<T> type, Map<String, String> params) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> switch (method.getName()) {
                    case "getInitParameterNames" -> Collections.emptyEnumeration();
                    case "getFilterRegistrations" -> registrations();
                    case "getAttribute" -> attributes.get(arguments[0]);
                    case "setAttribute" -> attributes.put((String) arguments[0], arguments[1]);
                    case "removeAttribute" -> attributes.remove(arguments[0]);
                    case "getClassName" -> RateLimitFilter.class.getName();
                    case "getName" -> "limit";
                    case "getInitParameters" -> params;
                    default -> throw new AssertionError(method);
                }));
    }

    private Map<String, FilterRegistration> registrations() {
        if (!showsFilters) {
            throw new UnsupportedOperationException("SRVE9002E");
        }
        Map<String, String> params = Map.of("policy", "search", "limit", "5");
        return Map.of("limit", as(FilterRegistration.class, params));
    }

    @Test
    void read_filtersAreNotShown_thoseOfTheStartCount() {
        DeploymentDescriptor.rememberFilters(context);
        showsFilters = false;

        assertThat(DeploymentDescriptor.read(context)).isEqualTo(Map.of("weir.policy.search.limit", "5"));
    }

    @Test
    void read_filtersWereNeverShown_isAnError() {
        showsFilters = false;

        assertThatThrownBy(() -> DeploymentDescriptor.read(context)).isInstanceOf(UnsupportedOperationException.class);
    }

    @Test
    void forget_leavesNothing() {
        DeploymentDescriptor.rememberFilters(context);
        DeploymentDescriptor.forgetFilters(context);

        assertThat(attributes).isEmpty();
    }
}
