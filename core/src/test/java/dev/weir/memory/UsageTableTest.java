package dev.weir.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.FixedWindowState;
import dev.weir.limit.Limit;
import dev.weir.limit.State;
import dev.weir.limit.TokenBucket;
import dev.weir.limit.TokenBucketTally;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UsageTableTest {

    private static final List<String> POLICIES = List.of("search", "export", "upload");

    private final UsageTable table = new UsageTable(UsageTable.UNBOUNDED);

    private static FixedWindowState state(long used, long overAtMicros) {
        return new FixedWindowState(1_000, used, overAtMicros - 1_000);
    }

    /** Whatever is put, forgotten and swept: what is in use is found, and what is not takes little room. */
    @Test
    void randomSteps_asAMapThatForgetsWhatIsOver() {
        Random random = new Random(7);
        Map<List<String>, State> model = new HashMap<>();
        long nowMicros = 10_000;
        for (int i = 0; i < 200_000; i++) {
            nowMicros += random.nextInt(3);
            String policy = POLICIES.get(random.nextInt(3));
            String client = "client " + random.nextInt(i < 100_000 ? 2_000 : 20);
            if (random.nextInt(10) < 6) {
                State state = state(1 + random.nextInt(5), nowMicros + random.nextInt(2_000));
                table.put(policy, client, state, nowMicros);
                model.put(List.of(policy, client), state);
            } else if (random.nextInt(4) == 0) {
                table.forget(policy, client);
                model.remove(List.of(policy, client));
            } else if (random.nextInt(20) == 0) {
                table.sweep(random.nextInt(500), nowMicros);
                table.trim();
            }
            State expected = model.get(List.of(policy, client));
            State found = table.get(policy, client);
            if (expected == null || expected.emptyAtMicros() > nowMicros || found != null) {
                assertThat(found).isEqualTo(expected);
            }
        }
        table.sweep(table.size(), Long.MAX_VALUE);
        assertThat(table.size()).isZero();
    }

    /** Without a sweep, at every moment of a stream of clients that come once, one in a millisecond. */
    @Test
    void put_streamOfNewClients_atMostTwiceWhatWasInUseWithinASecond() {
        int inUse = 1_000;
        int kept = (int) (UsageTable.KEPT_MICROS / 1_000);
        for (int i = 0; i < 100_000; i++) {
            table.put("search", "client " + i, state(1, 1_000L * (i + inUse)), 1_000L * i);
            assertThat(table.size()).isLessThanOrEqualTo(2 * (inUse + kept) + 2);
        }
    }

    @Test
    void put_comesAgainWithinASecond_findsWhatWasKept() {
        table.put("search", "alice", state(1, 20_000), 10_000);
        for (int i = 0; i < 100; i++) {
            table.put("search", "client " + i, state(1, 2_000_000), 20_000 + UsageTable.KEPT_MICROS - 1);
        }
        assertThat(table.get("search", "alice")).isNotNull();

        for (int i = 100; i < 200; i++) {
            table.put("search", "client " + i, state(1, 2_000_000), 20_000 + UsageTable.KEPT_MICROS);
        }
        assertThat(table.get("search", "alice")).isNull();
    }

    /** What is over is the first to go where room is short, however short the time since. */
    @Test
    void put_full_keepsNothingThatIsOver() {
        UsageTable bounded = new UsageTable(100);
        for (int i = 0; i < 20; i++) {
            bounded.put("search", "in use " + i, state(1, 1_000_000), 10_000);
        }
        for (int i = 0; i < 10_000; i++) {
            bounded.put("search", "stranger " + i, state(1, 10_001 + i), 10_000 + i);
            assertThat(bounded.size()).isLessThanOrEqualTo(100);
        }
        for (int i = 0; i < 20; i++) {
            assertThat(bounded.get("search", "in use " + i)).isNotNull();
        }
    }

    @Test
    void tally_kept_isChangedInPlace() {
        TokenBucket limit = Limit.tokenBucket(10, Duration.ofSeconds(10));
        assertThat(table.tally("search", "alice", limit, 0)).isNull();
        table.put("search", "alice", limit.leaving(7, 0), 0);

        TokenBucketTally tally = Objects.requireNonNull(table.tally("search", "alice", limit, 0));
        assertThat(tally.take(7, 0)).isTrue();

        assertThat(table.tally("search", "alice", limit, 0)).isSameAs(tally);
        assertThat(table.get("search", "alice")).isEqualTo(limit.leaving(0, 0));
        assertThat(table.size()).isEqualTo(1);
        table.sweep(1, 9_999_999);
        assertThat(table.size()).isEqualTo(1);
        table.sweep(1, 10_000_000);
        assertThat(table.size()).isZero();
    }

    /** Requests choose their action, and each action counts under a name of its own. */
    @Test
    void put_streamOfNewNames_noneIsKeptLongerThanItsEntries() {
        for (int i = 0; i < 10_000; i++) {
            table.put("search/item " + i, "alice", state(1, 20_000 + i), 10_000 + i);
        }
        table.sweep(table.size(), Long.MAX_VALUE);
        assertThat(table.size()).isZero();
        assertThat(table.names()).isZero();
    }

    @Test
    void trim_afterACrowd_givesItsPlacesBack() {
        for (int i = 0; i < 10_000; i++) {
            table.put("search", "client " + i, state(1, i < 10 ? 90_000 : 20_000), 10_000);
        }
        table.sweep(table.size(), 30_000);
        assertThat(table.places()).isGreaterThan(10_000);

        table.trim();

        assertThat(table.places()).isLessThan(100);
        assertThat(table.size()).isEqualTo(10);
        for (int i = 0; i < 10; i++) {
            assertThat(table.get("search", "client " + i)).isNotNull();
        }
    }

    @Test
    void put_full_evictsFewPermitsForManyNewClients() {
        UsageTable bounded = new UsageTable(100);
        for (int i = 0; i < 20; i++) {
            bounded.put("search", "heavy " + i, state(50, 1_000_000), 0);
        }
        for (int i = 0; i < 10_000; i++) {
            bounded.put("search", "stranger " + i, state(1, 1_000_000), 0);
            assertThat(bounded.size()).isLessThanOrEqualTo(100);
        }
        for (int i = 0; i < 20; i++) {
            assertThat(bounded.get("search", "heavy " + i)).isEqualTo(state(50, 1_000_000));
        }
    }

    @Test
    void put_full_ofEqualUseEvictsWhatIsOverFirst() {
        UsageTable bounded = new UsageTable(3);
        bounded.put("search", "late", state(5, 9_000), 0);
        bounded.put("search", "soon", state(5, 8_000), 0);
        bounded.put("export", "late", state(5, 9_000), 0);

        bounded.put("export", "new", state(1, 9_000), 0);

        assertThat(bounded.size()).isEqualTo(3);
        assertThat(bounded.get("search", "soon")).isNull();
        assertThat(bounded.get("export", "new")).isNotNull();
    }

    @Test
    void put_ofOneEntry_theLatest() {
        UsageTable one = new UsageTable(1);
        for (int i = 0; i < 5; i++) {
            one.put("search", "client " + i, state(1, 9_000), 0);
            assertThat(one.get("search", "client " + i)).isNotNull();
            assertThat(one.size()).isEqualTo(1);
        }
    }

    @Test
    void forget_createdAndForgottenAgainAndAgain_oneEntry() {
        for (int i = 0; i < 1_000; i++) {
            table.put("search", "alice", state(1, 9_000), 0);
            table.forget("search", "alice");
            assertThat(table.get("search", "alice")).isNull();
        }
        assertThat(table.size()).isEqualTo(1);
        table.sweep(1, 0);
        assertThat(table.size()).isZero();
    }
}
