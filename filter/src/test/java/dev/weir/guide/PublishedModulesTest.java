package dev.weir.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** What is published is whole: in the BOM, with a name for the module path, a name and a description. */
class PublishedModulesTest {

    private static final Path ROOT = Path.of("..");

    private static Document pom(String module) throws Exception {
        return DocumentBuilderFactory.newInstance()
                .newDocumentBuilder()
                .parse(ROOT.resolve(module).resolve("pom.xml").toFile());
    }

    private static Stream<Element> all(Document pom, String name) {
        NodeList nodes = pom.getElementsByTagName(name);
        return IntStream.range(0, nodes.getLength()).mapToObj(i -> (Element) nodes.item(i));
    }

    /** What the project itself says, and not its parent or a dependency. */
    private static Optional<String> own(Document pom, String name) {
        return all(pom, name)
                .filter(element -> element.getParentNode() == pom.getDocumentElement())
                .map(Node::getTextContent)
                .findFirst();
    }

    private static List<String> published() throws Exception {
        List<String> published = new ArrayList<>();
        for (String module : all(pom("."), "module").map(Node::getTextContent).toList()) {
            Document pom = pom(module);
            boolean skipped = all(pom, "maven.deploy.skip")
                    .anyMatch(skip -> skip.getTextContent().equals("true"));
            if (!skipped && !own(pom, "packaging").equals(Optional.of("pom"))) {
                published.add(module);
            }
        }
        return published;
    }

    @Test
    void bom_namesEveryPublishedArtifact_andNoOther() throws Exception {
        List<String> artifacts = new ArrayList<>();
        for (String module : published()) {
            artifacts.add(own(pom(module), "artifactId").orElseThrow());
        }

        assertThat(artifacts).contains("weir-core", "weir-filter").doesNotContain("weir-sample-app");
        assertThat(all(pom("bom"), "dependency")
                        .map(dependency -> dependency.getElementsByTagName("artifactId"))
                        .map(ids -> ids.item(0).getTextContent())
                        .distinct())
                .containsExactlyInAnyOrderElementsOf(artifacts);
    }

    @Test
    void publishedModules_haveNameDescriptionAndModuleName() throws Exception {
        List<String> moduleNames = new ArrayList<>();
        for (String module : published()) {
            Document pom = pom(module);
            assertThat(own(pom, "name")).as(module).isPresent();
            assertThat(own(pom, "description")).as(module).isPresent();
            List<String> names =
                    all(pom, "Automatic-Module-Name").map(Node::getTextContent).toList();
            assertThat(names).as("Automatic-Module-Name of " + module).hasSize(1);
            assertThat(names.get(0)).startsWith("dev.weir");
            moduleNames.addAll(names);
        }
        assertThat(moduleNames).doesNotHaveDuplicates();
    }
}
