package dev.weir.faults;

import dev.weir.sample.SampleApp;
import java.io.IOException;
import java.nio.file.Path;

/** The sample application with a thread that writes down when the machine did not let it run. */
final class WatchedApp {

    private WatchedApp() {}

    public static void main(String[] args) throws IOException {
        Stalls.watch(Path.of(System.getProperty("stalls")));
        SampleApp.main(args);
    }
}
