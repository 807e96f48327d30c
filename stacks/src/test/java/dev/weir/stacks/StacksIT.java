package dev.weir.stacks;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Weir on the servers and frameworks that it is used with: each started for real, as two processes with class paths of
 * their own. The property {@code stacks} chooses: {@code ci}, {@code all}, or a part of a name.
 */
class StacksIT {

    private static final Path TARGET = Path.of("target");
    private static final Table TABLE = new Table();
    private static Artifacts artifacts;

    @BeforeAll
    static void open() {
        artifacts = new Artifacts();
    }

    @AfterAll
    static void print() throws IOException {
        artifacts.close();
        Files.writeString(TARGET.resolve("stacks.md"), TABLE.markdown());
        System.out.println(TABLE.markdown());
    }

    @TestFactory
    Stream<DynamicNode> eachStack() throws IOException {
        return Stacks.chosen(System.getProperty("stacks", "ci")).stream().map(StacksIT::checks);
    }

    private static DynamicNode checks(Stack stack) {
        Path directory = TARGET.resolve("stacks").resolve((stack.name() + " " + stack.door()).replaceAll("\\W+", "-"));
        Trial trial = new Trial(stack, artifacts, directory);
        Stream<DynamicNode> tests = Stream.of(Check.values())
                .filter(check -> !stack.without().contains(check))
                .map(check -> DynamicTest.dynamicTest(check.title(), () -> run(stack, check, trial)));
        return DynamicContainer.dynamicContainer(stack.name(), tests.onClose(trial::close));
    }

    private static void run(Stack stack, Check check, Trial trial) throws Exception {
        assumeTrue(check == Check.STARTS || trial.isStarted(), "it has not started");
        boolean isPassed = false;
        try {
            check.run(trial);
            isPassed = true;
        } catch (AssertionError | ConditionTimeoutException e) {
            if (!stack.known().containsKey(check)) {
                throw e;
            }
        } finally {
            TABLE.record(stack, check, isPassed);
        }
    }
}
