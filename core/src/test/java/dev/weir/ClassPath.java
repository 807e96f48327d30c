package dev.weir;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The class path of this test without some of its jars, as an application that does not have them. */
public final class ClassPath implements AutoCloseable {

    private final List<String> left;
    private final URLClassLoader loader;

    private ClassPath(List<URL> kept, List<String> left) {
        this.left = left;
        loader = new URLClassLoader(kept.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    }

    /** @param artifacts a regular expression of the artifacts that are absent */
    public static ClassPath without(String artifacts) throws IOException {
        List<URL> kept = new ArrayList<>();
        List<String> left = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
            Path path = Path.of(entry);
            if (name(path).matches("(" + artifacts + ")-\\d.*")) {
                left.add(name(path));
            } else {
                kept.add(path.toUri().toURL());
            }
        }
        return new ClassPath(kept, left);
    }

    /** A module of this build is a directory where it has not been packaged. */
    private static String name(Path entry) {
        return entry.endsWith("target/classes")
                ? "weir-" + entry.getParent().getParent().getFileName() + "-0"
                : entry.getFileName().toString();
    }

    /** The names of the jars that are absent. */
    public List<String> left() {
        return left;
    }

    /** Calls a static method with texts as its parameters, of a class that is loaded without those jars. */
    public Object call(Class<?> type, String method, String... arguments) throws Exception {
        ClassLoader before = Thread.currentThread().getContextClassLoader();
        try {
            Thread.currentThread().setContextClassLoader(loader);
            Class<?>[] parameters = Stream.of(arguments).map(String::getClass).toArray(Class<?>[]::new);
            return loader.loadClass(type.getName())
                    .getMethod(method, parameters)
                    .invoke(null, (Object[]) arguments);
        } finally {
            Thread.currentThread().setContextClassLoader(before);
        }
    }

    @Override
    public void close() throws IOException {
        loader.close();
    }
}
