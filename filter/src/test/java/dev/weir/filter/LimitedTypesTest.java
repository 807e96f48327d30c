package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.Compiled;
import dev.weir.annotation.RateLimited;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.ws.rs.GET;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.server.ServerProperties;
import org.glassfish.jersey.servlet.ServletContainer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@link RateLimited} where nothing reads it: on a servlet, on another class, on Jersey that looks for no feature. */
class LimitedTypesTest {

    private static final String RESOURCE = """
            package com.example;

            import dev.weir.annotation.RateLimited;
            import jakarta.ws.rs.GET;
            import jakarta.ws.rs.Path;

            @Path("api")
            public class Search {
                @GET
                %s
                public String search() { return "found"; }
            }
            """;

    @TempDir
    private Path classes;

    private final Logged logged = new Logged();

    @AfterEach
    void endLogging() {
        logged.close();
    }

    @Test
    void resource_featureIsNotRegistered_isAnErrorAfterItsFirstRequest_once() throws Exception {
        serveTwice("@RateLimited(policy = \"search\")", new ResourceConfig());

        assertThat(logged.lines())
                .filteredOn(line -> line.contains("RateLimited"))
                .singleElement()
                .asString()
                .contains("SEVERE", "not limited", "com.example.Search", "Register dev.weir.filter.RateLimitFeature");
    }

    @Test
    void resource_featureIsRegistered_isNone() throws Exception {
        serveTwice("@RateLimited(policy = \"search\")", new ResourceConfig(RateLimitFeature.class));

        assertThat(logged.count("@RateLimited")).isZero();
    }

    /** It knows of resources without the annotation as well. */
    @Test
    void otherResource_featureIsRegistered_isNone() throws Exception {
        serveTwice("", new ResourceConfig(RateLimitFeature.class));

        assertThat(logged.count("@RateLimited")).isZero();
    }

    private void serveTwice(String annotation, ResourceConfig jersey) throws Exception {
        try (URLClassLoader loader = Compiled.in(classes, "Search", RESOURCE.formatted(annotation));
                RateLimits limits = RateLimits.from(Configs.of("weir.policy.search.limit=5"))) {
            Class<?> resource = loader.loadClass("com.example.Search");
            ServletContextHandler application = new ServletContextHandler();
            application.setClassLoader(loader);
            application.addServletContainerInitializer(new RateLimitsListener(), resource);
            // In a WAR with the starter for Spring Boot, the starter says it once more.
            application.addServletContainerInitializer(new RateLimitsListener(), resource);
            application.getServletContext().setAttribute(RateLimits.ATTRIBUTE, limits);
            jersey.register(resource).addProperties(Map.of(ServerProperties.METAINF_SERVICES_LOOKUP_DISABLE, true));
            application.addServlet(new ServletHolder(new ServletContainer(jersey)), "/*");
            try (WebServer server = WebServer.start(application)) {
                assertThat(server.status("/nothing")).isEqualTo(404);
                assertThat(server.status("/api")).isEqualTo(200);
                assertThat(server.status("/api")).isEqualTo(200);
            }
        }
    }

    @RateLimited(policy = "search")
    static class LimitedServlet extends HttpServlet {}

    @Test
    void servlet_failsTheDeployment() {
        ServletContextHandler application = new ServletContextHandler();
        application.addServletContainerInitializer(new RateLimitsListener(), LimitedServlet.class);

        assertThatThrownBy(() -> WebServer.start(application))
                .isInstanceOf(ServletException.class)
                .hasMessageContainingAll(LimitedServlet.class.getName(), "map RateLimitFilter");
    }

    @RateLimited(policy = "search")
    static class Controller {}

    @RateLimited(policy = "search")
    interface Api {}

    @RateLimited(policy = "search")
    abstract static class Base {}

    /** A locator returns one. */
    static class SubResource {
        @GET
        @RateLimited(policy = "search")
        public String read() {
            return "read";
        }
    }

    @Test
    void classThatNothingReads_isLoggedAtTheStart() throws Exception {
        start(getClass().getClassLoader(), Controller.class, Api.class, Base.class, SubResource.class);

        assertThat(logged.lines())
                .filteredOn(line -> line.contains("@RateLimited"))
                .singleElement()
                .asString()
                .contains("WARNING", "@RateLimited on " + Controller.class.getName() + " ", "weir-spring-boot-starter");
    }

    @Test
    void classThatTheStarterReads_isNotLogged() throws Exception {
        try (URLClassLoader starter =
                Compiled.in(classes, "MvcConfiguration", "package dev.weir.spring; public class MvcConfiguration {}")) {
            start(starter, Controller.class);
        }

        assertThat(logged.count("@RateLimited")).isZero();
    }

    private static void start(ClassLoader loader, Class<?>... types) throws Exception {
        ServletContextHandler application = new ServletContextHandler();
        application.setClassLoader(loader);
        application.addServletContainerInitializer(new RateLimitsListener(), types);
        WebServer.start(application).close();
    }
}
