package dev.weir.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A whole demo that is killed, as by kill -9: a second start of three instances, which not every build needs. */
class DemoKilledIT {

    @Test
    void demo_killed_leavesNothingBehind() throws Exception {
        try (SampleProcess demo = SampleProcess.start("--demo")) {
            List<ProcessHandle> all = demo.handle().descendants().toList();
            assertThat(all).hasSize(3).allMatch(ProcessHandle::isAlive);

            demo.handle().destroyForcibly();

            await().atMost(Duration.ofSeconds(20)).until(() -> all.stream().noneMatch(ProcessHandle::isAlive));
        }
    }
}
