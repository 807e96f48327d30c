package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.annotation.RateLimitExempt;
import dev.weir.annotation.RateLimited;
import dev.weir.filter.config.HeaderMode;
import jakarta.annotation.Priority;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.client.Client;
import jakarta.ws.rs.client.ClientBuilder;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.core.SecurityContext;
import java.net.http.HttpResponse;
import java.security.Principal;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.server.ServerProperties;
import org.glassfish.jersey.servlet.ServletContainer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class RateLimitFeatureTest {

    private static WebServer server(RateLimits limits, ResourceConfig application, FilterHolder... filters)
            throws Exception {
        return WebServer.start(context -> {
            context.setAttribute(RateLimits.class.getName(), limits);
            ServletHolder jersey = new ServletHolder(new ServletContainer(application));
            jersey.setInitOrder(1);
            jersey.setAsyncSupported(true);
            context.addServlet(jersey, "/*");
            for (FilterHolder filter : filters) {
                context.addFilter(filter, "/*", null);
            }
        });
    }

    private static ResourceConfig resources() {
        return new ResourceConfig(
                        Resources.Plain.class,
                        Resources.OnClass.class,
                        Resources.Sub.class,
                        Resources.OfInterface.class,
                        Resources.ExemptClass.class,
                        Resources.Locator.class)
                .property(ServerProperties.WADL_FEATURE_DISABLE, true);
    }

    private static WebServer server() throws Exception {
        return server(WebServer.limits(), resources());
    }

    @Test
    void unannotatedMethod_isNotLimited() throws Exception {
        try (WebServer server = server()) {
            HttpResponse<String> answer = server.get("/plain");
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.headers().firstValue("RateLimit")).isEmpty();
        }
    }

    @Test
    void annotatedMethod_takesItsCost_andIsRejectedWithAProblemDocument() throws Exception {
        try (WebServer server = server()) {
            HttpResponse<String> first = server.get("/plain/limited");
            assertThat(first.body()).isEqualTo("limited");
            assertThat(Fields.remaining(first, "ten")).isEqualTo(6);
            assertThat(server.remaining("/plain/limited", "ten")).isEqualTo(2);

            HttpResponse<String> rejected = server.get("/plain/limited");
            assertThat(rejected.statusCode()).isEqualTo(429);
            assertThat(rejected.headers().firstValue("Content-Type")).contains("application/problem+json");
            assertThat(rejected.headers().firstValue("Cache-Control")).contains("no-store");
            assertThat(rejected.headers().firstValueAsLong("Retry-After").orElseThrow())
                    .isPositive();
            assertThat(rejected.body()).contains("\"violated-policies\":[\"ten\"]");
            assertThat(Fields.remaining(rejected, "ten")).isEqualTo(2);
        }
    }

    @Test
    void methodReplacesClass_andExemptTakesOut() throws Exception {
        try (WebServer server = server()) {
            assertThat(Fields.parse(server.get("/class"), "RateLimit")).containsOnlyKeys("three");
            assertThat(Fields.parse(server.get("/class/method"), "RateLimit")).containsOnlyKeys("ten");
            assertThat(server.get("/class/exempt").headers().firstValue("RateLimit"))
                    .isEmpty();
        }
    }

    @Test
    void superclass_isInherited_byClassAndMethod() throws Exception {
        try (WebServer server = server()) {
            assertThat(server.remaining("/sub", "three")).isEqualTo(2);
            assertThat(server.remaining("/sub/method", "ten")).isEqualTo(5);
            assertThat(server.get("/exempt-class").headers().firstValue("RateLimit"))
                    .isEmpty();
            assertThat(server.remaining("/exempt-class/method", "ten")).isZero();
        }
    }

    @Test
    void interface_isInherited_alsoWithTypeParameters() throws Exception {
        try (WebServer server = server()) {
            assertThat(server.remaining("/interface", "three")).isEqualTo(2);
            HttpResponse<String> added = server.send("POST", "/interface/7");
            assertThat(added.body()).isEqualTo("added 7");
            assertThat(Fields.remaining(added, "ten")).isEqualTo(7);
        }
    }

    @Test
    void severalOnOnePlace_areChargedTogetherOrNotAtAll() throws Exception {
        try (WebServer server = server()) {
            assertThat(Fields.parse(server.get("/plain/both"), "RateLimit")).containsOnlyKeys("three", "ten");
            assertThat(server.status("/plain/both")).isEqualTo(200);
            HttpResponse<String> rejected = server.get("/plain/both");
            assertThat(rejected.statusCode()).isEqualTo(429);
            assertThat(rejected.body()).contains("\"violated-policies\":[\"ten\"]");
            assertThat(server.remaining("/class", "three")).isZero();
        }
    }

    @Test
    void generatedOptions_areNotCharged() throws Exception {
        try (WebServer server = server()) {
            HttpResponse<String> options = server.send("OPTIONS", "/class");
            assertThat(options.statusCode()).isEqualTo(200);
            assertThat(options.headers().firstValue("Allow").orElseThrow()).contains("GET");
            assertThat(options.headers().firstValue("RateLimit")).isEmpty();
            assertThat(server.remaining("/class", "three")).isEqualTo(2);
        }
    }

    @Test
    void headOfGet_isCharged() throws Exception {
        try (WebServer server = server()) {
            assertThat(Fields.remaining(server.send("HEAD", "/class"), "three")).isEqualTo(2);
        }
    }

    @Test
    void subResource_isLimitedByItsOwnClassAndMethods() throws Exception {
        try (WebServer server = server()) {
            assertThat(server.remaining("/parent/child", "three")).isEqualTo(2);
            assertThat(Fields.parse(server.get("/parent/child/more"), "RateLimit"))
                    .containsOnlyKeys("two");
        }
    }

    @Test
    void misspeltSubResource_isNeverServedUnlimited() throws Exception {
        try (WebServer server = server()) {
            assertThat(server.status("/parent/misspelt")).isEqualTo(500);
            assertThat(server.status("/parent/misspelt")).isEqualTo(500);
        }
    }

    @Test
    void asyncMethod_isChargedOnce() throws Exception {
        try (WebServer server = server()) {
            HttpResponse<String> answer = server.get("/plain/async");
            assertThat(answer.body()).isEqualTo("async");
            assertThat(Fields.remaining(answer, "ten")).isEqualTo(9);
        }
    }

    @Test
    void decisions_areInTheRequest() throws Exception {
        try (WebServer server = server()) {
            assertThat(server.get("/plain/decisions").body()).isEqualTo("ten");
        }
    }

    @Test
    void failingMethod_staysCharged() throws Exception {
        try (WebServer server = server()) {
            assertThat(server.status("/plain/failing")).isEqualTo(500);
            assertThat(server.remaining("/plain/limited", "ten")).isEqualTo(5);
        }
    }

    @Test
    void registeredByHandToo_chargesOnce() throws Exception {
        try (WebServer server = server(WebServer.limits(), resources().register(RateLimitFeature.class))) {
            assertThat(server.remaining("/class", "three")).isEqualTo(2);
        }
    }

    @Test
    void registeredAsAnInstanceWithoutLimits_saysWhatToDo() {
        assertThatThrownBy(() -> server(WebServer.limits(), resources().register(new RateLimitFeature()))
                        .close())
                .hasStackTraceContaining("registered as a class, or as an instance that is given its RateLimits");
    }

    @Test
    void givenLimits_areUsed_withoutAnyInTheContext() throws Exception {
        RateLimits limits = WebServer.limits();
        ResourceConfig application = resources().register(new RateLimitFeature(limits));
        try (WebServer server = WebServer.start(context -> {
            ServletHolder jersey = new ServletHolder(new ServletContainer(application));
            jersey.setInitOrder(1);
            context.addServlet(jersey, "/*");
        })) {
            assertThat(server.remaining("/class", "three")).isEqualTo(2);
        }
    }

    @Test
    void filterAndAnnotation_ofOnePolicy_chargeOnce_andOfTwo_mergeTheirFields() throws Exception {
        RateLimits limits = WebServer.limits();
        FilterHolder filter = new FilterHolder(new RateLimitFilter(limits));
        filter.setAsyncSupported(true);
        filter.setInitParameter("policy", "three");
        try (WebServer server = server(limits, resources(), filter)) {
            assertThat(server.remaining("/class", "three")).isEqualTo(2);

            HttpResponse<String> both = server.get("/plain/limited");
            assertThat(Fields.parse(both, "RateLimit")).containsOnlyKeys("three", "ten");
            assertThat(Fields.parse(both, "RateLimit-Policy")).containsOnlyKeys("three", "ten");
            assertThat(Fields.remaining(both, "three")).isEqualTo(1);
        }
    }

    @Test
    void shadowFilterInFront_leavesTheAnnotationInForce() throws Exception {
        RateLimits limits = WebServer.limits();
        FilterHolder filter = new FilterHolder(new RateLimitFilter(limits));
        filter.setInitParameter("policy", "three");
        filter.setInitParameter("shadow", "true");
        filter.setAsyncSupported(true);
        try (WebServer server = server(limits, resources(), filter)) {
            for (int i = 0; i < 3; i++) {
                assertThat(server.status("/class")).isEqualTo(200);
            }
            assertThat(server.status("/class")).isEqualTo(429);
        }
    }

    /** The filter counts on the whole policy, the annotations on an action, and on a part that they name. */
    @Test
    void filterOfThePolicyInFront_leavesActionsAndSubBucketsInForce() throws Exception {
        try (RateLimits limits = configured()) {
            FilterHolder filter = new FilterHolder(new RateLimitFilter(limits));
            filter.setInitParameter("policy", "export");
            filter.setInitParameter("subBucket", "0");
            filter.setAsyncSupported(true);
            try (WebServer server = server(limits, new ResourceConfig(Export.class), filter)) {
                String[] whole = {"X-Forwarded-For", "192.0.2.7"};
                assertThat(server.status("/export/pdf", whole)).isEqualTo(200);
                assertThat(server.status("/export/pdf", whole)).isEqualTo(200);
                assertThat(server.status("/export/pdf", whole)).isEqualTo(429);
                String[] other = {"X-Forwarded-For", "192.0.2.99"};
                for (int i = 0; i < 3; i++) {
                    assertThat(server.status("/export/part", other)).isEqualTo(200);
                }
                assertThat(server.status("/export/part", other)).isEqualTo(429);
            }
        }
    }

    @Test
    void deployedAsAFilter_works() throws Exception {
        try (WebServer server = WebServer.start(context -> {
            context.setAttribute(RateLimits.class.getName(), WebServer.limits());
            FilterHolder jersey = new FilterHolder(new ServletContainer(resources()));
            jersey.setAsyncSupported(true);
            context.addFilter(jersey, "/*", null);
            context.addServlet(new ServletHolder(new org.eclipse.jetty.ee10.servlet.DefaultServlet()), "/");
        })) {
            assertThat(server.remaining("/class", "three")).isEqualTo(2);
        }
    }

    /** Authenticates as JAX-RS applications do, without telling the servlet container. */
    @Priority(Priorities.AUTHENTICATION)
    public static class Login implements ContainerRequestFilter {
        @Override
        public void filter(ContainerRequestContext context) {
            String user = context.getHeaderString("X-User");
            SecurityContext before = context.getSecurityContext();
            context.setSecurityContext(new SecurityContext() {
                @Override
                public Principal getUserPrincipal() {
                    return user == null ? null : () -> user;
                }

                @Override
                public boolean isUserInRole(String role) {
                    return false;
                }

                @Override
                public boolean isSecure() {
                    return before.isSecure();
                }

                @Override
                public String getAuthenticationScheme() {
                    return "test";
                }
            });
        }
    }

    @Test
    void principalOfJaxRs_isTheClient() throws Exception {
        RateLimits limits = WebServer.limits("principal", HeaderMode.DRAFT);
        try (WebServer server = server(limits, resources().register(Login.class))) {
            assertThat(server.remaining("/class", "three", "X-User", "alice")).isEqualTo(2);
            assertThat(server.remaining("/class", "three", "X-User", "alice")).isEqualTo(1);
            assertThat(server.remaining("/class", "three", "X-User", "bob")).isEqualTo(2);
            assertThat(server.remaining("/class", "three")).isEqualTo(2);
            assertThat(limits.weir().limiter("three").tryAcquire("alice").remaining())
                    .isZero();
        }
    }

    @Path("export")
    public static class Export {
        @GET
        @Path("pdf")
        @RateLimited(policy = "export", action = "pdf", cost = 2)
        public String pdf() {
            return "pdf";
        }

        @GET
        @Path("part")
        @RateLimited(policy = "export", subBucket = 1)
        @RateLimited(policy = "tried")
        public String part() {
            return "part";
        }
    }

    private static RateLimits configured() {
        return WebServer.configured("""
                weir.policy.export.limit=10
                weir.policy.export.period=30d
                weir.policy.export.split=70,30
                weir.policy.export.action.pdf.limit=4
                weir.policy.export.client."192.0.2.7".split=100
                weir.policy.tried.limit=1
                weir.policy.tried.period=30d
                weir.policy.tried.shadow=true
                """);
    }

    @Test
    void actionAndSubBucket_areWhatRequestsTakeFrom_andShadowShowsNothing() throws Exception {
        try (RateLimits limits = configured();
                WebServer server = server(limits, new ResourceConfig(Export.class))) {
            String[] whole = {"X-Forwarded-For", "192.0.2.7"};
            assertThat(server.remaining("/export/pdf", "export", whole)).isEqualTo(2);
            assertThat(server.remaining("/export/pdf", "export", whole)).isZero();
            assertThat(server.status("/export/pdf", whole)).isEqualTo(429);

            assertThat(Fields.parse(server.get("/export/part"), "RateLimit"))
                    .isEqualTo(Map.of("export", Map.of("r", 2L, "t", WebServer.LONG.toSeconds() / 3)));
            assertThat(server.remaining("/export/part", "export")).isEqualTo(1);
            assertThat(server.remaining("/export/part", "export")).isZero();
            HttpResponse<String> rejected = server.get("/export/part");
            assertThat(rejected.statusCode()).isEqualTo(429);
            assertThat(rejected.body()).contains("\"violated-policies\":[\"export\"]");
        }
    }

    @Test
    void jaxRsClient_inTheSameApplication_isNotDisturbed() {
        Client client = ClientBuilder.newClient();
        assertThat(client.getConfiguration().isRegistered(RateLimitFeature.class))
                .isFalse();
        client.close();
    }

    @Nested
    class Deployment {

        @Path("x")
        public static class Unknown {
            @GET
            @RateLimited(policy = "serach")
            public String search() {
                return "";
            }
        }

        @Path("x")
        public static class TooDear {
            @GET
            @RateLimited(policy = "three", cost = 4)
            public String dear() {
                return "";
            }
        }

        @Path("x")
        public static class Free {
            @GET
            @RateLimited(policy = "three", cost = 0)
            public String free() {
                return "";
            }
        }

        @Path("x")
        @RateLimited(policy = "three")
        @RateLimited(policy = "three", cost = 2)
        public static class Twice {
            @GET
            public String twice() {
                return "";
            }
        }

        @Path("x")
        public static class Contradiction {
            @GET
            @RateLimited(policy = "three")
            @RateLimitExempt
            public String both() {
                return "";
            }
        }

        @Path("x")
        public static class LimitedLocator {
            @GET
            public String get() {
                return "";
            }

            @Path("child")
            @RateLimited(policy = "three")
            public Resources.Child child() {
                return new Resources.Child();
            }
        }

        @Path("x")
        public static class TooDearAction {
            @GET
            @RateLimited(policy = "export", action = "pdf", cost = 4)
            public String dear() {
                return "";
            }
        }

        @Path("x")
        public static class NoSuchPart {
            @GET
            @RateLimited(policy = "export", subBucket = 2)
            public String part() {
                return "";
            }
        }

        @Path("x")
        public static class PartOfNothingSplit {
            @GET
            @RateLimited(policy = "tried", subBucket = 0)
            public String part() {
                return "";
            }
        }

        @Path("x")
        public static class NegativePart {
            @GET
            @RateLimited(policy = "export", subBucket = -2)
            public String part() {
                return "";
            }
        }

        @Path("x")
        public static class ActionWithoutAName {
            @GET
            @RateLimited(policy = "export", action = "create post")
            public String post() {
                return "";
            }
        }

        @Test
        void actionAndSubBucket_thatCannotBe_fail() {
            try (RateLimits limits = configured()) {
                assertRefused(limits, TooDearAction.class, "dear", "cost of 4", "action 'pdf' of policy 'export'", "3");
                assertRefused(limits, NoSuchPart.class, "part", "no sub-bucket 2", "0 to 1");
                assertRefused(limits, PartOfNothingSplit.class, "part", "no sub-bucket 0", "'tried'", "not split");
                assertRefused(
                        limits,
                        NegativePart.class,
                        "part",
                        "policy 'export'",
                        "subBucket must be from 0 to 99, but is -2");
                assertRefused(
                        limits,
                        ActionWithoutAName.class,
                        "post",
                        "policy 'export'",
                        "action must be 1 to 64",
                        "'create post'");
            }
        }

        private static void assertRefused(Class<?> resource, String method, String... parts) {
            assertRefused(WebServer.limits(), resource, method, parts);
        }

        private static void assertRefused(RateLimits limits, Class<?> resource, String method, String... parts) {
            assertThatThrownBy(
                            () -> server(limits, new ResourceConfig(resource)).close())
                    .hasStackTraceContaining("resource method %s.%s: ".formatted(resource.getName(), method))
                    .satisfies(thrown -> {
                        for (String part : parts) {
                            assertThat(thrown).hasStackTraceContaining(part);
                        }
                    });
        }

        @Test
        void unknownPolicy_fails() {
            assertRefused(Unknown.class, "search", "there is no policy 'serach'", "[default, ten, three, two]");
        }

        @Test
        void costAboveCapacity_fails() {
            assertRefused(TooDear.class, "dear", "cost of 4", "'three'", "3");
        }

        @Test
        void costBelowOne_fails() {
            assertRefused(Free.class, "free", "policy 'three'", "from 1 to 9007199254740992, but is 0");
        }

        @Test
        void policyNamedTwice_fails() {
            assertRefused(Twice.class, "twice", "policy 'three' is named twice");
        }

        @Test
        void limitedAndExempt_fails() {
            assertRefused(Contradiction.class, "both", "contradict");
        }

        @Test
        void limitedLocator_fails() {
            assertRefused(LimitedLocator.class, "child", "sub-resource locator");
        }

        @Path("x")
        @RateLimited(policy = "three")
        public static class LimitedWithALocator {
            @GET
            public String get() {
                return "";
            }

            @Path("child")
            public Resources.Plain child() {
                return new Resources.Plain();
            }
        }

        /** Has a locator by inheritance, and its limit too. */
        @Path("x")
        public static class InheritsItsLocator extends LimitedWithALocator {
            @Override
            public Resources.Plain child() {
                return super.child();
            }
        }

        @Test
        void locatorOfALimitedClass_ofAClassThatIsNotLimited_fails() {
            String[] parts = {"the @RateLimited of its class does nothing", "put it on dev.weir.filter.Resources$Plain"
            };
            assertRefused(LimitedWithALocator.class, "child", parts);
            assertRefused(InheritsItsLocator.class, "child", parts);
        }

        @RateLimited(policy = "two")
        public interface LimitedByItsInterface {
            @GET
            String get();
        }

        /** What its locators return is limited or not, but never by accident. */
        @Path("x")
        @RateLimited(policy = "three")
        public static class CarefulLocators {
            @GET
            public String get() {
                return "x";
            }

            @Path("class")
            public Resources.Child ofClass() {
                return new Resources.Child();
            }

            @Path("interface")
            public LimitedByItsInterface ofInterface() {
                return () -> "interface";
            }

            @Path("exempt")
            @RateLimitExempt
            public Resources.Plain exempt() {
                return new Resources.Plain();
            }
        }

        /** Nothing of it is limited, so no reader expects its locator to be. */
        @Path("y")
        @RateLimitExempt
        public static class ExemptFromTheLimitOfItsClass extends LimitedWithALocator {}

        /** The compiler adds a method that returns an object, as the overridden one does. */
        @Path("z")
        @RateLimited(policy = "three")
        public static class Narrows extends ReturnsAnything {
            @GET
            public String get() {
                return "z";
            }

            @Override
            public Resources.Child child() {
                return new Resources.Child();
            }
        }

        public static class ReturnsAnything {
            @Path("child")
            public Object child() {
                return new Resources.Plain();
            }
        }

        @Test
        void locatorOfALimitedClass_ofALimitedClassOrExempt_works() throws Exception {
            ResourceConfig application =
                    new ResourceConfig(CarefulLocators.class, ExemptFromTheLimitOfItsClass.class, Narrows.class);
            try (WebServer server = server(WebServer.limits(), application)) {
                assertThat(server.remaining("/x", "three")).isEqualTo(2);
                assertThat(server.remaining("/x/class", "three")).isEqualTo(1);
                assertThat(server.remaining("/x/interface", "two")).isEqualTo(1);
                assertThat(server.get("/x/exempt").headers().firstValue("RateLimit"))
                        .isEmpty();
                assertThat(server.get("/y/child").headers().firstValue("RateLimit"))
                        .isEmpty();
                assertThat(server.remaining("/z/child", "three")).isEqualTo(0);
            }
        }

        @Path("locators")
        public interface Located {
            @Path("child")
            Resources.Plain child();
        }

        @RateLimited(policy = "three")
        public static class OnlyLocatorsByInterface implements Located {
            @Override
            public Resources.Plain child() {
                return new Resources.Plain();
            }
        }

        @Test
        void limitedClassOfLocatorsAlone_withThePathOfItsInterface_fails() {
            ResourceConfig application = new ResourceConfig(Resources.Plain.class, OnlyLocatorsByInterface.class);
            assertThatThrownBy(() -> server(WebServer.limits(), application))
                    .hasStackTraceContaining(OnlyLocatorsByInterface.class.getName())
                    .hasStackTraceContaining(
                            "@RateLimited does nothing on a class that has only sub-resource locators");
        }

        /** Nothing asks JAX-RS's features about such a class: so it is looked for beside the others. */
        @Path("locators")
        @RateLimited(policy = "three")
        public static class OnlyLocators {
            @Path("child")
            public Resources.Plain child() {
                return new Resources.Plain();
            }
        }

        @Test
        void limitedClassOfLocatorsAlone_fails() {
            ResourceConfig application = new ResourceConfig(Resources.Plain.class, OnlyLocators.class);
            assertThatThrownBy(() -> server(WebServer.limits(), application))
                    .hasStackTraceContaining(OnlyLocators.class.getName())
                    .hasStackTraceContaining(
                            "@RateLimited does nothing on a class that has only sub-resource locators");
        }

        @Test
        void limitedClassOfLocatorsAlone_foundByScanning_fails() {
            ResourceConfig application = new ResourceConfig().packages(false, "dev.weir.filter.scanned");
            assertThatThrownBy(() -> server(WebServer.limits(), application))
                    .hasStackTraceContaining(
                            "@RateLimited does nothing on a class that has only sub-resource locators");
        }
    }
}
