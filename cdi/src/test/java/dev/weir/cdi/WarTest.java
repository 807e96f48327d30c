package dev.weir.cdi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.annotation.RateLimited;
import dev.weir.filter.RateLimits;
import dev.weir.memory.MemoryStore;
import dev.weir.store.LimiterListener;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Application;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.redisson.api.RedissonClient;

/** A WAR on Tomcat and Weld: what is injected is what the filter and the resources use. */
class WarTest {

    private static final String SETTINGS = """
            weir.policy.search.limit=2
            weir.policy.search.period=1h
            """;

    /** The system property that says that a client of Redis was used. */
    private static final String CLIENT_USED = "dev.weir.cdi.clientUsed";

    private static final String WEB_XML = """
            <web-app xmlns="https://jakarta.ee/xml/ns/jakartaee" version="6.0">
              %s
              <filter>
                <filter-name>rate-limit</filter-name>
                <filter-class>dev.weir.filter.RateLimitFilter</filter-class>
                <async-supported>true</async-supported>
                <init-param><param-name>policy</param-name><param-value>search</param-value></init-param>
              </filter>
              <filter-mapping>
                <filter-name>rate-limit</filter-name><url-pattern>/search/*</url-pattern>
              </filter-mapping>
              <servlet>
                <servlet-name>injected</servlet-name>
                <servlet-class>dev.weir.cdi.WarTest$InjectedServlet</servlet-class>
                <async-supported>true</async-supported>
              </servlet>
              <servlet-mapping><servlet-name>injected</servlet-name><url-pattern>/*</url-pattern></servlet-mapping>
              <servlet>
                <servlet-name>api</servlet-name>
                <servlet-class>org.glassfish.jersey.servlet.ServletContainer</servlet-class>
                <init-param>
                  <param-name>jakarta.ws.rs.Application</param-name>
                  <param-value>dev.weir.cdi.WarTest$Api</param-value>
                </init-param>
                <async-supported>true</async-supported>
              </servlet>
              <servlet-mapping><servlet-name>api</servlet-name><url-pattern>/api/*</url-pattern></servlet-mapping>
            </web-app>
            """;

    @TempDir
    private java.nio.file.Path directory;

    /** Says whether the injected limiter is the context's, and how many decisions the listener bean has seen. */
    public static final class InjectedServlet extends HttpServlet {

        @Inject
        private RateLimits limits;

