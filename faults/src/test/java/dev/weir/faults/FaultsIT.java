package dev.weir.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Faults that are really made. The property {@code faults} chooses: {@code ci}, {@code all}, or a part of a name. */
class FaultsIT {

    private static final Path TARGET = Path.of("target");
    private static final int ATTEMPTS = 2;
    private static final Duration QUIET = Duration.ofSeconds(20);
    private static final Table TABLE = new Table();

    /** The property {@code faults.busy} says how many processors have something else to do as long as this runs. */
    @BeforeAll
    static void keepBusy() {
        for (int i = 0; i < Integer.getInteger("faults.busy", 0); i++) {
            Thread loop = new Thread(FaultsIT::loop, "busy-" + i);
            loop.setDaemon(true);
            loop.start();
        }
    }

    private static void loop() {
        while (true) {
            Thread.onSpinWait();
        }
    }

    @AfterAll
    static void print() {
        System.out.println(TABLE.markdown());
    }

    @TestFactory
    Stream<DynamicTest> eachFault() {
        return Faults.chosen(System.getProperty("faults", "ci")).stream()
                .map(fault -> DynamicTest.dynamicTest(fault.name(), () -> run(fault)));
    }

    /** A machine that is too busy to show anything gets another chance; the last is judged as it is. */
    private static void run(Fault<?> fault) throws Exception {
        Path directory = TARGET.resolve("faults").resolve(fault.name().replaceAll("\\W+", "-"));
        Stalls.awaitQuiet(QUIET);
        Verdict verdict = Trial.of(fault, directory.toAbsolutePath());
        for (int attempt = 1; !verdict.isWell() && verdict.isMachineBusy() && attempt < ATTEMPTS; attempt++) {
            Stalls.awaitQuiet(QUIET);
            verdict = Trial.of(fault, directory.toAbsolutePath());
        }
        TABLE.record(fault.name(), verdict);
        Files.writeString(TARGET.resolve("faults.md"), TABLE.markdown());
        assumeTrue(verdict.isWell() || !verdict.isMachineBusy(), "the machine is too busy: " + verdict.wrongs());
        assertThat(verdict.wrongs()).isEmpty();
    }
}
