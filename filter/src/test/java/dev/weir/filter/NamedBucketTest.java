package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.annotation.RateLimited;
import dev.weir.filter.client.ClientIdResolver;
import dev.weir.filter.client.ClientRequest;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.Optional;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.glassfish.jersey.server.ResourceConfig;
import org.glassfish.jersey.server.ServerProperties;
import org.glassfish.jersey.servlet.ServletContainer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that are charged to a bucket that they name. */
class NamedBucketTest {

    @Path("tenant")
    @RateLimited(bucket = "header:X-Tenant")
    public static class OfTenant {
        @GET
        public String get() {
            return "tenant";
        }

        @GET
        @Path("beside")
        @RateLimited(policy = "three")
        @RateLimited(bucket = "header:X-Tenant", cost = 2)
        public String beside() {
            return "beside";
        }

        @GET
        @Path("both")
        @RateLimited(policy = "ten", bucket = "cookie:tenant", cost = 2)
        public String both() {
            return "both";
        }

        @GET
        @Path("two")
        @RateLimited(bucket = "header:X-Tenant")
        @RateLimited(bucket = "class:dev.weir.filter.NamedBucketTest$Region", cost = 2)
        public String two() {
            return "two";
        }
    }

    /** Names a bucket by what only this application knows. */
    public static class Region implements ClientIdResolver {
        @Override
        public Optional<String> resolve(ClientRequest request) {
            return request.headers("X-Region").stream().findFirst().map(region -> "region-" + region);
        }
    }

    private final RateLimits limits = WebServer.limits();

    @AfterEach
    void close() {
        limits.close();
    }

    private WebServer server(Class<?> resource, FilterHolder... filters) throws Exception {
        ResourceConfig application = new ResourceConfig(resource).property(ServerProperties.WADL_FEATURE_DISABLE, true);
        return WebServer.start(context -> {
            context.setAttribute(RateLimits.class.getName(), limits);
            ServletHolder jersey = new ServletHolder(new ServletContainer(application));
            jersey.setInitOrder(1);
            context.addServlet(jersey, "/*");
            for (FilterHolder filter : filters) {
                context.addFilter(filter, "/*", null);
            }
        });
    }

    private FilterHolder filter(String... params) {
        FilterHolder holder = new FilterHolder(new RateLimitFilter(limits));
        holder.setName("limit");
        for (int i = 0; i < params.length; i += 2) {
            holder.setInitParameter(params[i], params[i + 1]);
        }
        return holder;
    }

    private void create(String id, long burst) {
        limits.weir().limits().createBucket(id, 1, burst);
    }

    private long left(String id) {
        return limits.weir().bucket(id).tryAcquire(1_000).remaining();
    }

    @Test
    void bucketAlone_isSharedByAllWhoNameIt_andByNobodyElse() throws Exception {
        create("t1", 2);
        create("t2", 1);
        try (WebServer server = server(OfTenant.class)) {
            HttpResponse<String> first = server.get("/tenant", "X-Tenant", "t1", "X-Forwarded-For", "192.0.2.1");
            assertThat(first.body()).isEqualTo("tenant");
            assertThat(first.headers().firstValue("RateLimit-Policy")).contains("\"bucket\";q=1;w=1");
            assertThat(Fields.remaining(first, "bucket")).isEqualTo(1);
            assertThat(server.status("/tenant", "X-Tenant", " t1 ", "X-Forwarded-For", "192.0.2.2"))
                    .isEqualTo(200);

            HttpResponse<String> rejected = server.get("/tenant", "X-Tenant", "t1", "X-Forwarded-For", "192.0.2.3");

            assertThat(rejected.statusCode()).isEqualTo(429);
            assertThat(rejected.body()).contains("\"violated-policies\":[\"bucket\"]");
            assertThat(rejected.headers().firstValue("Retry-After")).contains("1");
            assertThat(server.status("/tenant", "X-Tenant", "t2")).isEqualTo(200);
        }
    }

