package dev.weir.filter;

import dev.weir.annotation.RateLimited;
import jakarta.servlet.Filter;
import jakarta.servlet.Servlet;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRegistration;
import jakarta.servlet.ServletRequestEvent;
import jakarta.servlet.ServletRequestListener;
import jakarta.servlet.http.HttpServletRequest;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The types of a web application on which {@link RateLimited} stands, as the container has found them. An annotation
 * that nothing reads limits nothing: where that is sure, the application does not start; where only requests show it,
 * the first one to a servlet of JAX-RS is followed by an error in the log. JAX-RS that runs as a filter, or by a
 * servlet of the server's own, is not seen. On any other class it is a warning at the start: what reads it there is not
 * known yet. Thread-safe.
 */
final class LimitedTypes implements ServletRequestListener {

    private static final Logger LOG = System.getLogger(LimitedTypes.class.getName());

    /** Marks a web application that has been given one: in a WAR, the starter for Spring Boot names types once more. */
    private static final String KNOWN = "dev.weir.filter.limitedTypes";

    private static final String PATH = "jakarta.ws.rs.Path";
    private static final String HTTP_METHOD = "jakarta.ws.rs.HttpMethod";

    /** Reads what stands on controllers, and reports by itself what it does not read. */
    private static final String STARTER = "dev.weir.spring.MvcConfiguration";

    /** The packages of servlets that serve resources. */
    private static final List<String> JAX_RS =
            List.of("org.apache.cxf.", "org.glassfish.jersey.", "org.jboss.resteasy.");

    private final List<Class<?>> resources;
    private volatile boolean isDone;

    private LimitedTypes(List<Class<?>> resources) {
        this.resources = resources;
    }

    /** @throws ServletException if the annotation stands on a servlet or a filter */
    static void check(Set<Class<?>> types, ServletContext context) throws ServletException {
        List<Class<?>> concrete = types.stream()
                .filter(type -> !Modifier.isAbstract(type.getModifiers()))
                .toList();
        List<Class<?>> servlets = concrete.stream()
                .filter(type -> Servlet.class.isAssignableFrom(type) || Filter.class.isAssignableFrom(type))
                .toList();
        if (!servlets.isEmpty()) {
            throw new ServletException("@RateLimited on %s limits nothing: it is read on resources of JAX-RS and on"
                            .formatted(names(servlets))
                    + " controllers of Spring. For a servlet, map RateLimitFilter to its URLs");
        }
        if (!isThere(STARTER, context.getClassLoader())) {
            warn(concrete.stream().filter(LimitedTypes::isUnread).toList());
        }
        List<Class<?>> resources =
                types.stream().filter(LimitedTypes::isResource).toList();
        if (!resources.isEmpty() && context.getAttribute(KNOWN) == null) {
            context.setAttribute(KNOWN, true);
            context.addListener(new LimitedTypes(resources));
        }
    }

    private static void warn(Collection<Class<?>> unread) {
        if (!unread.isEmpty()) {
            LOG.log(
                    Level.WARNING,
                    "@RateLimited on {0} limits nothing, unless the application asks MethodGate: it is read on resources"
                            + " of JAX-RS and, with weir-spring-boot-starter, on controllers of Spring MVC. For other"
                            + " classes, map RateLimitFilter to their URLs",
                    names(unread));
        }
    }

    private static boolean isThere(String type, ClassLoader loader) {
        try {
            Class.forName(type, false, loader);
            return true;
        } catch (ClassNotFoundException | LinkageError absent) {
            return false;
        }
    }

    /** By the annotation's name: JAX-RS need not be there. */
    private static boolean isResource(Class<?> type) {
        try {
            return Hierarchy.of(type).stream().anyMatch(each -> carries(each, PATH));
        } catch (LinkageError | TypeNotPresentException | ArrayStoreException e) {
            return false; // A class that its annotations need is not there: what needs it reports it.
        }
    }

    /** A class that a locator returns is a resource too, by its methods. */
    private static boolean isUnread(Class<?> type) {
        try {
            return Hierarchy.of(type).stream().noneMatch(LimitedTypes::isOfJaxRs);
        } catch (LinkageError | TypeNotPresentException | ArrayStoreException e) {
            return false; // As above.
        }
    }

    private static boolean isOfJaxRs(Class<?> type) {
        return carries(type, PATH) || Arrays.stream(type.getDeclaredMethods()).anyMatch(LimitedTypes::isOfResource);
    }

    private static boolean isOfResource(Method method) {
        return carries(method, PATH)
                || Arrays.stream(method.getAnnotations())
                        .anyMatch(annotation -> carries(annotation.annotationType(), HTTP_METHOD));
    }

    private static boolean carries(AnnotatedElement element, String type) {
        return Arrays.stream(element.getAnnotations())
                .anyMatch(annotation -> annotation.annotationType().getName().equals(type));
    }

    private static String names(Collection<Class<?>> types) {
        return types.stream().map(Class::getName).sorted().collect(Collectors.joining(", "));
    }

    @Override
    public void requestDestroyed(ServletRequestEvent event) {
        if (!isDone && event.getServletRequest() instanceof HttpServletRequest request && isForResources(request)) {
            isDone = true;
            if (resources.stream().noneMatch(FeatureUse::isAsked)) {
                LOG.log(
                        Level.ERROR,
                        "requests are not limited: @RateLimited is on {0}, but JAX-RS has not asked RateLimitFeature."
                                + " Register dev.weir.filter.RateLimitFeature with JAX-RS",
                        names(resources));
            }
        }
    }

    private static boolean isForResources(HttpServletRequest request) {
        String name = request.getHttpServletMapping().getServletName();
        ServletRegistration servlet =
                name == null ? null : request.getServletContext().getServletRegistration(name);
        String type = servlet == null ? null : servlet.getClassName();
        return type != null && JAX_RS.stream().anyMatch(type::startsWith);
    }
}
