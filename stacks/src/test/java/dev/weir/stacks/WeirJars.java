package dev.weir.stacks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The jars of Weir, from the build that this is a part of. */
enum WeirJars {
    /** The one jar for {@code WEB-INF/lib}. */
    BUNDLE(List.of("bundle/target/weir-all.jar"), List.of()),

    /** Each module's own, for an application that has Redisson as its dependency. */
    MODULES(
            Stream.of("annotations", "core", "filter", "redisson-backend")
                    .map(module ->
                            module + "/target/weir-" + module + "-" + System.getProperty("weir.version") + ".jar")
                    .toList(),
            List.of(
                    "org.redisson:redisson:" + System.getProperty("redisson.version"),
                    "com.github.seancfoley:ipaddress:" + System.getProperty("ipaddress.version"),
                    "org.eclipse.microprofile.config:microprofile-config-api:"
                            + System.getProperty("microprofile-config.version")));

    private final List<String> files;
    private final List<String> needed;

    WeirJars(List<String> files, List<String> needed) {
        this.files = files;
        this.needed = needed;
    }

    List<Path> paths() {
        List<Path> paths = files.stream()
                .map(file -> Path.of("..").resolve(file).toAbsolutePath().normalize())
                .toList();
        for (Path path : paths) {
            if (!Files.exists(path)) {
                throw new IllegalStateException(path + " is not built: run mvn verify -pl stacks -am");
            }
        }
        return paths;
    }

    /** The artifacts that they depend on. */
    List<String> needed() {
        return needed;
    }
}
