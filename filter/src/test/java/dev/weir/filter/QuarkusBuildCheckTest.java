package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What a build of Quarkus says is tried in the module of stacks. */
class QuarkusBuildCheckTest {

    private static final Set<String> LIMITED = Set.of("com.example.SearchResource");
    private static final String QUARKUS = "io.quarkus.arc.Arc";
    private static final String QUARKUS_REST = "org.jboss.resteasy.reactive.server.core.Deployment";
    private static final String WEIR_CDI = "dev.weir.cdi.PolicyName";

    private static Optional<String> problem(String... present) {
        return QuarkusBuildCheck.problem(LIMITED, Set.of(present)::contains);
    }

    @Test
    void problem_quarkusWithoutWeirCdi_namesTheClassAndTheJar() {
        assertThat(problem(QUARKUS)).get().asString().contains("[com.example.SearchResource]", "add", "weir-cdi");
    }

    @Test
    void problem_quarkusRest_namesTheExtensionsToUse_evenWithWeirCdi() {
        assertThat(problem(QUARKUS, QUARKUS_REST, WEIR_CDI)).get().asString().contains("use quarkus-resteasy");
    }

    @Test
    void problem_whereTheFeatureIsFound_isNone() {
        assertThat(problem(QUARKUS, WEIR_CDI)).isEmpty();
        assertThat(problem()).as("another server").isEmpty();
        assertThat(QuarkusBuildCheck.problem(Set.of(), QUARKUS::equals))
                .as("nothing is limited by @RateLimited")
                .isEmpty();
    }
}
