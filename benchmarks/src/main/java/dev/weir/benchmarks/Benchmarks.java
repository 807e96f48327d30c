package dev.weir.benchmarks;

import java.io.IOException;
import org.openjdk.jmh.Main;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** The command line of the benchmarks. */
@Command(
        name = "benchmarks",
        description = "Measures Weir, and what others ask for the same.",
        mixinStandardHelpOptions = true,
        usageHelpAutoWidth = true,
        subcommands = {
            Compare.class,
            Row.class,
            RedisLoad.class,
            ClusterLoad.class,
            ScriptCost.class,
            Strangers.class,
            MemoryFootprint.class,
            ConfigFootprint.class,
            Simulate.class,
            LeaseScale.class,
            Fair.class,
            FairInstance.class,
            Changes.class,
            Benchmarks.Jmh.class
        })
public final class Benchmarks {

    private Benchmarks() {}

    /** Runs one of the subcommands; without one, says which there are. */
    public static void main(String[] arguments) {
        CommandLine line = new CommandLine(new Benchmarks()).setParameterExceptionHandler((e, ignored) -> {
            System.err.println("benchmarks: " + e.getMessage() + " (--help shows what there is)");
            return CommandLine.ExitCode.USAGE;
        });
        if (arguments.length == 0) {
            line.usage(System.out);
            return;
        }
        System.exit(line.execute(arguments));
    }

    /** The harness with its own options. */
    @Command(
            name = "jmh",
            description = "The JMH benchmarks by themselves; everything after it is for JMH, -h too.",
            mixinStandardHelpOptions = false)
    static final class Jmh implements Runnable {

        @Unmatched
        private String[] arguments = {};

        @Override
        public void run() {
            try {
                Main.main(arguments);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
