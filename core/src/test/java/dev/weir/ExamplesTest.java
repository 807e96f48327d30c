package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What an application meets has an example each, and each of them compiles. */
class ExamplesTest {

    private static final Path SOURCES = Path.of("src/main/java/dev/weir");
    private static final Pattern EXAMPLE = Pattern.compile("<pre>\\{@code\n(.*?)\n \\* }</pre>", Pattern.DOTALL);

    /** What the examples take for granted. */
    private static final String AROUND = """
            import dev.weir.*;
            import dev.weir.limit.*;
            import dev.weir.store.*;
            import java.time.*;
            import java.util.*;

            abstract class Example {
                Weir weir;
                RateLimiter search;
                Store store;

                abstract void answer();

                boolean run() {
                    if (weir != null) {
                        %s
                    }
                    return true;
                }
            }
            """;

    static Stream<Path> publicTypes() throws IOException {
        try (Stream<Path> files = Files.list(SOURCES)) {
            return files
                    .filter(file -> file.toString().endsWith(".java"))
                    .filter(ExamplesTest::isPublicType)
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    private static boolean isPublicType(Path source) {
        try {
            return Pattern.compile("^public ", Pattern.MULTILINE)
                    .matcher(Files.readString(source))
                    .find();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @ParameterizedTest
    @MethodSource("publicTypes")
    void publicType_hasAnExampleThatCompiles(Path source, @TempDir Path classes) throws IOException {
        List<String> examples = examples(source);

        assertThat(examples).isNotEmpty();
        for (String example : examples) {
            assertThat(errors(example, classes)).as(example).isEmpty();
        }
    }

    private static List<String> examples(Path source) throws IOException {
        List<String> examples = new ArrayList<>();
        Matcher matcher = EXAMPLE.matcher(Files.readString(source));
        while (matcher.find()) {
            examples.add(matcher.group(1).replaceAll("(?m)^ *\\* ?", ""));
        }
        return examples;
    }

    private static List<String> errors(String example, Path classes) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        JavaFileObject source =
                new SimpleJavaFileObject(URI.create("string:///Example.java"), JavaFileObject.Kind.SOURCE) {
                    @Override
                    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
                        return AROUND.formatted(example);
                    }
                };
        compiler.getTask(null, null, found, List.of("-d", classes.toString()), null, List.of(source))
                .call();
        return found.getDiagnostics().stream()
                .filter(each -> each.getKind() == Diagnostic.Kind.ERROR)
                .map(Object::toString)
                .toList();
    }
}
