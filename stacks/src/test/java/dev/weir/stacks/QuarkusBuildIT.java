package dev.weir.stacks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application for Quarkus that would not be limited is not built: by ArC, the part of that build which is CDI. */
class QuarkusBuildIT {

    private static final Path APPLICATION = Path.of("src/apps/jaxrs");
    private static final Path PAGE = Path.of("..", "docs", "quarkus.md");
    private static final Pattern DEPENDENCY = Pattern.compile("(?s)<dependency>.*?</dependency>");
    private static final String REST = "io.quarkus.resteasy.reactive:resteasy-reactive:3.27.0";

    @TempDir
    private Path directory;

    private Artifacts artifacts;

    @BeforeEach
    void open() {
        artifacts = new Artifacts();
    }

    @AfterEach
    void close() {
        artifacts.close();
    }

    @Test
    void weirFilterAlone_isRefused_andTheJarToAddIsNamed() throws Exception {
        assertThat(build(WeirJars.MODULES))
                .contains("@RateLimited on [com.example.SearchResource] has no effect on Quarkus without")
                .doesNotContain("built");
    }

    @Test
    void quarkusRest_isRefused_evenWithWeirCdi() throws Exception {
        assertThat(build(WeirJars.CDI, REST))
                .contains("has no effect on Quarkus REST: use quarkus-resteasy and quarkus-undertow")
                .doesNotContain("built");
    }

    @Test
    void weirCdi_isBuilt() throws Exception {
        assertThat(build(WeirJars.CDI)).isEqualTo("built\n");
    }

    @Test
    void classOfThePage_isBuilt_andIsLimited() throws Exception {
        Path page = Files.createDirectories(directory.resolve("page"));
        String java = example(Files.readString(PAGE));
        Files.writeString(page.resolve("Hello.java"), java);

        assertThat(build(page, WeirJars.CDI)).isEqualTo("built\n");
        assertThat(build(page, WeirJars.MODULES)).contains("@RateLimited on [Hello] has no effect");
    }

    /** The compiler puts them into one of another type. */
    @Test
    void methodWithTwoAnnotations_isRefusedAsOneWithOne() throws Exception {
        String one = "@RateLimited(policy = \"search\")";
        Path twice = Files.createDirectories(directory.resolve("twice"));
        String java = example(Files.readString(PAGE)).replace(one, one + " @RateLimited(policy = \"orders\")");
        Files.writeString(twice.resolve("Hello.java"), java);

        assertThat(build(twice, WeirJars.MODULES)).contains("@RateLimited on [Hello] has no effect");
    }

    private static String example(String page) {
        String begin = "```java\n";
        int from = page.indexOf(begin) + begin.length();
        return page.substring(from, page.indexOf("```\n", from));
    }

    /** The application that {@link StacksIT} starts has no others. */
    @Test
    void dependenciesOfThePage_areThoseOfTheApplicationThatIsTried() throws Exception {
        String tried = Files.readString(Path.of("quarkus", "pom.xml")).replaceAll("\\s", "");
        List<String> named = DEPENDENCY
                .matcher(Files.readString(PAGE))
                .results()
                .map(found -> found.group().replaceAll("\\s", "").replace("0.1.0-SNAPSHOT", "${project.version}"))
                .toList();

        assertThat(named).hasSize(3).allSatisfy(each -> assertThat(tried).contains(each));
    }

    private String build(WeirJars weir, String... libraries) throws IOException, InterruptedException {
        return build(APPLICATION, weir, libraries);
    }

    private String build(Path application, WeirJars weir, String... libraries)
            throws IOException, InterruptedException {
        List<String> needed = new ArrayList<>(List.of(
                "io.quarkus.arc:arc-processor:3.27.0",
                "io.quarkus.arc:arc:3.27.0",
                "jakarta.ws.rs:jakarta.ws.rs-api:3.1.0",
                "jakarta.servlet:jakarta.servlet-api:6.0.0"));
        needed.addAll(Arrays.asList(libraries));
        needed.addAll(weir.needed());
        List<Path> classPath = new ArrayList<>(artifacts.classPath(needed));
        classPath.addAll(weir.paths());
        Path build = Files.createDirectories(directory.resolve("build-" + weir));
        Compiler.compile(List.of(Path.of("src/builds/arc")), classPath, build);
        Path classes = Files.createDirectories(directory.resolve("classes-" + weir));
        Compiler.compile(List.of(application), classPath, classes);
        classPath.addAll(List.of(build, classes));
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("stacks.java"), "bin", "java")
                                .toString(),
                        "-cp",
                        Compiler.joined(classPath),
                        "BeanBuild",
                        classes.toString())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }
}
