package dev.weir.sample;

import java.util.function.BooleanSupplier;
import picocli.CommandLine;

/** What is done when the process is asked to stop. */
final class Ending {

    private Ending() {}

    /** A shutdown hook. The process ends with 0 if it served: one that is asked to stop has not failed. */
    static Thread of(Runnable end, BooleanSupplier served) {
        return new Thread(() -> {
            try {
                end.run();
            } catch (RuntimeException e) { // Of whatever is closed: one line and a code, as for a start that fails.
                System.err.println("sample-app: stopping failed: " + e);
                Runtime.getRuntime().halt(CommandLine.ExitCode.SOFTWARE);
            }
            if (served.getAsBoolean()) {
                Runtime.getRuntime().halt(CommandLine.ExitCode.OK);
            }
        });
    }
}
