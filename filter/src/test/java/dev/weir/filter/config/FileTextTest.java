package dev.weir.filter.config;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.junit.jupiter.api.Test;

class FileTextTest {

    private static final Path FILE = Path.of("weir.properties");

    private static FileText parse(String text) {
        return FileText.parse(FILE, text.getBytes(UTF_8));
    }

    @Test
    void parse_properties_areTheValues() {
        assertThat(parse("# a comment\nweir.store = memory\n\nweir.headers:none")
                        .values())
                .contains(Map.of("weir.store", "memory", "weir.headers", "none"));
    }

    @Test
    void parse_byteOrderMark_isNotPartOfTheKey() {
        assertThat(parse("\uFEFFweir.store=memory").values()).contains(Map.of("weir.store", "memory"));
    }

    @Test
    void parse_keyGivenTwice_isRefused() {
        FileText text = parse("weir.headers=none\nweir.store=memory\n weir.headers : draft\n");

        assertThat(text.problems()).singleElement().asString().contains("weir.headers is given more than once");
    }

    @Test
    void parse_keyOfAProfile_isAValue() {
        FileText text = parse("%dev.weir.store=memory\n%dev.other=1");

        assertThat(text.values()).contains(Map.of("%dev.weir.store", "memory"));
        assertThat(text.problems()).singleElement().asString().contains("%dev.other");
    }

    /** A wrong file, full of keys of something else, must not leave its secrets in the log. */
    @Test
    void parse_keysOfSomethingElse_valuesAreNotShown() {
        FileText text = parse("db.dsn=host=db user=app pw=hunter2\nstripe.sk=hunter2\nwier.admin.toke=hunter2-hunter2");

        assertThat(text.problems()).hasSize(3).allMatch(problem -> problem.contains("'...'"));
        assertThat(text.problems().toString()).contains("db.dsn", "stripe.sk").doesNotContain("hunter2");
    }

    @Test
    void parse_notUtf8_isRefused() {
        FileText text = FileText.parse(FILE, "weir.instance-id=\u00e9".getBytes(ISO_8859_1));

        assertThat(text.values()).isEmpty();
        assertThat(text.problems()).singleElement().asString().contains("weir.properties", "not UTF-8");
    }

    @Test
    void parse_largerThanAMebibyte_isRefused() {
        FileText text = FileText.parse(FILE, new byte[FileText.MAX_BYTES + 1]);

        assertThat(text.values()).isEmpty();
        assertThat(text.problems()).singleElement().asString().contains("1048576");
    }

    @Test
    void parse_malformedEscape_isRefused() {
        assertThat(parse("weir.store=\\u00zz").problems())
                .singleElement()
                .asString()
                .contains("not a properties file");
    }

    @Test
    void parse_keyOfAnother_namesTheNearestOfOurs() {
        FileText text = parse("wier.store=memory\nweir.headers=none");

        assertThat(text.values()).contains(Map.of("weir.headers", "none"));
        assertThat(text.problems()).singleElement().asString().contains("wier.store", "'memory'", "weir.store");
    }

    @Test
    void parse_fileThatNamesAFile_isRefused() {
        for (String key : List.of("weir.config.file", "%dev.weir.config.file")) {
            FileText text = parse(key + "=other");

            assertThat(text.problems()).singleElement().asString().contains(key, "itself");
            assertThat(text.values()).contains(Map.of());
        }
    }

    @Property(tries = 500)
    void parse_anyBytes_areValuesOrProblems(@ForAll byte[] bytes) {
        compile(FileText.parse(FILE, bytes));
    }

    @Property(tries = 1000)
    void compile_anyText_isAValidSnapshotOrACleanError(@ForAll("nearlyValid") List<String> lines) {
        compile(parse(String.join("\n", lines)));
    }

    private static void compile(FileText text) {
        assertThat(text.values().isPresent() || !text.problems().isEmpty()).isTrue();
        ConfigFileSource source = new ConfigFileSource();
        text.values().ifPresent(values -> source.say("fuzz", values));
        Stores stores = Stores.onClassPath();
        ConfigSnapshot given = ConfigSnapshot.read(
                new SmallRyeConfigBuilder()
                        .addDefaultInterceptors()
                        .withSources(source)
                        .build(),
                KeyCatalog.with(stores.keys()),
                text.problems());
        ConfigProblems problems = new ConfigProblems();

        Settings settings = Settings.compile(given, stores, problems);

        if (problems.isEmpty()) {
            settings.policies()
                    .forEach((name, policy) -> assertThat(policy.name()).isEqualTo(name));
            assertThat(settings.http().clientId()).isNotNull();
            assertThat(settings.reloadInterval()).isPositive();
            assertThat(settings.policies().keySet()).containsAll(policiesIn(source.getPropertyNames(), source));
        } else {
            assertThat(problems.list())
                    .allSatisfy(problem -> assertThat(problem).isNotBlank().doesNotContain("\n", "null", "Exception"));
        }
    }

    private static List<String> policiesIn(Set<String> keys, ConfigFileSource source) {
        return keys.stream()
                .filter(key -> key.startsWith("weir.policy.")
                        && key.endsWith(".limit")
                        && !String.valueOf(source.getValue(key)).isBlank())
                .map(key -> KeyName.parse(key).orElseThrow().segments().get(2))
                .toList();
    }

    @Provide
    Arbitrary<List<String>> nearlyValid() {
        Arbitrary<String> key = Arbitraries.frequencyOf(
                Tuple.of(
                        12,
                        Arbitraries.of(ConfigKeys.ALL)
                                .map(known -> known.pattern().with("p", "q").toString())),
                Tuple.of(
                        3,
                        Arbitraries.of("weir.policy.q.limit", "weir.policy.\"q\".limit", "weir.policy.\"a.b\".limit")),
                Tuple.of(1, Arbitraries.strings().ofMaxLength(8).map(text -> "weir." + text)),
                Tuple.of(1, Arbitraries.strings().ofMaxLength(8)));
        Arbitrary<String> value = Arbitraries.oneOf(
                Arbitraries.of(
                        "1",
                        "100",
                        "0",
                        "-1",
                        "1s",
                        "5m",
                        "1d",
                        "PT1S",
                        "memory",
                        "draft",
                        "none",
                        "token-bucket",
                        "fixed-window",
                        "reject",
                        "p",
                        "p, q",
                        "principal",
                        "127.0.0.1",
                        "Forwarded",
                        "",
                        " ",
                        "${x}",
                        "${",
                        "${${}}",
                        "$",
                        "\\",
                        "\\${x}",
                        "9007199254740992",
                        "9223372036854775808",
                        "366d",
                        "50,30,20",
                        "99,1",
                        "true",
                        "q"),
                Arbitraries.longs().map(String::valueOf),
                Arbitraries.strings().ofMaxLength(12));
        return Combinators.combine(key, value).as((k, v) -> k + "=" + v).list().ofMaxSize(12);
    }
}
