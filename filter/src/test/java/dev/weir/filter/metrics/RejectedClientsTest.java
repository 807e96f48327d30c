package dev.weir.filter.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Permitted;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Decisions;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What is counted of rejected clients, and what that costs requests that are permitted: nothing. */
class RejectedClientsTest {

    private static final Limit LIMIT = Limit.tokenBucket(10, Duration.ofSeconds(10));
    private static final Decision PERMITTED = new Permitted("search", LIMIT, 9, 0, Reason.OK);
    private static final Decision REJECTED = new Rejected("search", LIMIT, 0, 10_000_000, Reason.LIMIT, 1_500_000);
    private static final Decision OF_EXPORT = new Rejected("export", LIMIT, 0, 10_000_000, Reason.LIMIT, 1_500_000);

    private final RejectedClients rejected = new RejectedClients();

    private void add(String client, Decision... decisions) {
        rejected.add(client, new Decisions(List.of(decisions)));
    }

    @Test
    void rejections_areCounted_byThePolicyThatRejects() {
        add("alice", PERMITTED);
        add("bob", PERMITTED, OF_EXPORT);
        add("carol", REJECTED, OF_EXPORT);
        add("carol", REJECTED);

        assertThat(rejected.top(1)).containsExactly(new RejectedClients.Top("carol", "search", 2, 0));
        assertThat(rejected.top(10))
                .containsExactlyInAnyOrder(
                        new RejectedClients.Top("carol", "search", 2, 0),
                        new RejectedClients.Top("carol", "export", 1, 0),
                        new RejectedClients.Top("bob", "export", 1, 0));
        assertThat(rejected.top(0)).isEmpty();
    }

    @Test
    void everNewIds_takeNoMoreRoom_andHideNoneThatComesOften() {
        for (int i = 0; i < 20_000; i++) {
            add("once-" + i, REJECTED);
            if (i % 20 == 0) {
                add("often", REJECTED);
            }
        }

        assertThat(rejected.top(Integer.MAX_VALUE)).hasSize(100);
        assertThat(rejected.top(1)).first().satisfies(top -> {
            assertThat(top.client()).isEqualTo("often");
            assertThat(1_000L).isBetween(top.count() - top.atMostOver(), top.count());
        });
    }

    @Test
    void permitted_leavesNoGarbage() {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        Decisions permitted = new Decisions(List.of(PERMITTED));
        long least = Long.MAX_VALUE;
        // The compiler comes to it in its own time: on a busy machine, late.
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (least >= 20_000 && System.nanoTime() < endNanos) {
            long before = threads.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < 20_000; i++) {
                rejected.add("alice", permitted);
            }
            least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
        }

        assertThat(least).isLessThan(20_000);
        assertThat(rejected.top(1)).isEmpty();
    }
}
