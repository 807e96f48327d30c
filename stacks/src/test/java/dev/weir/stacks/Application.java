package dev.weir.stacks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * An application, as its project would have it.
 *
 * @param sources directories below {@code src/apps}: what they hold is put together. Java files are compiled, others
 *     keep their places in the WAR
 * @param limited the path of the resource that is limited, as the client sees it; {@code /open} beside it is not
 * @param provided artifacts that it is compiled with, and that the server has
 * @param libraries artifacts that it brings along
 * @param weir the jars of Weir that it brings along
 */
record Application(List<String> sources, String limited, List<String> provided, List<String> libraries, WeirJars weir) {

    private static final Path ALL_SOURCES = Path.of("src/apps");

    /**
     * The application built.
     *
     * @param classes its classes, and the resources of its class path
     * @param libraries its jars
     * @param war all of that in one file, for a server
     */
    record Built(Path classes, List<Path> libraries, Path war) {}

    /** The path beside the limited one that is not limited. */
    String open() {
        return limited.replace("search", "open");
    }

    Built build(Artifacts artifacts, Path directory) throws IOException {
        List<Path> jars = new ArrayList<>(weir.paths());
        List<String> needed = new ArrayList<>(libraries);
        needed.addAll(weir.needed());
        jars.addAll(artifacts.classPath(needed));

        Path content = directory.resolve("war");
        Path classes = content.resolve("WEB-INF/classes");
        Files.createDirectories(classes);
        List<Path> compileWith = new ArrayList<>(jars);
        compileWith.addAll(artifacts.classPath(provided));
        List<Path> roots = sources.stream().map(ALL_SOURCES::resolve).toList();
        for (Path root : roots) {
            FileTrees.copyResources(root, content);
        }
        Compiler.compile(roots, compileWith, classes);
        for (Path jar : jars) {
            FileTrees.copy(jar, content.resolve("WEB-INF/lib").resolve(jar.getFileName()));
        }
        return new Built(classes, jars, FileTrees.pack(content, directory.resolve("ROOT.war")));
    }
}
