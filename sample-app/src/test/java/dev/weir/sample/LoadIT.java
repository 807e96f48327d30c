package dev.weir.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.w3c.dom.Document;

/** {@code --load}, as a user runs it: at the sample itself, and at another application. */
class LoadIT {

    private static final int SECONDS = 6;

    @TempDir
    private Path directory;

    /** The rows of the table: client, manner, asked, through, rejected, failed, median, 99 %. */
    private static List<String[]> rows(SampleProcess.Exit exit) {
        return exit.errors().stream()
                .dropWhile(line -> !line.startsWith("client"))
                .skip(1)
                .takeWhile(line -> !line.startsWith("The picture"))
                .map(line -> line.strip().split(" +"))
                .toList();
    }

    private static double number(List<String[]> rows, String client, int column) {
        return rows.stream()
                .filter(row -> row[0].equals(client))
                .mapToDouble(row -> Double.parseDouble(row[column].replace(",", "")))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void load_ownApplication_showsThatLimitsHold() throws Exception {
        Path svg = directory.resolve("own.svg");
        SampleProcess.Exit exit = SampleProcess.run(
                "--load", "--port", "0", "--load-seconds", Integer.toString(SECONDS), "--load-svg", svg.toString());

        assertThat(exit.code()).as(exit.errors().toString()).isZero();
        List<String[]> rows = rows(exit);
        assertThat(rows).hasSize(9);
        assertThat(number(rows, "mallory", 2)).as("asked of 1/s").isGreaterThan(10);
        assertThat(number(rows, "mallory", 3) * SECONDS)
                .as("a burst of 10, then 1/s; one more for the time until the first request")
                .isBetween(10.0, 10.0 + SECONDS + 1);
        assertThat(number(rows, "mallory", 4)).isPositive();
        for (String[] row : rows) {
            assertThat(row[5]).as("failed, of " + row[0]).isEqualTo("0");
            double asked = Double.parseDouble(row[2]) * SECONDS;
            double counted = Double.parseDouble(row[3]) * SECONDS + Double.parseDouble(row[4]);
            assertThat(counted).as(row[0]).isCloseTo(asked, within(1.0)); // Rates are rounded.
        }
        assertThat(String.join("\n", exit.errors())).contains(SECONDS + " s of " + SECONDS + " s");
        Document picture =
                DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(svg.toFile());
        assertThat(picture.getDocumentElement().getTagName()).isEqualTo("svg");
        assertThat(picture.getElementsByTagName("path").getLength())
                .as("4 for each client")
                .isEqualTo(36);
    }

    @Test
    void load_anotherApplication_clientsByHeaderAndByPath() throws Exception {
        Path limits = Files.writeString(directory.resolve("limits.properties"), """
                weir.client-id=header:X-Client
                weir.policy.plain.limit=20
                weir.policy.plain.period=1s
                """);
        Path svg = directory.resolve("other.svg");
        try (SampleProcess other = SampleProcess.start("--config", limits.toString())) {
            List<String[]> byHeader = rows(SampleProcess.run(
                    "--load",
                    other.root().resolve("/plain/hello").toString(),
                    "--load-header",
                    "X-Client",
                    "--load-seconds",
                    Integer.toString(SECONDS),
                    "--load-svg",
                    svg.toString()));
            List<String[]> byPath = rows(SampleProcess.run(
                    "--load",
                    other.root() + "try/orders?client={client}",
                    "--load-seconds",
                    "2",
                    "--load-svg",
                    svg.toString()));

            assertThat(names(byHeader)).containsExactly("polite", "steady", "bursty", "greedy", "abusive");
            assertThat(number(byHeader, "steady", 4)).as("10/s are below 20/s").isZero();
            assertThat(number(byHeader, "abusive", 3)).as("asks for 60/s").isBetween(15.0, 25.0);
            assertThat(number(byPath, "abusive", 3) * 2).as("10 in 10 s").isBetween(10.0, 13.0);
        }
    }

    private static Stream<String> names(List<String[]> rows) {
        return rows.stream().map(row -> row[0]);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --load http://localhost:1/ | --load http://localhost:1/: no answer
            --load ftp://localhost/    | --load ftp://localhost/: invalid URI scheme ftp; allowed: http
            --load nonsense            | --load nonsense: URI with undefined scheme; allowed: http
            --load --load-seconds 0    | --load-seconds must be from 1 to 3600, but is 0
            --load --load-svg /no/such | --load-svg /no/such: no file can be written there
            --load --load-header X     | --load-header goes with --load URL
            --load --demo              | --load does not go with --demo
            --load-seconds 5           | --load-seconds, --load-svg and --load-header go with --load
            """)
    void load_wrongOptions_areOneLineAndExitCode2(String options, String message) throws Exception {
        SampleProcess.Exit exit = SampleProcess.run(options.split(" "));

        assertThat(exit.code()).isEqualTo(2);
        assertThat(exit.errors()).singleElement().asString().contains(message);
    }

    @Test
    void noLoad_aDirectoryHasTheNameOfItsPicture_nobodyMinds() throws Exception {
        Files.createDirectory(directory.resolve("load.svg"));

        try (SampleProcess sample = SampleProcess.startIn(directory)) {
            assertThat(sample.get("/health").statusCode()).isEqualTo(200);
        }
    }

    @Test
    void load_nothingIsThere_saysSo() throws Exception {
        try (SampleProcess other = SampleProcess.start()) {
            SampleProcess.Exit exit = SampleProcess.run(
                    "--load",
                    other.root() + "no-such",
                    "--load-seconds",
                    "1",
                    "--load-svg",
                    directory.resolve("load.svg").toString());

            assertThat(exit.errors())
                    .contains("The first answer was 404, which counts as through. Is it the right URL?");
        }
    }

    @Test
    void help_listsIt() throws Exception {
        assertThat(String.join("\n", SampleProcess.run("--help").errors()))
                .contains(Arrays.asList("--load[=URL]", "--load-header", "--load-seconds", "--load-svg"));
    }
}
