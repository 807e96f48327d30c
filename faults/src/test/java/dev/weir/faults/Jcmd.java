package dev.weir.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The JDK's tool that asks a running virtual machine. */
final class Jcmd {

    private static final Path TOOL = Path.of(System.getProperty("java.home"), "bin", "jcmd");

    private Jcmd() {}

    /** Returns what it says. */
    static String ask(long pid, String... command) {
        List<String> words = Stream.concat(Stream.of(TOOL.toString(), Long.toString(pid)), Stream.of(command))
                .toList();
        try {
            Process process =
                    new ProcessBuilder(words).redirectErrorStream(true).start();
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
