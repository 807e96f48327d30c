package dev.weir.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.store.Subject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** When leases are looked after: against a list of when each is due. */
class LeaseRoundsTest {

    /** The monotonic clock overflows during the tests. */
    private static final long BEGIN = Long.MAX_VALUE - TimeUnit.MILLISECONDS.toNanos(300);

    private final LeaseRounds rounds = new LeaseRounds(BEGIN);

    private static Lease lease(int id) {
        return new Lease(Subject.client("client-" + id), "search", BEGIN);
    }

    private static long after(long millis) {
        return BEGIN + TimeUnit.MILLISECONDS.toNanos(millis);
    }

    private List<Lease> polled(long nowNanos) {
        rounds.begin(nowNanos);
        return rest();
    }

    private List<Lease> rest() {
        List<Lease> polled = new ArrayList<>();
        for (Lease lease = rounds.poll(); lease != null; lease = rounds.poll()) {
            polled.add(lease);
        }
        return polled;
    }

    @Test
    void poll_joined_dueInTheNextRound_once() {
        Lease lease = lease(1);
        rounds.join(lease);

        assertThat(polled(after(1))).containsExactly(lease);
        assertThat(polled(after(1_000))).isEmpty();
    }

    @Test
    void add_rests_dueWhenThatIsOver() {
        Lease restless = lease(1);
        Lease resting = lease(2);
        rounds.begin(after(20));
        rest();
        rounds.add(restless, 0);
        rounds.add(resting, TimeUnit.MILLISECONDS.toNanos(59));

        assertThat(polled(after(39))).isEmpty();
        assertThat(polled(after(40))).containsExactly(restless);
        assertThat(polled(after(60))).isEmpty();
        assertThat(polled(after(80))).containsExactly(resting);
    }

    /** A round that is late, or is not begun again for a day, misses none. */
    @ParameterizedTest
    @ValueSource(longs = {140, 1_000, 86_400_000})
    void poll_late_hasAllThatWereDueMeanwhile(long millis) {
        rounds.begin(after(20));
        rest();
        List<Lease> leases =
                IntStream.range(0, 6).mapToObj(LeaseRoundsTest::lease).toList();
        for (int i = 0; i < 6; i++) {
            rounds.add(leases.get(i), i * LeaseRounds.SLOT_NANOS);
        }

        assertThat(polled(after(millis))).containsExactlyInAnyOrderElementsOf(leases);
    }

    @Test
    void begin_afterARoundThatWasBrokenOff_goesOnWithIt() {
        Lease joined = lease(1);
        List<Lease> before = List.of(lease(2), lease(3), lease(4));
        before.forEach(rounds::join);
        rounds.begin(after(20));
        List<Lease> polled = new ArrayList<>(List.of(Objects.requireNonNull(rounds.poll())));
        rounds.join(joined);

        polled.addAll(polled(after(40)));
        assertThat(polled).contains(joined).hasSize(4).containsAll(before);
    }

    /** Each is looked after at the end of its rest, to within a slot and a late round, and never twice. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void anyHistory_eachLeaseInTime(long seed) {
        Random random = new Random(seed);
        Map<Lease, Long> dueNanos = new HashMap<>();
        long nowNanos = BEGIN;
        for (int round = 0; round < 5_000; round++) {
            nowNanos += TimeUnit.MILLISECONDS.toNanos(random.nextInt(10) == 0 ? random.nextInt(400) : 20);
            for (int i = random.nextInt(4); i > 0; i--) {
                Lease lease = lease(round);
                rounds.join(lease);
                dueNanos.put(lease, nowNanos);
            }
            rounds.begin(nowNanos);
            for (Lease lease = rounds.poll(); lease != null; lease = rounds.poll()) {
                Long due = dueNanos.remove(lease);
                assertThat(due).as("in round %d, not twice", round).isNotNull();
                assertThat(due - nowNanos)
                        .as("how early in round %d", round)
                        .isLessThanOrEqualTo(LeaseRounds.SLOT_NANOS);
                if (random.nextInt(8) > 0) {
                    long restNanos = random.nextLong(2 * LeaseRounds.LONGEST_NANOS);
                    rounds.add(lease, restNanos);
                    dueNanos.put(lease, nowNanos + Math.min(restNanos, LeaseRounds.LONGEST_NANOS));
                }
            }
            for (long due : dueNanos.values()) {
                assertThat(due - nowNanos).as("left behind in round %d", round).isGreaterThan(-LeaseRounds.SLOT_NANOS);
            }
        }
    }

    /** Threads let leases join while rounds are made. */
    @Test
    @Timeout(60)
    void join_byManyThreads_eachIsPolledOnce() throws Exception {
        int threads = 4;
        int each = 20_000;
        List<Thread> joining = IntStream.range(0, threads)
                .mapToObj(thread ->
                        new Thread(() -> IntStream.range(0, each).forEach(i -> rounds.join(lease(thread * each + i)))))
                .toList();
        joining.forEach(Thread::start);
        Map<String, Integer> times = new HashMap<>();
        boolean isJoining = true;
        while (isJoining) {
            isJoining = joining.stream().anyMatch(Thread::isAlive);
            polled(BEGIN).forEach(lease -> times.merge(lease.subject().id(), 1, Integer::sum));
        }

        assertThat(times)
                .hasSize(threads * each)
                .allSatisfy((id, count) -> assertThat(count).isOne());
    }
}