    @Test
    void bucketBesideAPolicy_bothAreChargedAndTold() throws Exception {
        create("t1", 100);
        try (WebServer server = server(OfTenant.class)) {
            HttpResponse<String> first = server.get("/tenant/beside", "X-Tenant", "t1");

            assertThat(first.headers().firstValue("RateLimit-Policy"))
                    .contains("\"three\";q=3;w=%d, \"bucket\";q=1;w=1".formatted(WebServer.LONG.toSeconds()));
            assertThat(Fields.remaining(first, "three")).isEqualTo(2);
            assertThat(Fields.remaining(first, "bucket")).isEqualTo(98);
        }
    }

    @Test
    void policyRejects_bucketKeepsAllIfItIsWider() throws Exception {
        create("t1", 100);
        try (WebServer server = server(OfTenant.class)) {
            for (int i = 0; i < 3; i++) {
                assertThat(server.status("/tenant/beside", "X-Tenant", "t1")).isEqualTo(200);
            }

            HttpResponse<String> rejected = server.get("/tenant/beside", "X-Tenant", "t1");

            assertThat(rejected.statusCode()).isEqualTo(429);
            assertThat(rejected.body()).contains("\"violated-policies\":[\"three\"]");
            assertThat(left("t1")).isBetween(94L, 99L); // One comes back in a second.
        }
    }

    @Test
    void bucketRejects_policyGetsBackWhatItGave() throws Exception {
        create("t1", 100);
        try (WebServer server = server(OfTenant.class)) {
            limits.weir().bucket("t1").tryAcquire(100);

            HttpResponse<String> rejected = server.get("/tenant/beside", "X-Tenant", "t1");

            assertThat(rejected.statusCode()).isEqualTo(429);
            assertThat(rejected.body()).contains("\"violated-policies\":[\"bucket\"]");
            assertThat(Fields.remaining(rejected, "three")).isEqualTo(3);
            limits.weir().limits().updateBucket("t1", 1_000_000, 1_000_000);
            for (int i = 0; i < 3; i++) {
                assertThat(server.get("/tenant/beside", "X-Tenant", "t1").statusCode())
                        .isEqualTo(200);
            }
        }
    }

    @Test
    void policyAndBucketInOneAnnotation_bothAreCharged() throws Exception {
        create("t1", 100);
        try (WebServer server = server(OfTenant.class)) {
            HttpResponse<String> first = server.get("/tenant/both", "Cookie", "tenant=t1");

            assertThat(Fields.remaining(first, "ten")).isEqualTo(8);
            assertThat(Fields.remaining(first, "bucket")).isEqualTo(98);
            assertThat(server.status("/tenant/both")).isEqualTo(400);
        }
    }

    @Test
    void twoBuckets_bothAreCharged_andOneOfBothNamesOnce() throws Exception {
        create("t1", 100);
        create("region-north", 100);
        try (WebServer server = server(OfTenant.class)) {
            HttpResponse<String> first = server.get("/tenant/two", "X-Tenant", "t1", "X-Region", "north");
            assertThat(Fields.remaining(first, "bucket")).isEqualTo(98); // Of both, the one that binds.
            assertThat(left("t1")).isEqualTo(99);
            assertThat(left("region-north")).isEqualTo(98);

            create("region-south", 100);
            assertThat(server.status("/tenant/two", "X-Tenant", "region-south", "X-Region", "south"))
                    .isEqualTo(200);
            assertThat(left("region-south")).isEqualTo(99);
        }
    }

    @Test
    void namesNoBucket_refusedAndNothingCharged() throws Exception {
        create("t1", 100);
        try (WebServer server = server(OfTenant.class)) {
            String longest = "t".repeat(256);
            create(longest, 100);
            assertThat(server.status("/tenant", "X-Tenant", longest)).isEqualTo(200);
            String[][] wrong = {
                {"X-Other", "t1"}, {"X-Tenant", " "}, {"X-Tenant", "t1", "X-Tenant", "t2"}, {"X-Tenant", longest + "t"}
            };
            for (String[] headers : wrong) {
                HttpResponse<String> refused = server.get("/tenant/beside", headers);

                assertThat(refused.statusCode()).as(headers[1]).isEqualTo(400);
                assertThat(refused.headers().firstValue("Content-Type")).contains("application/problem+json");
                assertThat(refused.headers().firstValue("Cache-Control")).contains("no-store");
                assertThat(refused.body())
                        .isEqualToIgnoringNewLines(
                                "{\"title\":\"Bad Request\",\"status\":400,\"detail\":\"The request must name by"
                                        + " header:X-Tenant the bucket that it is charged to: one, in 1 to 256 bytes.\"}");
            }
            assertThat(server.remaining("/tenant/beside", "three", "X-Tenant", "t1"))
                    .isEqualTo(2);
        }
    }

