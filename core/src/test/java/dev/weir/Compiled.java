package dev.weir;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.tools.ToolProvider;

/** Classes from a source text, compiled on the class path of this test. */
public final class Compiled {

    private Compiled() {}

    /**
     * A loader of the classes, and of what else is in their directory.
     *
     * @param type the name of the public class in the text, which names the file
     * @throws IllegalArgumentException if it does not compile; the message has the compiler's
     */
    public static URLClassLoader in(Path directory, String type, String text) throws IOException {
        Path source = Files.writeString(directory.resolve(type + ".java"), text);
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        int errors = ToolProvider.getSystemJavaCompiler()
                .run(
                        null,
                        null,
                        said,
                        "-cp",
                        System.getProperty("java.class.path"),
                        "-proc:none",
                        "-d",
                        directory.toString(),
                        source.toString());
        if (errors != 0) {
            throw new IllegalArgumentException(said.toString(StandardCharsets.UTF_8));
        }
        return new URLClassLoader(new URL[] {directory.toUri().toURL()}, Compiled.class.getClassLoader());
    }
}
