package dev.weir.stacks;

import java.io.File;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Compiles an application on its own class path. */
final class Compiler {

    private Compiler() {}

    static void compile(List<Path> roots, List<Path> classPath, Path to) throws IOException {
        List<Path> sources = new ArrayList<>();
        for (Path root : roots) {
            sources.addAll(FileTrees.files(root, ".java"));
        }
        JavaCompiler javac = ToolProvider.getSystemJavaCompiler();
        List<String> options = List.of(
                "-d", to.toString(), "-classpath", joined(classPath), "-parameters", "-proc:none", "--release", "17");
        StringWriter messages = new StringWriter();
        try (StandardJavaFileManager files = javac.getStandardFileManager(null, null, null)) {
            boolean isCompiled = sources.isEmpty()
                    || javac.getTask(messages, files, null, options, null, files.getJavaFileObjectsFromPaths(sources))
                            .call();
            if (!isCompiled) {
                throw new IllegalStateException(messages.toString());
            }
        }
    }

    static String joined(List<Path> classPath) {
        return classPath.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }
}