    @Test
    void namesABucketThatDoesNotExist_notFoundAndTheClientCharged() throws Exception {
        create("t1", 100);
        try (WebServer server = server(OfTenant.class)) {
            assertThat(server.status("/tenant/beside", "X-Tenant", "t1")).isEqualTo(200);

            HttpResponse<String> refused = server.get("/tenant/beside", "X-Tenant", "\"nobody\\");

            assertThat(refused.statusCode()).isEqualTo(404);
            assertThat(refused.headers().firstValue("Cache-Control")).contains("no-store");
            assertThat(refused.body())
                    .isEqualToIgnoringNewLines("{\"title\":\"Not Found\",\"status\":404,\"detail\":\"There is no bucket"
                            + " that is named as the request does by header:X-Tenant.\"}");
            assertThat(server.remaining("/tenant/beside", "three", "X-Tenant", "t1"))
                    .isEqualTo(0);
            limits.weir().limits().deleteBucket("t1");
            assertThat(server.status("/tenant", "X-Tenant", "t1")).isEqualTo(404);
        }
    }

    @Test
    void namesRandomBuckets_findsOutNoMoreThanItsLimit() throws Exception {
        create("t1", 100);
        try (WebServer server = server(OfTenant.class)) {
            List<Integer> statuses = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                statuses.add(server.status("/tenant/beside", "X-Tenant", i % 2 == 0 ? "random-" + i : "t1"));
            }
            assertThat(statuses.subList(0, 3)).containsExactly(404, 200, 404);
            assertThat(statuses.subList(3, 20)).containsOnly(429);
        }
    }

    @Test
    void filterOfABucket_andResourceOfTheSame_chargedOnce() throws Exception {
        create("t1", 100);
        try (WebServer server = server(OfTenant.class, filter("bucket", "header:X-Tenant", "cost", "5"))) {
            HttpResponse<String> answer = server.get("/tenant/beside", "X-Tenant", "t1");

            assertThat(Fields.remaining(answer, "bucket")).isEqualTo(95);
            assertThat(Fields.remaining(answer, "three")).isEqualTo(2);
            assertThat(server.status("/tenant", "X-Tenant", "nobody")).isEqualTo(404);
            assertThat(server.status("/tenant")).isEqualTo(400);
        }
    }

    @Test
    void filterOfAPolicyAndABucket_allOrNone() throws Exception {
        create("t1", 100);
        try (WebServer server =
                server(Resources.Plain.class, filter("policy", "two", "bucket", "header:X-Tenant", "cost", "2"))) {
            assertThat(server.status("/plain", "X-Tenant", "t1")).isEqualTo(200);
            assertThat(server.status("/plain", "X-Tenant", "t1")).isEqualTo(429);
            assertThat(left("t1")).isBetween(98L, 99L);
        }
    }

    @Test
    void filterInShadow_countsAndRejectsNobody() throws Exception {
        create("t1", 1);
        try (WebServer server =
                server(Resources.Plain.class, filter("policy", "two", "bucket", "header:X-Tenant", "shadow", "true"))) {
            for (String tenant : new String[] {"t1", "t1", "nobody", " ", "t1"}) {
                HttpResponse<String> answer = server.get("/plain", "X-Tenant", tenant);
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(answer.headers().firstValue("RateLimit")).isEmpty();
            }
            assertThat(left("t1")).isLessThanOrEqualTo(1);
            assertThat(limits.weir().limiter("two").allow("127.0.0.1")).isFalse();
        }
    }

    /** What would only have been rejected, or did not exist, has not been charged: an annotation behind asks for it. */
    @Test
    void filterInShadowInFront_leavesTheAnnotationInForce() throws Exception {
        create("t1", 2);
        try (WebServer server =
                server(OfTenant.class, filter("policy", "ten", "bucket", "header:X-Tenant", "shadow", "true"))) {
            assertThat(server.status("/tenant", "X-Tenant", "t1")).isEqualTo(200);
            assertThat(server.status("/tenant", "X-Tenant", "t1")).isEqualTo(200);
            assertThat(server.status("/tenant", "X-Tenant", "t1")).isEqualTo(429);
            assertThat(server.status("/tenant", "X-Tenant", "nobody")).isEqualTo(404);
        }
    }

    /** A filter behind the limit shows the tenant that it has verified: that one is charged as well. */
    @Test
    void sourceNamesAnotherBucketBehindAFilter_thatIsChargedToo() throws Exception {
        create("claimed", 100);
        create("verified", 1);
        FilterHolder verifying = new FilterHolder((Filter) (request, response, chain) -> chain.doFilter(
                new HttpServletRequestWrapper((HttpServletRequest) request) {
                    @Override
                    public Enumeration<String> getHeaders(String name) {
                        return name.equals("X-Tenant")
                                ? Collections.enumeration(List.of("verified"))
                                : super.getHeaders(name);
                    }
                },
                response));
        try (WebServer server = server(OfTenant.class, filter("bucket", "header:X-Tenant"), verifying)) {
            assertThat(server.status("/tenant", "X-Tenant", "claimed")).isEqualTo(200);
            assertThat(server.status("/tenant", "X-Tenant", "claimed")).isEqualTo(429);
            assertThat(left("claimed")).isLessThanOrEqualTo(98);
        }
    }

    @Path("wrong")
    @RateLimited(bucket = "X-Tenant")
    public static class Misspelt {
        @GET
        public String get() {
            return "never";
        }
    }

    @Path("wrong")
    public static class NamedTwice {
        @GET
        @RateLimited(bucket = "header:X-Tenant")
        @RateLimited(bucket = "header:X-Tenant", cost = 2)
        public String get() {
            return "never";
        }
    }

    @Path("wrong")
    public static class WithAction {
        @GET
        @RateLimited(bucket = "header:X-Tenant", action = "pdf")
        public String get() {
            return "never";
        }
    }

    @Path("wrong")
    public static class Free {
        @GET
        @RateLimited(bucket = "header:X-Tenant", cost = 0)
        public String get() {
            return "never";
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {Misspelt.class, NamedTwice.class, WithAction.class, Free.class})
    void annotationThatMakesNoSense_failsTheDeploymentAndSaysWhy(Class<?> resource) throws Exception {
        String where = "resource method %s.get: ".formatted(resource.getName());
        String why = switch (resource.getSimpleName()) {
            case "Misspelt" ->
                "@RateLimited(bucket = \"X-Tenant\"): 'X-Tenant' does not name a bucket; allowed are principal,"
                        + " header:NAME, cookie:NAME and class:NAME";
            case "NamedTwice" -> "bucket 'header:X-Tenant' is named twice on ";
            case "WithAction" ->
                "@RateLimited(bucket = \"header:X-Tenant\"): action and subBucket are parts of a policy, but none is"
                        + " named";
            default ->
                "@RateLimited(bucket = \"header:X-Tenant\"): cost must be a whole number from 1 to 9007199254740992,"
                        + " but is 0";
        };
        assertThatThrownBy(() -> server(resource).close()).hasStackTraceContaining(where + why);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "X-Tenant | cost | 1 | init-param 'bucket': 'X-Tenant' does not name a bucket; allowed are principal,"
                        + " header:NAME, cookie:NAME and class:NAME",
                "'' | cost | 1 | init-param 'bucket': '' does not name a bucket",
                "address | cost | 1 | init-param 'bucket': 'address' does not name a bucket",
                "header: | cost | 1 | init-param 'bucket': 'header:' does not name a bucket",
                "class:no.Such | cost | 1 | init-param 'bucket': 'class:no.Such' must be a public class",
                "header:X-Tenant | action | pdf | init-param 'action' is a part of a policy, but only a bucket is"
                        + " named",
                "header:X-Tenant | subBucket | 1 | init-param 'subBucket' is a part of a policy, but only a bucket is"
                        + " named"
            })
    void initParamThatMakesNoSense_failsTheStartAndSaysWhy(String bucket, String param, String value, String why) {
        assertThatThrownBy(() -> server(Resources.Plain.class, filter("bucket", bucket, param, value))
                        .close())
                .hasStackTraceContaining("filter 'limit', " + why);
    }
}
