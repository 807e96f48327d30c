package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.Policy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Keeps {@code docs/configuration.md} and the table of keys equal. */
class ConfigurationPageTest {

    private static final Path PAGE = Path.of("..", "docs", "configuration.md");

    @Test
    void page_tableOfKeys_isTheOneInForce() throws IOException {
        List<String> rows = Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith("| `weir."))
                .toList();

        assertThat(rows)
                .containsExactlyElementsOf(
                        Keys.ALL.stream().map(ConfigurationPageTest::row).toList());
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
        String page = Files.readString(PAGE);
        String example = page.substring(
                page.indexOf("```properties") + 13, page.indexOf("```\n", page.indexOf("```properties")));
        ConfigProblems problems = new ConfigProblems();

        Settings settings = Configs.compile(example, problems);

        assertThat(problems.list()).isEmpty();
        assertThat(settings.policies().values())
                .extracting(Policy::toString)
                .contains(
                        "Policy[name=search, limit=token-bucket 100 per PT1S, burst 150, onStoreFailure=LOCAL]",
                        "Policy[name=export, limit=fixed-window 1000 per PT24H, onStoreFailure=REJECT]");
    }

    @Test
    void defaults_everyKey_areAllowed() {
        assertThat(Keys.ALL)
                .filteredOn(key -> key.standard() != null)
                .allSatisfy(key ->
                        assertThat(key.kind().read().apply(key.standard())).isNotNull());
    }
}