        @Inject
        private Counting counting;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            boolean same = limits == RateLimits.of(getServletContext());
            response.getWriter().print("same=%s decisions=%d".formatted(same, counting.decisions()));
        }
    }

    /** A bean of the application. */
    @ApplicationScoped
    public static class Counting implements LimiterListener {

        private final AtomicInteger decisions = new AtomicInteger();

        int decisions() {
            return decisions.get();
        }

        @Override
        public void onDecision(dev.weir.limit.Decision decision, long cost) {
            decisions.incrementAndGet();
        }
    }

    /** The application's resources. */
    public static final class Api extends Application {

        @Override
        public Set<Class<?>> getClasses() {
            return Set.of(Search.class);
        }
    }

    /** A limited resource. */
    @Path("search")
    public static final class Search {

        @GET
        @RateLimited(policy = "search")
        public String search() {
            return "found";
        }
    }

    /** A bean that names a policy that is not there. */
    @ApplicationScoped
    public static class Wrong {

        @Inject
        @PolicyName("serach")
        private dev.weir.RateLimiter limiter;
    }

    /** A servlet whose annotations nothing reads. The compiler puts them into one of another type. */
    @RateLimited(policy = "search")
    @RateLimited(policy = "orders")
    public static final class TwiceLimitedServlet extends HttpServlet {}

    /** Hands in a store by an attribute, which a bean's limiter does not read. */
    public static final class StoreInAttribute implements ServletContextListener {

        @Override
        public void contextInitialized(ServletContextEvent event) {
            event.getServletContext().setAttribute(RateLimits.STORE_ATTRIBUTE, new MemoryStore());
        }
    }

    /** A client that is not to be used. It says so where the test sees it, which has another class loader. */
    @ApplicationScoped
    public static class UnusedClient {

        @Produces
        @Singleton
        RedissonClient client() {
            return (RedissonClient) Proxy.newProxyInstance(
                    RedissonClient.class.getClassLoader(),
                    new Class<?>[] {RedissonClient.class},
                    (proxy, method, arguments) -> {
                        System.setProperty(CLIENT_USED, method.getName());
                        throw new UnsupportedOperationException(method.getName());
                    });
        }
    }

    private War start(String listener, Class<?>... more) throws Exception {
        List<Class<?>> types = new ArrayList<>(List.of(more));
        // A nested class is nothing without the one around it.
        types.addAll(List.of(WarTest.class, InjectedServlet.class, Counting.class, Api.class, Search.class));
        return new War(directory, WEB_XML.formatted(listener), SETTINGS, types);
    }

    private static long following() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("weir-config"))
                .count();
    }

    @Test
    void filterAndResources_haveTheLimiterThatIsInjected_andItEndsWithTheApplication() throws Exception {
        try (War war = start("")) {
            assertThat(war.isStarted()).isTrue();
            assertThat(war.get("/").body()).isEqualTo("same=true decisions=0");

            assertThat(war.get("/search/a").body()).isEqualTo("same=true decisions=1");
            assertThat(war.get("/api/search").body()).isEqualTo("found");
            HttpResponse<String> third = war.get("/api/search");
            assertThat(third.statusCode()).isEqualTo(429);
            assertThat(third.headers().firstValue("RateLimit"))
                    .hasValueSatisfying(field -> assertThat(field).startsWith("\"search\";r=0"));
            assertThat(war.get("/search/a").statusCode()).isEqualTo(429);
            assertThat(war.get("/").body()).isEqualTo("same=true decisions=4");
            assertThat(following()).isEqualTo(1);
        }

        assertThat(following()).isZero();
    }

    @Test
    void policyThatIsNotThere_applicationDoesNotStart_andSaysWhereItIsNamed() {
        assertThatThrownBy(() -> start("", Wrong.class).close())
                .hasStackTraceContaining(
                        "@PolicyName on dev.weir.cdi.WarTest$Wrong.limiter: there is no policy 'serach'");
        assertThat(following()).isZero();
    }

    @Test
    void contextParam_isReadThoughTheLimiterIsABean() throws Exception {
        String one = "<context-param><param-name>weir.policy.search.limit</param-name>"
                + "<param-value>1</param-value></context-param>";
        try (War war = start(one)) {
            assertThat(war.get("/search/a").statusCode()).isEqualTo(200);
            assertThat(war.get("/search/a").statusCode()).isEqualTo(429);
        }
    }

    @Test
    void clientBean_contextParamNamesTheMemoryStore_isNotUsed() throws Exception {
        String memory = "<context-param><param-name>weir.store</param-name>"
                + "<param-value>memory</param-value></context-param>";
        System.clearProperty(CLIENT_USED);
        try (War war = start(memory, UnusedClient.class)) {
            assertThat(war.get("/search/a").statusCode()).isEqualTo(200);
            assertThat(System.getProperty(CLIENT_USED)).isNull();
        }
    }

    @Test
    void servletWithTwoAnnotations_applicationDoesNotStart() throws Exception {
        try (War war = start("", TwiceLimitedServlet.class)) {
            assertThat(war.isStarted()).isFalse();
        }
    }

    @Test
    void storeInAnAttribute_wouldHaveNoEffect_applicationDoesNotStart() throws Exception {
        String listener = "<listener><listener-class>dev.weir.cdi.WarTest$StoreInAttribute</listener-class></listener>";
        try (War war = start(listener, StoreInAttribute.class)) {
            assertThat(war.isStarted()).isFalse();
        }

        assertThat(following()).isZero();
    }
}
