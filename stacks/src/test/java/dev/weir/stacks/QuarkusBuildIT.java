package dev.weir.stacks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An application for Quarkus that would not be limited is not built: by ArC, the part of that build which is CDI. */
class QuarkusBuildIT {

    private static final Path APPLICATION = Path.of("src/apps/jaxrs");
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

    private String build(WeirJars weir, String... libraries) throws IOException, InterruptedException {
        List<String> needed = new ArrayList<>(List.of(
                "io.quarkus.arc:arc-processor:3.27.0",
                "io.quarkus.arc:arc:3.27.0",
                "jakarta.ws.rs:jakarta.ws.rs-api:3.1.0",
                "jakarta.servlet:jakarta.servlet-api:6.0.0"));
        needed.addAll(Arrays.asList(libraries));
        needed.addAll(weir.needed());
        List<Path> classPath = new ArrayList<>(artifacts.classPath(needed));
        classPath.addAll(weir.paths());
        Path build = Files.createDirectories(directory.resolve("build"));
        Compiler.compile(List.of(Path.of("src/builds/arc")), classPath, build);
        Path classes = Files.createDirectories(directory.resolve("classes"));
        Compiler.compile(List.of(APPLICATION), classPath, classes);
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
