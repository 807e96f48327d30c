import io.quarkus.arc.processor.BeanArchives;
import io.quarkus.arc.processor.BeanProcessor;
import io.quarkus.arc.processor.bcextensions.ExtensionsEntryPoint;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jboss.jandex.Index;
import org.jboss.jandex.IndexView;
import org.jboss.jandex.Indexer;

/** Builds the beans of an application as the build of Quarkus does, with the extensions of the class path. */
public final class BeanBuild {

    private BeanBuild() {}

    /** @param arguments the directory of the application's classes */
    public static void main(String[] arguments) throws Exception {
        Indexer indexer = new Indexer();
        index(Path.of(arguments[0]), indexer);
        ExtensionsEntryPoint extensions = new ExtensionsEntryPoint();
        Set<String> added = new TreeSet<>();
        extensions.runDiscovery(new Indexer().complete(), added);
        for (String each : added) {
            indexer.indexClass(Class.forName(each, false, BeanBuild.class.getClassLoader()));
        }
        Index application = indexer.complete();
        IndexView archive = BeanArchives.buildImmutableBeanArchiveIndex(application);
        IndexView all = BeanArchives.buildComputingBeanArchiveIndex(
                BeanBuild.class.getClassLoader(), new ConcurrentHashMap<>(), archive);
        BeanProcessor.builder()
                .setName("application")
                .setApplicationIndex(application)
                .setImmutableBeanArchiveIndex(archive)
                .setComputingBeanArchiveIndex(all)
                .setBuildCompatibleExtensions(extensions)
                .setOutput(resource -> {})
                .build()
                .process();
        System.out.println("built");
    }

    private static void index(Path classes, Indexer indexer) throws IOException {
        try (Stream<Path> files = Files.walk(classes)) {
            List<Path> found =
                    files.filter(file -> file.toString().endsWith(".class")).toList();
            for (Path file : found) {
                try (InputStream content = Files.newInputStream(file)) {
                    indexer.index(content);
                }
            }
        }
    }
}
