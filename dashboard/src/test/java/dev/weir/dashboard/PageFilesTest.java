package dev.weir.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;

/** What the page is made of: nothing from elsewhere, nothing that its security policy would refuse, and not much. */
class PageFilesTest {

    private static final Path CLASSES = Path.of("target/classes");
    private static final Path WEB = CLASSES.resolve("dev/weir/dashboard/web");
    private static final int MOST_BYTES = 100_000;

    private static List<Path> files(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile).toList();
        }
    }

    private static String own(String name) throws IOException {
        return new String(PageFiles.find(name).orElseThrow(), StandardCharsets.UTF_8);
    }

    private static List<String> ownNames() {
        return PageFiles.NAMES.stream()
                .filter(name -> !name.contains("/uplot/"))
                .toList();
    }

    @Test
    void everyFileHasItsName_andEveryNameItsFile() throws Exception {
        assertThat(files(WEB).stream()
                        .map(file -> WEB.relativize(file).toString().replace('\\', '/')))
                .containsExactlyInAnyOrderElementsOf(PageFiles.NAMES);
    }

    @Test
    void nothingIsLoadedFromElsewhere() throws Exception {
        for (String name : ownNames()) {
            assertThat(own(name).replace("http://www.w3.org/2000/svg", ""))
                    .as(name)
                    .doesNotContain("http://", "https://", "\"//", "'//");
        }
        assertThat(own("dashboard/uplot/uPlot.min.css")).doesNotContain("url(", "@import");
        assertThat(own("dashboard/uplot/uPlot.esm.js")).doesNotContain("fetch(", "import(", "XMLHttpRequest");
    }

    @Test
    void nothingIsInline_andNoTextBecomesHtml() throws Exception {
        Pattern inline = Pattern.compile("(?i)<script(?![^>]* src=)|<style|\\sstyle=|\\son[a-z]+=|javascript:");
        Pattern html = Pattern.compile(
                "innerHTML|outerHTML|insertAdjacentHTML|document\\.write|createContextualFragment|\\beval\\(|new Function|srcdoc");
        assertThat(inline.matcher("<p onclick=x>").find()).isTrue();
        assertThat(own("dashboard/index.html")).doesNotContainPattern(inline);
        for (String name : ownNames()) {
            assertThat(own(name)).as(name).doesNotContainPattern(html);
        }
    }

    /** An EventSource could send the token in its URL alone, and a URL is logged. */
    @Test
    void tokenGoesIntoAHeader() throws Exception {
        assertThat(own("dashboard/session.js")).contains("Authorization: 'Bearer ' + token");
        for (String name : ownNames()) {
            assertThat(own(name)).as(name).doesNotContain("new EventSource").doesNotContainPattern("[?&]token=");
        }
        assertThat(own("dashboard/index.html")).containsPattern("<input id=\"token\" type=\"password\"(?![^>]* name=)");
    }

    /** As the jar has it. */
    @Test
    void allOfIt_isSmall() throws Exception {
        ByteArrayOutputStream jar = new ByteArrayOutputStream();
        for (Path file : files(CLASSES)) {
            try (DeflaterOutputStream deflated = new DeflaterOutputStream(jar)) {
                Files.copy(file, deflated);
            }
        }

        assertThat(jar.size()).isBetween(50_000, MOST_BYTES);
    }
}
