package dev.weir.faults.clock;

import java.io.IOException;
import java.io.InputStream;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.objectweb.asm.ClassReader;

/** {@link ClockAgent} as the file that a JVM takes for an agent. */
public final class AgentJar {

    private static final String AGENT = "clock-agent.jar";
    private static final String SEEN_BY_ALL = "clock.jar";

    private AgentJar() {}

    /** Writes it, and what belongs to it. */
    public static Path write(Path directory) throws IOException {
        write(directory.resolve(SEEN_BY_ALL), Map.of(), WallClock.class);
        Map<String, String> attributes = Map.of(
                "Premain-Class", ClockAgent.class.getName(),
                "Agent-Class", ClockAgent.class.getName(),
                "Can-Retransform-Classes", "true",
                "Boot-Class-Path", SEEN_BY_ALL,
                "Class-Path", asm());
        return write(directory.resolve(AGENT), attributes, ClockAgent.class);
    }

    private static String asm() {
        try {
            return ClassReader.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI()
                    .toString();
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path write(Path jar, Map<String, String> attributes, Class<?> type) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.forEach((name, value) -> manifest.getMainAttributes().putValue(name, value));
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar), manifest)) {
            // Its anonymous classes as well.
            Path classes = Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().getPath());
            Path folder = classes.resolve(type.getPackageName().replace('.', '/'));
            try (var files = Files.newDirectoryStream(folder, type.getSimpleName() + "*.class")) {
                for (Path file : files) {
                    out.putNextEntry(new JarEntry(classes.relativize(file).toString()));
                    try (InputStream in = Files.newInputStream(file)) {
                        in.transferTo(out);
                    }
                }
            }
        }
        return jar;
    }
}
