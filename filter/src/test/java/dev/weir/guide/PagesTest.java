package dev.weir.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every page of the repository: its links lead somewhere, and its prose is plain and fits a line. */
class PagesTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("^#{1,6} +(.*?) *#*$");
    private static final Pattern PAGE_IN_CODE = Pattern.compile("docs/[\\w/.-]+\\.(?:md|properties)");

    /**
     * Clauses about people in place of requests, and a word that hides what happens: see the examples in the messages.
     */
    private static final Pattern WORDS =
            Pattern.compile("\\btold\\b|(?:^|[.;:,(|] )[*_]*Who\\b|\\b(?:[Nn]o|[Ss]ome|[Ee]very|[Aa]ny)body\\b");

    private static final int WIDTH = 120;

    private record Line(int number, String text) {}

    @Test
    void links_everyPage_leadToAFileAndAHeadingThatExist() throws IOException {
        List<String> broken = new ArrayList<>();
        int links = 0;
        for (Path page : files(".md")) {
            for (Line line : prose(page)) {
                Matcher link = LINK.matcher(withoutCode(line.text()));
                while (link.find()) {
                    links++;
                    if (!exists(page, link.group(1))) {
                        broken.add("%s:%d: %s".formatted(ROOT.relativize(page), line.number(), link.group(1)));
                    }
                }
            }
        }

        assertThat(broken).isEmpty();
        assertThat(links).isGreaterThan(100);
    }

    @Test
    void links_pagesThatCodeNames_exist() throws IOException {
        List<String> missing = new ArrayList<>();
        for (Path file : files(".java")) {
            Matcher name = PAGE_IN_CODE.matcher(Files.readString(file));
            while (name.find()) {
                if (!Files.exists(ROOT.resolve(name.group()))) {
                    missing.add(ROOT.relativize(file) + ": " + name.group());
                }
            }
        }

        assertThat(missing).isEmpty();
    }

    @Test
    void prose_pagesForReaders_fitsALineAndHasSubjectAndVerb() throws IOException {
        List<String> found = new ArrayList<>();
        List<Path> pages = files(".md").stream()
                .filter(page -> page.getParent().equals(ROOT)
                        || page.startsWith(ROOT.resolve("docs"))
                        || page.equals(ROOT.resolve("benchmarks/README.md")))
                .toList();
        for (Path page : pages) {
            for (Line line : prose(page)) {
                String text = withoutCode(line.text());
                boolean table = text.startsWith("|");
                boolean unbreakable = text.contains("](http");
                if (line.text().length() > WIDTH && !table && !unbreakable) {
                    found.add("%s:%d: longer than %d".formatted(ROOT.relativize(page), line.number(), WIDTH));
                }
                // Tables have the words of the code, and clients of that name.
                if (WORDS.matcher(text).find() && !table) {
                    found.add("%s:%d: %s".formatted(ROOT.relativize(page), line.number(), text));
                }
            }
        }

        assertThat(found).isEmpty();
        assertThat(pages).hasSizeGreaterThan(8);
    }

    @Test
    void index_docs_namesEveryPage() throws IOException {
        String index = Files.readString(ROOT.resolve("docs/README.md"));

        for (Path page : files(".md")) {
            if (page.getParent().equals(ROOT.resolve("docs")) && !page.endsWith("README.md")) {
                assertThat(index).contains("(" + page.getFileName() + ")");
            }
        }
    }

    private static boolean exists(Path page, String target) throws IOException {
        if (target.matches("[a-z]+:.*")) {
            return true;
        }
        int hash = target.indexOf('#');
        String path = hash < 0 ? target : target.substring(0, hash);
        Path file = path.isEmpty() ? page : page.resolveSibling(path).normalize();
        if (!file.startsWith(ROOT) || !Files.exists(file)) {
            return false;
        }
        return hash < 0 || file.toString().endsWith(".md") && anchors(file).contains(target.substring(hash + 1));
    }

    /** The anchors of a page's headings, as GitHub makes them. */
    private static Set<String> anchors(Path page) throws IOException {
        Map<String, Integer> times = new HashMap<>();
        Set<String> anchors = new HashSet<>();
        for (Line line : prose(page)) {
            Matcher heading = HEADING.matcher(line.text());
            if (heading.matches()) {
                String words = heading.group(1).replaceAll("\\[([^]]*)]\\([^)]*\\)", "$1");
                String anchor = words.toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N} _-]", "")
                        .replace(' ', '-');
                int before = times.merge(anchor, 1, Integer::sum) - 1;
                anchors.add(before == 0 ? anchor : anchor + "-" + before);
            }
        }
        return anchors;
    }

    /** The lines of a page that are not in a block of code. */
    private static List<Line> prose(Path page) throws IOException {
        List<Line> lines = new ArrayList<>();
        boolean code = false;
        int number = 0;
        for (String line : Files.readAllLines(page)) {
            number++;
            if (line.strip().startsWith("```")) {
                code = !code;
            } else if (!code) {
                lines.add(new Line(number, line));
            }
        }
        return lines;
    }

    private static String withoutCode(String line) {
        return line.replaceAll("`[^`]*`", "`");
    }

    private static List<Path> files(String suffix) throws IOException {
        try (Stream<Path> files = Files.walk(ROOT)) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .filter(file -> Stream.of("target", ".git")
                            .noneMatch(name -> ROOT.relativize(file).startsWith(name)
                                    || ROOT.relativize(file).toString().contains("/" + name + "/")))
                    .sorted()
                    .toList();
        }
    }
}
