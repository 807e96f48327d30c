package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.servlet.ServletContext;
import jakarta.ws.rs.container.ResourceContext;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.ext.ExceptionMapper;
import java.lang.reflect.Proxy;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.glassfish.jersey.internal.inject.AbstractBinder;
import org.glassfish.jersey.server.ApplicationHandler;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.servlet.ServletContainer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** JAX-RS that says only by a request that it is in a servlet container, as RESTEasy on Undertow does. */
class ResourcePlaceTest {

    @TempDir
    private Path classes;

    @Test
    void servletRequest_whereNoServletContainerWasKnown_isRefused() throws Exception {
        Path settings = Files.createDirectories(classes.resolve("META-INF"));
        Files.writeString(settings.resolve("microprofile-config.properties"), """
                weir.client-id=header:X-API-Key
                weir.policy.three.limit=3
                weir.policy.ten.limit=10
                """);
        ServletContainer jersey = new ServletContainer(
                new ResourceConfig(Resources.OnClass.class, Reason.class).register(new NoContext()));
        try (URLClassLoader loader = new URLClassLoader(
                        new URL[] {classes.toUri().toURL()}, getClass().getClassLoader());
                WebServer server = WebServer.start(application(loader, jersey))) {
            HttpResponse<String> answer = server.get("/class/method", "X-API-Key", "alice");

            assertThat(answer.statusCode()).isEqualTo(500);
            assertThat(answer.body()).contains("RateLimitsListener must be a listener of the web application");
            closeLimiter(loader, jersey.getApplicationHandler());
        }
    }

    private static ServletContextHandler application(ClassLoader loader, ServletContainer jersey) {
        ServletContextHandler application = new ServletContextHandler();
        application.setClassLoader(loader);
        application.addServlet(new ServletHolder(jersey), "/*");
        return application;
    }

    private static void closeLimiter(ClassLoader application, ApplicationHandler jersey) {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(application);
        try {
            ResourceContext injector = jersey.getInjectionManager().getInstance(ResourceContext.class);
            RateLimitFeature.limits(jersey.getConfiguration(), injector).close();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /** Answers what the log says otherwise. */
    public static final class Reason implements ExceptionMapper<IllegalStateException> {

        @Override
        public Response toResponse(IllegalStateException failure) {
            return Response.serverError().entity(failure.getMessage()).build();
        }
    }

    /** Takes the place of the context that Jersey knows. */
    private static final class NoContext extends AbstractBinder {

        @Override
        protected void configure() {
            bind(contextOfNothing()).to(ServletContext.class).ranked(1);
        }

        private static ServletContext contextOfNothing() {
            return (ServletContext) Proxy.newProxyInstance(
                    ServletContext.class.getClassLoader(),
                    new Class<?>[] {ServletContext.class},
                    (proxy, method, arguments) -> {
                        throw new IllegalStateException("there is no context at hand");
                    });
        }
    }
}
