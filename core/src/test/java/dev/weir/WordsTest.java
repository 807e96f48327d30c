package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The sources are written in plain technical English. This test finds a few slips that are easy to find. It does not
 * judge style beyond that.
 */
class WordsTest {

    /** The modules that are checked, main and test sources alike. */
    private static final List<String> ROOTS =
            List.of("annotations", "core", "redisson-backend", "filter", "spring-boot", "sample-app", "benchmarks");

    private static final int LONGEST_COMMENT_LINE = 120;

    /** Things report, return, log or state. The brackets keep this file from matching itself. */
    private static final Pattern PERSONIFIED = Pattern.compile("\\b[Tt][o]ld\\b");

    /** A clause needs a subject: a request, a client, an instance. */
    private static final Pattern CLAUSE_WITHOUT_SUBJECT =
            Pattern.compile("(?:^|[.;:?!(]\\s+|,\\s(?:and|but|or|for)\\s)(?:<\\w+>)*[Ww]ho(?:ever|m)?\\b");

    /** Requests, clients and instances do things here, and not people. */
    private static final Pattern PEOPLE = Pattern.compile("\\b(?:[Nn]o|[Ss]ome|[Ee]very|[Aa]ny)body\\b");

    private static final Pattern TAG = Pattern.compile("^(?:@param\\s+\\S+|@return|@throws\\s+\\S+)\\s+");
    private static final Pattern CLAUSE_END = Pattern.compile("[.;:?!](?:</\\w+>)*$");

    /** The text of a comment, by the extension of the file: a line of a block comment, or what follows the marker. */
    private static final Map<String, Pattern> COMMENT = Map.of(
            "java", Pattern.compile("^\\s*(?:/\\*\\*?|\\*(?!/)|//)\\s*(.*?)\\s*(?:\\*/)?$|^.*[;{}(),>]\\s*//\\s+(.*)$"),
            "lua", Pattern.compile("^\\s*--+\\s*(.*)$|^.*\\s--\\s+(.*)$"));

    @Test
    void sources_haveNoSlips() throws IOException {
        List<String> slips = new ArrayList<>();
        for (String root : ROOTS) {
            List<Path> sources = sources(Path.of("..", root, "src"));
            assertThat(sources).as("sources of %s", root).isNotEmpty();
            for (Path source : sources) {
                slips(source.getFileName().toString(), Files.readAllLines(source))
                        .forEach(slip -> slips.add(source + ":" + slip));
            }
        }
        assertThat(slips).isEmpty();
    }

    @Test
    void slips_areFound() {
        String long120 = " * " + "x".repeat(LONGEST_COMMENT_LINE - 3);
        String verb = "to" + "ld";
        String subject = "W" + "ho";
        assertThat(slips("A.java", List.of("// The client is " + verb + " so.")))
                .hasSize(1);
        assertThat(slips("A.java", List.of("int " + verb + " = 1;"))).hasSize(1);
        assertThat(slips("A.java", List.of("/** " + subject + " waits is rejected. */")))
                .hasSize(1);
        assertThat(slips("A.java", List.of("go(); // It ends; " + subject.toLowerCase() + " waits is rejected.")))
                .hasSize(1);
        assertThat(slips("A.java", List.of(" * It ends.", " * " + subject + " waits is rejected.")))
                .hasSize(1);
        assertThat(slips("A.java", List.of(" * @param a " + subject.toLowerCase() + " waits")))
                .hasSize(1);
        assertThat(slips("A.java", List.of(" * and no" + "body waits"))).hasSize(1);
        assertThat(slips("A.java", List.of(" * an operator", " * who reads the log")))
                .isEmpty();
        assertThat(slips("a.lua", List.of("local a = 1 -- " + subject + " waits is rejected.")))
                .hasSize(1);
        assertThat(slips("A.java", List.of(long120))).isEmpty();
        assertThat(slips("A.java", List.of(long120 + "x"))).hasSize(1);
    }

    private static List<Path> sources(Path root) {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile)
                    .filter(file -> COMMENT.containsKey(extension(file.toString())))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> slips(String file, List<String> lines) {
        List<String> slips = new ArrayList<>();
        String before = "";
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            String comment = comment(file, line);
            if (PERSONIFIED.matcher(line).find()) {
                slips.add("%d: things report, return or state: %s".formatted(i + 1, line.strip()));
            }
            if (PEOPLE.matcher(comment).find()) {
                slips.add("%d: name the request, client or instance: %s".formatted(i + 1, line.strip()));
            }
            if (hasClauseWithoutSubject(before, comment)) {
                slips.add("%d: a clause has no subject: %s".formatted(i + 1, line.strip()));
            }
            if (!comment.isEmpty() && line.length() > LONGEST_COMMENT_LINE) {
                slips.add("%d: a comment line of %d columns".formatted(i + 1, line.length()));
            }
            before = comment;
        }
        return slips;
    }

    /** A line may begin with a relative pronoun if the line before it ends inside a clause. */
    private static boolean hasClauseWithoutSubject(String before, String comment) {
        String text = TAG.matcher(comment).replaceFirst("");
        boolean isContinued = !before.isEmpty()
                && text.equals(comment)
                && !CLAUSE_END.matcher(before).find();
        return CLAUSE_WITHOUT_SUBJECT
                .matcher(isContinued && text.startsWith("who") ? "-" + text : text)
                .find();
    }

    private static String comment(String file, String line) {
        Matcher comment = COMMENT.get(extension(file)).matcher(line);
        if (!comment.matches()) {
            return "";
        }
        return comment.group(1) != null ? comment.group(1) : comment.group(2);
    }

    private static String extension(String file) {
        return file.substring(file.lastIndexOf('.') + 1);
    }
}
