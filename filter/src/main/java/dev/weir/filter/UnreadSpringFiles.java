package dev.weir.filter;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The files in which an application on Spring Boot has its settings. Weir's starter reads them. Without it, limits
 * could hold on each instance alone, because the key that names their store is in a file that is not read.
 */
final class UnreadSpringFiles {

    private static final Logger LOG = System.getLogger(UnreadSpringFiles.class.getName());

    private static final String BOOT = "org/springframework/boot/SpringApplication.class";

    /** Blanks before a key mean nothing. */
    private static final Pattern KEY_OF_PROPERTIES = Pattern.compile("(?m)^[ \\t\\f]*weir\\.");

    /** Blanks before a key make it part of another. */
    private static final Pattern KEY_OF_YAML = Pattern.compile("(?m)^[\"']?weir(\\.|[\"']?[ \\t]*:)");

    private static final Map<String, Pattern> FILES = Map.of(
            "application.properties", KEY_OF_PROPERTIES,
            "application.yml", KEY_OF_YAML,
            "application.yaml", KEY_OF_YAML);

    private UnreadSpringFiles() {}

    /** Warns of each that has keys of Weir: for a limiter that the starter has not made. */
    static void report(@Nullable ClassLoader application) {
        if (application != null && application.getResource(BOOT) != null) {
            FILES.forEach((file, key) -> {
                if (has(key, application.getResourceAsStream(file))) {
                    warn(file);
                }
            });
        }
    }

    /** @param file closed here; null if there is none */
    private static boolean has(Pattern key, @Nullable InputStream file) {
        if (file == null) {
            return false;
        }
        try (file) {
            return key.matcher(new String(file.readAllBytes(), StandardCharsets.UTF_8))
                    .find();
        } catch (IOException unreadable) { // What needs it reports it.
            return false;
        }
    }

    private static void warn(String file) {
        LOG.log(
                Level.WARNING,
                "the keys of Weir in {0} are not read: that needs weir-spring-boot-starter. Without it, they are read from"
                        + " META-INF/microprofile-config.properties, from system properties, from the environment and from the"
                        + " file that weir.config.file names",
                file);
    }
}
