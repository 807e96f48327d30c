package dev.weir.filter;

import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The files in which an application on Spring Boot has its settings. Its starter reads them; without that, limits could
 * hold on each instance alone, because the key that names their store is in a file that is not read.
 */
final class UnreadSpringFiles {

    private static final Logger LOG = System.getLogger(UnreadSpringFiles.class.getName());

    private static final String BOOT = "org/springframework/boot/SpringApplication.class";
    private static final String STARTER = "dev/weir/spring/MvcConfiguration.class";
    private static final List<String> FILES = List.of("application.properties", "application.yml", "application.yaml");

    /** In a file of properties or of YAML. */
    private static final Pattern KEY = Pattern.compile("(?m)^weir[.:]");

    private UnreadSpringFiles() {}

    /** Warns of the first that has keys of Weir, if the starter is not there. */
    static void report(@Nullable ClassLoader application) {
        if (application != null && application.getResource(BOOT) != null && application.getResource(STARTER) == null) {
            FILES.stream()
                    .filter(file -> hasKeys(application.getResource(file)))
                    .findFirst()
                    .ifPresent(UnreadSpringFiles::warn);
        }
    }

    private static boolean hasKeys(@Nullable URL file) {
        if (file == null) {
            return false;
        }
        try (InputStream in = file.openStream()) {
            return KEY.matcher(new String(in.readAllBytes(), StandardCharsets.UTF_8))
                    .find();
        } catch (IOException unreadable) { // What needs it reports it.
            return false;
        }
    }

    private static void warn(String file) {
        LOG.log(
                Level.WARNING,
                "the keys of Weir in {0} are not read: that needs weir-spring-boot-starter. Without it, they are read from"
                        + " META-INF/microprofile-config.properties, from the environment and from the file that"
                        + " weir.config.file names",
                file);
    }
}
