package dev.weir.faults;

import static dev.weir.faults.Allowance.none;
import static dev.weir.faults.Arrangement.ONE;
import static dev.weir.faults.Fault.of;

import dev.weir.redisson.RedisServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** What becomes of the file that the instances watch. */
final class ConfigurationFaults {

    /** Where the configuration file is while something else is in its place. */
    private static final String ASIDE = "aside.properties";

    /** Puts something where the configuration file was. */
    private interface Replacement {

        void put(Path settings) throws IOException;
    }

    private ConfigurationFaults() {}

    static List<Fault<?>> all() {
        return List.of(
                ofFile("the configuration file vanishes, 3 s", 2, settings -> {}),
                ofFile("the configuration file is half written, 3 s", 2, settings -> {
                    byte[] whole = Files.readAllBytes(settings.resolveSibling(ASIDE));
                    Files.write(settings, Arrays.copyOf(whole, whole.length / 2));
                }),
                ofFile("a directory in place of the configuration file, 3 s", 2, Files::createDirectory),
                // It takes a while to write: a look may find no file, before it and after it.
                ofFile("10 MB of noise in the configuration file, 3 s", 4, settings -> {
                    byte[] noise = new byte[10_000_000];
                    new Random(1).nextBytes(noise);
                    Files.write(settings, noise);
                }),
                ofFile(
                        "a link in place of the configuration file, 3 s",
                        0,
                        settings -> Files.createSymbolicLink(settings, settings.resolveSibling(ASIDE))));
    }

    /** Something else is there for a while, or nothing. */
    private static Fault<RedisServer> ofFile(String name, int lines, Replacement replacement) {
        return of(name, ONE, none().lines(lines), (scene, redis) -> {
            Path aside = scene.settings().resolveSibling(ASIDE);
            Files.move(scene.settings(), aside);
            replacement.put(scene.settings());
            Scene.pause(3);
            Files.deleteIfExists(scene.settings());
            Files.move(aside, scene.settings());
        });
    }
}
