package dev.weir.sample;

import dev.weir.Policy;
import dev.weir.Weir;
import dev.weir.filter.RateLimits;
import dev.weir.limit.Limit;
import dev.weir.limit.Split;
import dev.weir.sample.demo.Demo;
import jakarta.servlet.ServletContext;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The first page: the dashboard, whose scripts and styles the container serves; and what is configured. */
@Path("/")
public class PageResource {

    private static final String PAGE = "/webapp/dashboard/index.html";
    private static final String BODY = "<body>";
    private static final String BODY_OF_DEMO = "<body class=\"demo\">";

    /** What is in force on this instance. */
    public record Overview(String instance, int instances, String store, List<PolicyView> policies) {}

    /**
     * A policy as the page shows it.
     *
     * @param differs what differs for whom, in words; empty if nothing does
     */
    public record PolicyView(
            String name,
            String algorithm,
            long limit,
            long periodMillis,
            long burst,
            String onStoreFailure,
            boolean shadow,
            String differs) {

        static PolicyView of(Policy policy) {
            Limit limit = policy.limit();
            return new PolicyView(
                    policy.name(),
                    limit.algorithm().toString(),
                    limit.permits(),
                    limit.period().toMillis(),
                    limit.capacity(),
                    policy.behaviour().onStoreFailure().name().toLowerCase(Locale.ROOT),
                    policy.behaviour().shadow(),
                    differs(policy));
        }

        /** In a few words; clients are only counted, for there may be thousands. */
        private static String differs(Policy policy) {
            List<String> words = new ArrayList<>();
            if (policy.pool() != null) {
                words.add("pool " + policy.pool().name());
            }
            Long weight = policy.terms().all().weight();
            if (weight != null) {
                words.add("weight " + weight);
            }
            Split split = policy.terms().all().split();
            if (split != null) {
                words.add("split "
                        + split.percents().stream().map(String::valueOf).collect(Collectors.joining("/")));
            }
            if (!policy.terms().plans().isEmpty()) {
                words.add("plans "
                        + String.join(" ", new TreeSet<>(policy.terms().plans().keySet())));
            }
            if (!policy.terms().actions().isEmpty()) {
                words.add("actions "
                        + String.join(
                                " ", new TreeSet<>(policy.terms().actions().keySet())));
            }
            if (!policy.behaviour().maxDelay().isZero()) {
                words.add("waits up to " + policy.behaviour().maxDelay().toMillis() + " ms");
            }
            int clients = policy.terms().clients().size();
            if (clients > 0) {
                words.add(clients == 1 ? "1 client" : clients + " clients");
            }
            return String.join(", ", words);
        }
    }

    /** The page itself says whether there are controls, so that it does not jump when it finds out. */
    @GET
    @Produces(MediaType.TEXT_HTML + ";charset=UTF-8")
    public Response page(@Context ServletContext context) throws IOException {
        String page;
        try (InputStream file = Objects.requireNonNull(PageResource.class.getResourceAsStream(PAGE))) {
            page = new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
        boolean isDemo = context.getAttribute(Demo.ATTRIBUTE) != null;
        return Response.ok(isDemo ? page.replaceFirst(BODY, BODY_OF_DEMO) : page)
                .header("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'; base-uri 'none'")
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer")
                .header("Cache-Control", "no-cache")
                .build();
    }

    @GET
    @Path("overview")
    @Produces(MediaType.APPLICATION_JSON)
    public Overview overview(@Context ServletContext context) {
        Weir weir = RateLimits.of(context).weir();
        List<PolicyView> policies = weir.policies().values().stream()
                .map(PolicyView::of)
                .sorted(Comparator.comparing(PolicyView::name))
                .toList();
        return new Overview(weir.instanceId(), weir.instances(), weir.storeUp() ? "UP" : "DOWN", policies);
    }
}
