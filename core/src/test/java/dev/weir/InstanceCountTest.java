package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.weir.store.Logged;
import dev.weir.store.VirtualScheduler;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class InstanceCountTest {

    private static final long HEARTBEAT_MILLIS = 500;

    private final VirtualScheduler time = new VirtualScheduler();
    private final InstanceCount count = new InstanceCount(1, time);
    private final Logged logged = new Logged();

    @AfterEach
    void close() {
        logged.close();
    }

    private void report(int... live) {
        for (int instances : live) {
            time.advance(Duration.ofMillis(HEARTBEAT_MILLIS).toNanos());
            count.report(instances);
        }
    }

    @Test
    void more_atOnce() {
        report(3);
        assertThat(count.inForce()).isEqualTo(3);
        report(1, 1, 4);
        assertThat(count.inForce()).isEqualTo(4);
    }

    @Test
    void fewer_whenAllReportsOfAWhileAgree_thenTheHighestOfThem() {
        report(5, 1, 3, 2);
        assertThat(count.inForce()).isEqualTo(5);
        report(1);
        assertThat(count.inForce()).isEqualTo(3);
        report(1, 1, 1);
        assertThat(count.inForce()).isEqualTo(3);
        report(1);
        assertThat(count.inForce()).isEqualTo(1);
    }

    @Test
    void oneReportAsBefore_theOthersCountAnew() {
        report(2, 1, 1, 1, 2, 1, 1, 1);
        assertThat(count.inForce()).isEqualTo(2);
    }

    /** While requests fail, the store is probed again and again. */
    @Test
    void fewer_manyReportsAtOnce_areOne() {
        report(2);
        for (int i = 0; i < 100; i++) {
            time.advance(Duration.ofMillis(10).toNanos());
            count.report(1);
        }
        assertThat(count.inForce()).isEqualTo(2);
    }

    @Test
    void floor_holdsWhateverIsReported() {
        count.atLeast(3);
        assertThat(count.inForce()).isEqualTo(3);
        report(1, 4);
        assertThat(count.inForce()).isEqualTo(4);
        report(1, 1, 1, 1);
        assertThat(count.inForce()).isEqualTo(3);
    }

    @Test
    void changes_loggedOnceAMinute_andTheLastOneInAnyCase() {
        report(2, 3);
        assertThat(logged.lines()).containsExactly("INFO instances that share the store: 3; before: 2");
        for (int i = 0; i < 20; i++) {
            report(2, 2, 2, 2, 3);
        }
        assertThat(logged.lines()).hasSize(1);
        report(2, 2, 2, 2);
        time.advance(Duration.ofMinutes(1).toNanos());
        report(2);
        assertThat(logged.lines())
                .containsExactly(
                        "INFO instances that share the store: 3; before: 2",
                        "INFO instances that share the store: 2; before: 3");
    }

    @Test
    void floorOutOfRange_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Weir.builder().minInstances(0))
                .withMessage("the least number of instances must be from 1 to 1000, but is 0");
        try (Weir weir = Weir.builder().minInstances(1_000).build()) {
            assertThatIllegalArgumentException().isThrownBy(() -> weir.minInstances(1_001));
            assertThat(weir.instances()).isEqualTo(1_000);
        }
    }
}
