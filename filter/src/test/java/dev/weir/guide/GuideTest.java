package dev.weir.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.Acquisition;
import dev.weir.Bucket;
import dev.weir.BucketCost;
import dev.weir.LimitAdmin;
import dev.weir.Policy;
import dev.weir.PolicyCost;
import dev.weir.RateLimiter;
import dev.weir.UnknownBucketException;
import dev.weir.Weir;
import dev.weir.annotation.RateLimited;
import dev.weir.filter.RateLimits;
import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Decisions;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import dev.weir.limit.Terms;
import dev.weir.store.Page;
import dev.weir.store.Subject;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The examples of {@code docs/guide.md}, compiled and run: what stands between {@code // guide} and {@code // end} here
 * is what the page shows, in the same order. In a package of its own, because an application sees no more.
 */
class GuideTest {

    private static final java.nio.file.Path PAGE = java.nio.file.Path.of("..", "docs", "guide.md");
    private static final java.nio.file.Path HERE =
            java.nio.file.Path.of("src", "test", "java", "dev", "weir", "guide", "GuideTest.java");
    private static final Pattern SNIPPET = Pattern.compile("(?ms)^ *// guide\\R(.*?)^ *// end$");

    private static List<String> blocks(String language) throws IOException {
        return all(Pattern.compile("(?ms)^```" + language + "\\R(.*?)^```$"), Files.readString(PAGE));
    }

    private static List<String> all(Pattern pattern, String text) {
        List<String> found = new ArrayList<>();
        Matcher matcher = pattern.matcher(text);
        while (matcher.find()) {
            found.add(matcher.group(1));
        }
        return found;
    }

    @Test
    void page_javaExamples_areTheOnesBelow() throws IOException {
        List<String> snippets = all(SNIPPET, Files.readString(HERE)).stream()
                .map(snippet -> snippet.stripTrailing().stripIndent() + "\n")
                .toList();

        assertThat(blocks("java")).isNotEmpty().isEqualTo(snippets);
    }

    /** A limiter with the numbers of the page's properties. */
    private static RateLimits configured() throws IOException {
        Properties properties = new Properties();
        properties.load(new StringReader(blocks("properties").get(0)));
        Map<String, String> values = new HashMap<>();
        properties.stringPropertyNames().forEach(key -> values.put(key, properties.getProperty(key)));
        return RateLimits.from(new SmallRyeConfigBuilder()
                .withSources(new PropertiesConfigSource(values, "guide", 100))
                .build());
    }

    private static long count(int calls, java.util.function.BooleanSupplier call) {
        return IntStream.range(0, calls).filter(i -> call.getAsBoolean()).count();
    }

    @Test
    void newRateLimiter_permitsSoManyRequests() {
        // guide
        Weir weir = Weir.builder()
                .policy(Policy.of("login", Limit.fixedWindow(5, Duration.ofDays(1))))
                .build();
        RateLimiter login = weir.limiter("login");
        boolean permitted = login.allow("alice");
        // end
        assertThat(permitted).isTrue();
        assertThat(count(10, () -> login.allow("alice"))).isEqualTo(4);
        weir.close();
    }

    @Test
    void allow_withAndWithoutACost() throws IOException {
        try (RateLimits limits = configured()) {
            // guide
            RateLimiter search = limits.weir().limiter("search");
            if (search.allow("carol")) {
                // one permit is taken
            }
            if (search.allow("carol", 5)) {
                // five are taken, or none
            }
            // end
            assertThat(search.tryAcquire("carol").remaining()).isEqualTo(3);
        }
    }

    @Test
    void tryAcquire_rejectedTellsWhen() throws IOException {
        try (RateLimits limits = configured()) {
            RateLimiter search = limits.weir().limiter("search");
            search.allow("carol", 10);
            List<String> messages = new ArrayList<>();
            // guide
            Decision decision = search.tryAcquire("carol", 5);
            if (decision instanceof Rejected rejected) {
                rejected.retryAfter().ifPresent(wait -> messages.add("try again in " + wait.toMinutes() + " min"));
            }
            // end
            assertThat(messages).singleElement().asString().matches("try again in (29|30) min");
        }
    }

    @Test
    void acquire_answersInItsTurn() throws IOException {
        try (RateLimits limits = configured()) {
            // guide
            RateLimiter mail = limits.weir().limiter("mail");
            mail.allow("carol");
            CompletableFuture<Decision> turn =
                    mail.acquireAsync("carol", Duration.ofSeconds(5)); // A tenth of a second later.
            CompletableFuture<String> sent = turn.thenApply(decision -> decision.permitted() ? "sent" : "too many");
            // end
            assertThat(sent.join()).isEqualTo("sent");
        }
    }

    @Test
    void weightsAndLimits_ofClients_holdForThem() throws IOException {
        try (RateLimits limits = configured()) {
            // guide
            RateLimiter search = limits.weir().limiter("search");
            long ofAlice = search.tryAcquire("alice").limit().permits(); // 30: three times the policy's 10
            long ofBob = search.tryAcquire("bob").limit().permits(); // 500: its own
            long ofDave = search.tryAcquire("dave").limit().permits(); // 100: its plan's
            // end
            assertThat(List.of(ofAlice, ofBob, ofDave)).containsExactly(30L, 500L, 100L);
        }
    }

    @Test
    void split_isDrawnOrNamed() throws IOException {
        try (RateLimits limits = configured()) {
            // guide
            RateLimiter upload = limits.weir().limiter("upload");
            Decision drawn = upload.tryAcquire("alice");
            Decision named = upload.tryAcquire(Acquisition.of("alice").cost(40).subBucket(0));
            // end
            assertThat(drawn.subBucket().orElseThrow()).isBetween(0, 2);
            assertThat(named.limit().permits()).isEqualTo(50);
            assertThat(named.permitted()).isTrue();
        }
    }

    @Test
    void callWithNumbersOfItsOwn_isDecidedByThem() throws IOException {
        try (RateLimits limits = configured()) {
            // guide
            RateLimiter export = limits.weir().limiter("export");
            Decision decision = export.tryAcquire(
                    Acquisition.of("alice").action("pdf").cost(2).weight(3).limit(50, Duration.ofHours(1)));
            // end
            assertThat(decision.limit().permits()).isEqualTo(150);
            assertThat(decision.remaining()).isEqualTo(148);
            assertThat(export.tryAcquire("alice").remaining())
                    .as("the action counts by itself")
                    .isEqualTo(19);
        }
    }

    @Test
    void timestamp_countsInsteadOfTheStoresClock() throws IOException {
        try (RateLimits limits = configured()) {
            // guide
            RateLimiter search = limits.weir().limiter("search");
            Instant madeAt = Instant.now().minusSeconds(30); // as a log, a queue or a gateway has it
            Decision decision =
                    search.tryAcquire(Acquisition.of("frank").cost(10).at(madeAt));
            Decision early = search.tryAcquire(Acquisition.of("frank").at(madeAt.plusSeconds(1)));
            Decision stale = search.tryAcquire(Acquisition.of("frank").at(madeAt.minusSeconds(60))); // Reason.STALE
            Decision future = search.tryAcquire(Acquisition.of("frank").at(madeAt.plusSeconds(60))); // Reason.FUTURE
            // end
            assertThat(decision.permitted()).isTrue();
            assertThat(((Rejected) early).retryAfterMicros()).isEqualTo((6 * 60 - 1) * 1_000_000L);
            assertThat(List.of(stale.reason(), future.reason())).containsExactly(Reason.STALE, Reason.FUTURE);
        }
    }

    @Test
    void limits_changedAtRunTime_holdFromTheNextCallOn() throws IOException {
        try (RateLimits configured = configured()) {
            Weir weir = configured.weir();
            // guide
            LimitAdmin limits = weir.limits();
            limits.setWeight("search", "alice", 5);
            limits.setRate("search", "bob", 7, Duration.ofHours(1));
            limits.setSplit("upload", "carol", 200, 50, 50);
            limits.setPlan("erin", "gold");
            limits.setTerms("search", "bob", before -> Terms.NONE); // as configured again
            limits.change("dave", before -> before.withPlan("gold").with("search", Terms.NONE)); // all or nothing
            // end
            assertThat(limits.find("dave").plan()).isEqualTo("gold");
            RateLimiter search = weir.limiter("search");
            assertThat(search.tryAcquire("alice").limit().permits()).isEqualTo(50);
            assertThat(search.tryAcquire("bob").limit().permits()).isEqualTo(500);
            assertThat(search.tryAcquire("erin").limit().permits()).isEqualTo(100);
            assertThat(weir.limiter("upload").tryAcquire("carol").limit().permits())
                    .isEqualTo(100);
            assertThat(search.tryAcquire(Acquisition.of("alice").weight(2))
                            .limit()
                            .permits())
                    .as("the call wins")
                    .isEqualTo(20);
            // guide
            List<String> clients = new ArrayList<>();
            Optional<String> next = Optional.of("");
            while (next.isPresent()) {
                Page page = limits.list(Subject.Kind.CLIENT, next.get(), 100);
                page.entries().forEach(entry -> clients.add(entry.getKey()));
                next = page.next();
            }
            // end
            assertThat(clients).containsExactlyInAnyOrder("alice", "carol", "dave", "erin");
        }
    }

    @Test
    void pool_isSharedByWeight() throws IOException {
        try (RateLimits limits = configured()) {
            List<String> messages = new ArrayList<>();
            // guide
            RateLimiter render = limits.weir().limiter("render");
            Decision decision = render.tryAcquire("dave", 20); // at most half of the burst, which is 100
            if (decision instanceof Rejected rejected) {
                messages.add("not now: " + rejected.reason()); // SHARE: the client's; CAPACITY: the whole pool's
            }
            // end
            assertThat(decision.permitted()).isTrue();
            assertThat(decision.limit()).isEqualTo(Limit.tokenBucket(1_000, Duration.ofSeconds(1), 100));
            assertThat(render.tryAcquire("dave", 51).reason()).isEqualTo(Reason.COST_ABOVE_LIMIT);
            assertThat(messages).isEmpty();
        }
    }

    @Test
    void weightsInAPool_changedAtRunTime() throws IOException {
        try (RateLimits configured = configured()) {
            Weir weir = configured.weir();
            // guide
            LimitAdmin limits = weir.limits();
            limits.setWeight("render", "dave", 10);
            limits.setRate("render", "frank", 300, Duration.ofSeconds(1));
            limits.change("erin", before -> before.with("render", Terms.weight(3)));
            // end
            assertThat(limits.find("dave").of("render").weight()).isEqualTo(10);
            assertThat(limits.find("erin").of("render").weight()).isEqualTo(3);
            assertThat(weir.limiter("render").tryAcquire("frank", 301).limit())
                    .isEqualTo(Limit.tokenBucket(300, Duration.ofSeconds(1)));
        }
    }

    @Test
    void bucket_createdAndAskedAndDeleted() throws IOException {
        try (RateLimits configured = configured()) {
            Weir weir = configured.weir();
            LimitAdmin limits = weir.limits();
            // guide
            limits.createBucket("tenant-7", 10, 50); // BucketExistsException if there is one
            Bucket bucket = weir.bucket("tenant-7");
            boolean permitted = bucket.allow();
            Decision decision = bucket.tryAcquire(40);
            limits.updateBucket("tenant-7", 10, 100);
            limits.deleteBucket("tenant-7"); // from now on bucket.allow() throws UnknownBucketException
            // end
            assertThat(permitted).isTrue();
            assertThat(decision.permitted()).isTrue();
            assertThatThrownBy(bucket::allow).isInstanceOf(UnknownBucketException.class);
        }
    }

    @Test
    void clientAndBucket_bothOrNeither() throws IOException {
        try (RateLimits configured = configured()) {
            Weir weir = configured.weir();
            weir.limits().createBucket("tenant-7", 10, 50);
            // guide
            Decisions decisions = weir.tryAcquire(
                    "alice", List.of(new PolicyCost("search", 1)), List.of(new BucketCost("tenant-7", 5)));
            // end
            assertThat(decisions.permitted()).isTrue();
            assertThat(decisions.each()).extracting(Decision::remaining).containsExactly(29L, 45L);
        }
    }

    // guide
    @Path("tenant")
    @RateLimited(bucket = "header:X-Tenant") // of the bucket alone
    public static class OfTenant {

        @GET
        @RateLimited(policy = "search")
        @RateLimited(bucket = "header:X-Tenant", cost = 2) // of the client and of the bucket, or of neither
        public String search() {
            return "[]";
        }
    }
    // end

    // guide
    @Path("reports")
    @RateLimited(policy = "export")
    public static class Reports {

        @GET
        public String list() {
            return "[]";
        }

        @POST
        @RateLimited(policy = "export", action = "pdf", cost = 2)
        public String create() {
            return "{}";
        }
    }
    // end
}
