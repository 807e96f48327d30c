package dev.weir.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.Decision;
import dev.weir.limit.Exact;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import dev.weir.limit.TokenBucket;
import dev.weir.memory.MemoryStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;

/** Limits on a memory store whose wall clock is corrected. */
class SteadyClockTest {

    private static final long HOUR = Exact.micros(Duration.ofHours(1));
    private static final long SECOND = 1_000_000;
    private static final long TRUE_START = 1_700_000_000_000_000L;
    private static final TokenBucket LIMIT = Limit.tokenBucket(10, Duration.ofSeconds(10), 20);

    private long monotonicNanos = 42_000_000_000L;
    private long trueMicros = TRUE_START;

    /** How far the wall clock is ahead of the true time. */
    private long wrongMicros;

    private long readingTakesNanos;

    private final class Instance implements AutoCloseable {

        private final SteadyClock clock = new SteadyClock(
                () -> {
                    monotonicNanos += readingTakesNanos;
                    return monotonicNanos;
                },
                () -> trueMicros + wrongMicros);
        private final MemoryStore store = new MemoryStore(clock);

        Decision take(long cost) {
            return take(cost, null);
        }

        /** As of a caller whose clock is right. */
        Decision takeAt(long cost, long callerMicros) {
            return take(cost, new Timestamp(callerMicros, 60 * SECOND, 5 * SECOND));
        }

        private Decision take(long cost, Timestamp at) {
            return store.decide("alice", List.of(new Charge("p", LIMIT, cost)), at)
                    .decisions()
                    .get(0);
        }

        @Override
        public void close() {
            store.close();
        }
    }

    private void pass(long micros) {
        monotonicNanos += micros * 1_000;
        trueMicros += micros;
    }

    private void sleepOfTheMachine(long micros) {
        trueMicros += micros;
    }

    @Example
    void startedBeforeTheClockWasSet_timestampsAreRightAfterwards() {
        for (long wrong : new long[] {-HOUR, HOUR, -TRUE_START}) {
            wrongMicros = wrong;
            try (Instance instance = new Instance()) {
                assertThat(instance.takeAt(1, trueMicros).reason()).isEqualTo(wrong < 0 ? Reason.FUTURE : Reason.STALE);

                pass(100 * SECOND);
                wrongMicros = 0;

                assertThat(instance.takeAt(1, trueMicros).reason()).isEqualTo(Reason.OK);
                assertThat(instance.takeAt(1, trueMicros + 6 * SECOND).reason()).isEqualTo(Reason.FUTURE);
                assertThat(instance.takeAt(1, trueMicros - 61 * SECOND).reason())
                        .isEqualTo(Reason.STALE);
            }
        }
    }

    @Example
    void machineSlept_timestampsAreRightAfterwards() {
        try (Instance instance = new Instance()) {
            assertThat(instance.takeAt(1, trueMicros).reason()).isEqualTo(Reason.OK);

            sleepOfTheMachine(8 * HOUR);

            assertThat(instance.takeAt(1, trueMicros).reason()).isEqualTo(Reason.OK);
        }
    }

    @Example
    void clockIsSetForward_givesNothingBack() {
        try (Instance instance = new Instance()) {
            assertThat(instance.take(20).permitted()).isTrue();

            wrongMicros = 24 * HOUR;

            assertThat(instance.take(1).permitted()).isFalse();
            assertThat(instance.takeAt(1, trueMicros + wrongMicros).permitted()).isFalse();
        }
    }

    @Example
    void clockIsSetBack_noRequestWaitsLonger() {
        wrongMicros = 24 * HOUR;
        try (Instance instance = new Instance()) {
            assertThat(instance.takeAt(20, trueMicros + wrongMicros).permitted())
                    .isTrue();

            wrongMicros = 0;
            pass(SECOND);

            assertThat(instance.takeAt(1, trueMicros).permitted()).isTrue();
            assertThat(instance.take(1).permitted()).isFalse();
        }
    }

    @Example
    void threadIsHeldUpBetweenTwoReadings_theDifferenceStays() {
        try (Instance instance = new Instance()) {
            assertThat(instance.clock.wallAheadMicros()).isZero();

            readingTakesNanos = 50_000_000;

            assertThat(instance.clock.wallAheadMicros()).isZero();
        }
    }

    /** Whether or not requests have timestamps, on time by the wall clock as it then is. */
    @Property
    void anyCorrections_neverMoreThanTheLimit(
            @ForAll @Size(min = 1, max = 60) List<@IntRange(max = 5) Integer> steps,
            @ForAll @Size(60) List<@LongRange(min = -3 * 3_600_000_000L, max = 3 * 3_600_000_000L) Long> corrections,
            @ForAll @Size(60) List<@LongRange(min = 0, max = 8_000_000) Long> pauses,
            @ForAll boolean stamped) {
        List<long[]> admitted = new ArrayList<>();
        try (Instance instance = new Instance()) {
            for (int i = 0; i < steps.size(); i++) {
                pass(pauses.get(i));
                switch (steps.get(i)) {
                    case 0 -> wrongMicros = corrections.get(i);
                    case 1 -> sleepOfTheMachine(Math.abs(corrections.get(i)));
                    default -> {
                        long cost = steps.get(i);
                        Decision decision = stamped && i % 2 == 0
                                ? instance.takeAt(cost, trueMicros + wrongMicros)
                                : instance.take(cost);
                        if (decision.permitted()) {
                            admitted.add(new long[] {monotonicNanos / 1_000, cost});
                        }
                    }
                }
            }
        }
        long tolerated = 2 * SteadyClock.TOLERATED_MICROS; // A timestamp may be so late, and the next so early.
        for (int first = 0; first < admitted.size(); first++) {
            long taken = 0;
            for (int last = first; last < admitted.size(); last++) {
                taken += admitted.get(last)[1];
                long micros = admitted.get(last)[0] - admitted.get(first)[0];
                assertThat(taken).isLessThanOrEqualTo(20 + (micros + (stamped ? tolerated : 0)) / SECOND);
            }
        }
    }

    /** A caller that follows this machine's wall clock is on time, however it is corrected. */
    @Property
    void anyCorrections_aCallerOnTheWallClockIsOnTime(
            @ForAll @Size(max = 20) List<@LongRange(min = -3 * 3_600_000_000L, max = 3 * 3_600_000_000L) Long> corrections) {
        try (Instance instance = new Instance()) {
            for (long correction : corrections) {
                wrongMicros = correction;
                pass(10 * SECOND);
                assertThat(instance.takeAt(1, trueMicros + wrongMicros).reason())
                        .isEqualTo(Reason.OK);
            }
        }
    }
}
