package dev.weir.filter.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.Acquisition;
import dev.weir.OnStoreFailure;
import dev.weir.Page;
import dev.weir.Policy;
import dev.weir.RateLimiter;
import dev.weir.filter.Configs;
import dev.weir.filter.RateLimits;
import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Keeps {@code docs/configuration.md} and the table of keys equal. */
class ConfigurationPageTest {

    private static final Path PAGE = Path.of("..", "docs", "configuration.md");
    private static final Path EXAMPLE = Path.of("..", "docs", "examples", "limits.properties");

    @Test
    void page_tableOfKeys_isTheOneInForce() throws IOException {
        List<String> rows = Files.readAllLines(PAGE).stream()
                .takeWhile(line -> !line.startsWith("## The store"))
                .filter(line -> line.startsWith("| `weir."))
                .toList();

        assertThat(rows)
                .containsExactlyElementsOf(
                        ConfigKeys.ALL.stream().map(ConfigurationPageTest::row).toList());
    }

    private static String row(Key<?> key) {
        return "| `%s` | %s | %s | %s | %s | %s | %s |"
                .formatted(
                        key.pattern(),
                        key.kind().type(),
                        key.kind().unit(),
                        key.standardShown(),
                        key.kind().range(),
                        key.live() ? "at once" : "at the next start",
                        key.meaning());
    }

    @Test
    void page_example_isValidAndMeansWhatItSays() throws IOException {
        String example = Page.of("docs/configuration.md").example("properties");
        ConfigProblems problems = new ConfigProblems();

        Settings settings = Configs.compile(example, problems);

        assertThat(problems.list()).isEmpty();
        assertThat(settings.policies().values())
                .containsExactlyInAnyOrder(
                        Policy.of("search", Limit.tokenBucket(100, Duration.ofSeconds(1), 150)),
                        Policy.of("export", Limit.fixedWindow(1000, Duration.ofDays(1)))
                                .onStoreFailure(OnStoreFailure.REJECT));
    }

    @Test
    void page_whoGetsWhat_isSo() throws IOException {
        List<String[]> rows = Files.readAllLines(PAGE).stream()
                .dropWhile(line -> !line.startsWith("| policy | client |"))
                .skip(2)
                .takeWhile(line -> line.startsWith("|"))
                .map(line -> line.split("\\s*\\|\\s*"))
                .toList();
        assertThat(rows).hasSizeGreaterThan(10);

        try (RateLimits limits = RateLimits.from(Configs.of("weir.config.file=" + EXAMPLE))) {
            for (String[] row : rows) {
                RateLimiter limiter = limits.weir().limiter(row[1]);
                // No client has so much: asked for it, the limit tells how much it is, and is charged nothing.
                Decision decision =
                        limiter.tryAcquire(request(Acquisition.of(row[2]).cost(1_000_000), row[3], limiter.policy()));
                boolean nothing = decision.remaining() == 0;
                assertThat(new String[] {
                            nothing
                                    ? "nothing"
                                    : String.valueOf(decision.limit().permits()),
                            nothing ? "nothing" : String.valueOf(decision.remaining())
                        })
                        .as(String.join(" ", row))
                        .containsExactly(row[4], row[5]);
            }
        }
    }

    private static Acquisition request(Acquisition request, String says, Policy policy) {
        Acquisition all = request;
        for (String part : says.isEmpty() ? new String[0] : says.split(", ")) {
            String[] words = part.split(" ");
            all = switch (words[0]) {
                case "weight" -> all.weight(Long.parseLong(words[1]));
                case "limit" ->
                    all.limit(Long.parseLong(words[1]), policy.limit().period());
                case "action" -> all.action(words[1]);
                case "bucket" -> all.subBucket(Integer.parseInt(words[1]));
                default -> throw new AssertionError(part);
            };
        }
        return all;
    }

    @Test
    void example_shadowPolicy_permitsAboveItsLimit() {
        try (RateLimits limits = RateLimits.from(Configs.of("weir.config.file=" + EXAMPLE))) {
            RateLimiter login = limits.weir().limiter("login");

            assertThat(login.allow("alice", 5)).isTrue();
            assertThat(login.tryAcquire("alice").permitted()).isTrue();
            assertThat(login.tryAcquire("alice").reason()).isEqualTo(Reason.LIMIT);
        }
    }

    @Test
    void defaults_everyKey_areAllowed() {
        assertThat(ConfigKeys.ALL)
                .filteredOn(key -> key.standard() != null)
                .allSatisfy(key ->
                        assertThat(key.kind().read().apply(key.standard())).isNotNull());
    }
}
