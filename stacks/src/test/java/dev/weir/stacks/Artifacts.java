package dev.weir.stacks;

import eu.maveniverse.maven.mima.context.Context;
import eu.maveniverse.maven.mima.context.ContextOverrides;
import eu.maveniverse.maven.mima.context.Runtimes;
import java.nio.file.Path;
import java.util.List;
import org.eclipse.aether.artifact.DefaultArtifact;
import org.eclipse.aether.collection.CollectRequest;
import org.eclipse.aether.graph.Dependency;
import org.eclipse.aether.resolution.ArtifactRequest;
import org.eclipse.aether.resolution.ArtifactResolutionException;
import org.eclipse.aether.resolution.DependencyRequest;
import org.eclipse.aether.resolution.DependencyResolutionException;
import org.eclipse.aether.util.artifact.JavaScopes;

/**
 * Artifacts by their coordinates, {@code group:artifact[:extension[:classifier]]:version}, as a build of Maven's would
 * get them: with the settings and the local repository of the user.
 */
final class Artifacts implements AutoCloseable {

    private final Context context = Runtimes.INSTANCE
            .getRuntime()
            .create(ContextOverrides.create().withUserSettings(true).build());

    /** The class path of an application that has these as its dependencies; of two versions the nearest wins. */
    List<Path> classPath(List<String> coordinates) {
        CollectRequest collect = new CollectRequest();
        collect.setRepositories(context.remoteRepositories());
        for (String each : coordinates) {
            collect.addDependency(new Dependency(new DefaultArtifact(each), JavaScopes.RUNTIME));
        }
        if (coordinates.isEmpty()) {
            return List.of();
        }
        try {
            return context
                    .repositorySystem()
                    .resolveDependencies(context.repositorySystemSession(), new DependencyRequest(collect, null))
                    .getArtifactResults()
                    .stream()
                    .map(result -> result.getArtifact().getFile().toPath())
                    .filter(file -> file.toString().endsWith(".jar"))
                    .toList();
        } catch (DependencyResolutionException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** One file, without what it depends on. */
    Path file(String coordinates) {
        ArtifactRequest request =
                new ArtifactRequest(new DefaultArtifact(coordinates), context.remoteRepositories(), null);
        try {
            return context.repositorySystem()
                    .resolveArtifact(context.repositorySystemSession(), request)
                    .getArtifact()
                    .getFile()
                    .toPath();
        } catch (ArtifactResolutionException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        context.close();
    }
}
