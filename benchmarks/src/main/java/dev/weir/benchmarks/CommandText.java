package dev.weir.benchmarks;

import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;

/** How a command was called, for what is published. */
final class CommandText {

    private CommandText() {}

    static String of(CommandSpec spec) {
        return "java -jar benchmarks/target/benchmarks.jar "
                + spec.name()
                + spec.commandLine().getParseResult().originalArgs().stream()
                        .skip(1)
                        .map(argument ->
                                " " + argument.replaceFirst("//.*@", "//***@")) // No password in what is published.
                        .collect(Collectors.joining());
    }
}
