package dev.weir.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Faults that are really made. The property {@code faults} chooses: {@code ci}, {@code all}, or a part of a name. */
class FaultsIT {

    private static final Path TARGET = Path.of("target");
    private static final Table TABLE = new Table();

    @AfterAll
    static void print() throws IOException {
        Files.writeString(TARGET.resolve("faults.md"), TABLE.markdown());
        System.out.println(TABLE.markdown());
    }

    @TestFactory
    Stream<DynamicTest> eachFault() {
        return Faults.chosen(System.getProperty("faults", "ci")).stream()
                .map(fault -> DynamicTest.dynamicTest(fault.name(), () -> {
                    Path directory =
                            TARGET.resolve("faults").resolve(fault.name().replaceAll("\\W+", "-"));
                    Verdict verdict = Trial.of(fault, directory.toAbsolutePath());
                    TABLE.record(fault.name(), verdict);
                    assertThat(verdict.wrongs()).isEmpty();
                }));
    }
}
