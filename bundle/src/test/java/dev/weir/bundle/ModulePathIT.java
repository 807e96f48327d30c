package dev.weir.bundle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.lang.module.Configuration;
import java.lang.module.ModuleFinder;
import java.lang.module.ModuleReference;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The jars on the module path, as the JDK reads them. */
class ModulePathIT {

    private static final Set<String> NAMES =
            Set.of("dev.weir", "dev.weir.annotation", "dev.weir.dashboard", "dev.weir.filter", "dev.weir.redisson");

    private static Set<String> names(ModuleFinder finder) {
        return finder.findAll().stream()
                .map(ModuleReference::descriptor)
                .map(module -> module.name())
                .collect(Collectors.toSet());
    }

    private static Path[] weirsJars() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(path -> path.getFileName().toString().matches("weir-.*\\.jar"))
                .filter(path -> !path.getFileName().toString().matches("weir-all.*|.*-tests\\.jar"))
                .toArray(Path[]::new);
    }

    @Test
    void jars_haveTheirNames_andNoPackageInCommon() {
        ModuleFinder finder = ModuleFinder.of(weirsJars());

        assertThat(names(finder)).isEqualTo(NAMES);
        Configuration resolved = ModuleLayer.boot()
                .configuration()
                .resolve(finder, ModuleFinder.of(), NAMES); // Throws if two have a package in common.
        assertThat(resolved.modules()).hasSize(NAMES.size());
    }

    @Test
    void bundle_hasItsName() {
        ModuleFinder finder = ModuleFinder.of(Path.of("target/weir-all.jar"));

        assertThat(names(finder)).isEqualTo(Set.of("dev.weir.all"));
        assertThat(List.copyOf(finder.findAll()).get(0).descriptor().packages()).contains("dev.weir.filter");
    }
}
