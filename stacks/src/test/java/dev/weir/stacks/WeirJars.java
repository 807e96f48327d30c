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
            List.of(module("annotations"), module("core"), module("filter"), module("redisson-backend")),
            List.of(
                    "org.redisson:redisson:" + System.getProperty("redisson.version"),
                    "com.github.seancfoley:ipaddress:" + System.getProperty("ipaddress.version"),
                    "org.eclipse.microprofile.config:microprofile-config-api:"
                            + System.getProperty("microprofile-config.version"))),

    /** The modules with that of CDI. */
    CDI(Stream.concat(MODULES.files.stream(), Stream.of(module("cdi"))).toList(), MODULES.needed),

    /** The modules with the starter for Spring Boot. */
    STARTER(
            Stream.concat(MODULES.files.stream(), Stream.of(jar("spring-boot", "weir-spring-boot-starter")))
                    .toList(),
            MODULES.needed);

    private final List<String> files;
    private final List<String> needed;

    WeirJars(List<String> files, List<String> needed) {
        this.files = files;
        this.needed = needed;
    }

    private static String module(String directory) {
        return jar(directory, "weir-" + directory);
    }

    private static String jar(String directory, String artifact) {
        return directory + "/target/" + artifact + "-" + System.getProperty("weir.version") + ".jar";
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
