package dev.weir.sample.dashboard;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.filter.metrics.RejectedClients;
import dev.weir.limit.Decision.Permitted;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** What is kept of clients is bounded. */
class ClientsTest {

    private static final Limit LIMIT = Limit.tokenBucket(10, Duration.ofSeconds(10));

    private final Clients clients = new Clients(new RejectedClients());

    @Test
    void anyNumberOfIds_getRowsUpToABound_andNoRequestIsLost() {
        for (int i = 0; i < 10_000; i++) {
            clients.add("client-" + i, new Permitted("search", LIMIT, 9, 0, Reason.OK), false);
        }

        assertThat(clients.rows())
                .hasSize(201)
                .last()
                .satisfies(others -> assertThat(others.client()).isEqualTo("(others)"));
        assertThat(clients.rows())
                .extracting(Clients.Row::permitted)
                .satisfies(counts -> assertThat(
                                counts.stream().mapToLong(Long::longValue).sum())
                        .isEqualTo(10_000));
    }

    @Test
    void outcomes_areCountedApart() {
        clients.add("alice", new Permitted("search", LIMIT, 9, 0, Reason.OK), false);
        clients.add("alice", new Permitted("search", LIMIT, 8, 0, Reason.OK), true);
        clients.add("alice", rejected(), false);

        assertThat(clients.rows()).containsExactly(new Clients.Row("alice", "search", 2, 1, 1));
        assertThat(clients.topRejected()).containsExactly(new RejectedClients.Top("alice", "search", 1, 0));
    }

    private static Rejected rejected() {
        return new Rejected("search", LIMIT, 0, 10_000_000, Reason.LIMIT, 1_500_000);
    }
}
