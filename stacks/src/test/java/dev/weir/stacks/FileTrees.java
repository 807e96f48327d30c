package dev.weir.stacks;

import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Directories of files: listed, copied, deleted, packed and unpacked. */
final class FileTrees {

    private FileTrees() {}

    /** All regular files below a directory whose names end so; none if it does not exist. */
    static List<Path> files(Path directory, String ending) throws IOException {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (Stream<Path> walk = Files.walk(directory)) {
            return walk.filter(Files::isRegularFile)
                    .filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
        }
    }

    /** Copies everything but sources of Java. */
    static void copyResources(Path from, Path to) throws IOException {
        for (Path file : files(from, "")) {
            if (!file.toString().endsWith(".java")) {
                copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    static void copy(Path file, Path to) throws IOException {
        Files.createDirectories(to.getParent());
        Files.copy(file, to, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Deletes a directory with all that it has, if it exists. */
    static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        try (Stream<Path> walk = Files.walk(directory)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    /** Packs a directory as a jar. */
    static Path pack(Path directory, Path jar) throws IOException {
        Files.deleteIfExists(jar);
        try (FileSystem zip = FileSystems.newFileSystem(URI.create("jar:" + jar.toUri()), Map.of("create", "true"))) {
            copyResources(directory, zip.getPath("/"));
        }
        return jar;
    }

    /** Unpacks an archive that has everything in one directory, and returns that directory. */
    static Path unpack(Path archive, Path to) throws IOException {
        if (!Files.isDirectory(to)) {
            Path partial = to.resolveSibling(to.getFileName() + ".partial");
            try (FileSystem zip = FileSystems.newFileSystem(archive)) {
                copyResources(zip.getPath("/"), partial);
            }
            Files.move(partial, to);
        }
        try (Stream<Path> inside = Files.list(to)) {
            return inside.filter(Files::isDirectory).findFirst().orElseThrow();
        }
    }

    /** Copies text files, in which names in braces stand for values. */
    static void copyFilled(Path from, Path to, Map<String, String> values) throws IOException {
        for (Path file : files(from, "")) {
            Path target = to.resolve(from.relativize(file).toString());
            Files.createDirectories(target.getParent());
            Files.writeString(target, filled(Files.readString(file), values));
        }
    }

    static String filled(String text, Map<String, String> values) {
        String filled = text;
        for (Map.Entry<String, String> value : values.entrySet()) {
            filled = filled.replace("{" + value.getKey() + "}", value.getValue());
        }
        return filled;
    }
}
