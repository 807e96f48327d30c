package dev.weir.stacks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What is started: arguments of {@code java}. In texts, names in braces stand for values: {@code {port}}. */
sealed interface Server {

    Path SOURCES = Path.of("src/servers");

    /** Where servers are unpacked and launchers compiled, once for all instances. */
    Path SHARED = Path.of("target/servers").toAbsolutePath();

    /**
     * Prepares one instance.
     *
     * @param base the directory of its own
     * @return the arguments of {@code java}
     */
    List<String> prepare(Artifacts artifacts, Application.Built application, Path base, int port) throws IOException;

    private static Map<String, String> values(Application.Built application, Path base, int port, Path home) {
        return Map.of(
                "war", application.war().toString(),
                "base", base.toString(),
                "port", Integer.toString(port),
                "home", home.toString());
    }

    private static List<String> filled(List<String> texts, Map<String, String> values) {
        return texts.stream().map(text -> FileTrees.filled(text, values)).toList();
    }

    /**
     * A server as it is distributed, unpacked.
     *
     * @param archive the coordinates of the distribution
     * @param files a directory below {@code src/servers}: what each instance has of its own
     * @param place where in the directory of the instance the WAR goes
     * @param arguments of {@code java}
     */
    record Unpacked(String archive, String files, String place, List<String> arguments) implements Server {

        @Override
        public List<String> prepare(Artifacts artifacts, Application.Built application, Path base, int port)
                throws IOException {
            Path to = SHARED.resolve(archive.replace(':', '_'));
            Path home = FileTrees.unpack(artifacts.file(archive), to);
            Map<String, String> values = values(application, base, port, home);
            FileTrees.copyFilled(SOURCES.resolve(files), base, values);
            FileTrees.copy(application.war(), base.resolve(place));
            return filled(arguments, values);
        }
    }

    /**
     * A server that the build has provisioned.
     *
     * @param name its directory among those that are shared
     * @param own the directory in it of which each instance has a copy
     * @param place where in that copy the WAR goes
     * @param arguments of {@code java}
     */
    record Provisioned(String name, String own, String place, List<String> arguments) implements Server {

        @Override
        public List<String> prepare(Artifacts artifacts, Application.Built application, Path base, int port)
                throws IOException {
            Path home = SHARED.resolve(name);
            FileTrees.copyResources(home.resolve(own), base);
            FileTrees.copy(application.war(), base.resolve(place));
            return filled(arguments, values(application, base, port, home));
        }
    }

    /**
     * A server in one jar that runs.
     *
     * @param jar its coordinates
     * @param arguments those after the jar
     */
    record Runnable(String jar, List<String> arguments) implements Server {

        @Override
        public List<String> prepare(Artifacts artifacts, Application.Built application, Path base, int port) {
            List<String> command =
                    new ArrayList<>(List.of("-jar", artifacts.file(jar).toString()));
            command.addAll(filled(arguments, values(application, base, port, base)));
            return command;
        }
    }

    /**
     * An application that a build of its own has made a jar that runs.
     *
     * @param options of {@code java}
     */
    record Built(Path jar, List<String> options) implements Server {

        @Override
        public List<String> prepare(Artifacts artifacts, Application.Built application, Path base, int port) {
            List<String> command = new ArrayList<>(filled(options, values(application, base, port, base)));
            command.addAll(List.of("-jar", jar.toAbsolutePath().toString()));
            return command;
        }
    }

    /**
     * A server as a library: a class {@code Launcher} starts it, with the port and the WAR as arguments.
     *
     * @param launcher the directory below {@code src/servers} that has the class
     * @param libraries the coordinates of the server
     */
    record Embedded(String launcher, List<String> libraries) implements Server {

        @Override
        public List<String> prepare(Artifacts artifacts, Application.Built application, Path base, int port)
                throws IOException {
            List<Path> classPath = new ArrayList<>(artifacts.classPath(libraries));
            Path classes = base.resolve("launcher");
            Files.createDirectories(classes);
            Compiler.compile(List.of(SOURCES.resolve(launcher)), classPath, classes);
            classPath.add(classes);
            return List.of(
                    "-cp",
                    Compiler.joined(classPath),
                    "Launcher",
                    Integer.toString(port),
                    application.war().toString());
        }
    }

    /**
     * No server: a main class on all of the application's class path. Its argument is the port.
     *
     * @param mainClass its name
     * @param options of {@code java}
     */
    record Main(String mainClass, List<String> options) implements Server {

        @Override
        public List<String> prepare(Artifacts artifacts, Application.Built application, Path base, int port) {
            List<Path> classPath = new ArrayList<>(List.of(application.classes()));
            classPath.addAll(application.libraries());
            List<String> command = new ArrayList<>(filled(options, values(application, base, port, base)));
            command.addAll(List.of("-cp", Compiler.joined(classPath), mainClass, Integer.toString(port)));
            return command;
        }
    }
}
