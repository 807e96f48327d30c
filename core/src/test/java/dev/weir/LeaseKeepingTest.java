package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lease.Leasing;
import dev.weir.limit.Limit;
import dev.weir.limit.OutstandingLeases;
import dev.weir.limit.Source;
import dev.weir.limit.TokenBucketState;
import dev.weir.memory.MemoryStore;
import dev.weir.store.LeasableStore;
import dev.weir.store.LeaseUse;
import dev.weir.store.LimiterListener;
import dev.weir.store.VirtualScheduler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How leases are looked after: of a slow client, which asks 20 times a second, of 10,000, few permits lie about until
 * their time is over; of a busy one, as long as they are used.
 */
class LeaseKeepingTest {

    private static final long APART_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final VirtualScheduler time = new VirtualScheduler();
    private final MemoryStore memory = new MemoryStore(time);
    private LeaseUse use = LeaseUse.NONE;
    private Weir weir;

    @AfterEach
    void close() {
        weir.close();
        memory.close();
    }

    private void start(Leasing leasing) {
        weir = Weir.builder()
                .store(new LeasableStore(2, memory))
                .scheduler(time)
                .leasing(leasing)
                .policies(List.of(Policy.of("search", Limit.tokenBucket(10_000, Duration.ofSeconds(1)))))
                .listener(new LimiterListener() {
                    @Override
                    public void onLeaseUse(String policy, LeaseUse more) {
                        use = use.plus(more);
                    }
                })
                .build();
    }

    private Source ask() {
        return weir.limiter("search").tryAcquire("alice").source();
    }

    /** How many of so many requests the store decides. */
    private int askedOfStore(int requests) {
        int asked = 0;
        for (int i = 0; i < requests; i++) {
            asked += ask() == Source.STORE ? 1 : 0;
            time.advance(APART_NANOS);
        }
        return asked;
    }

    /** Until the client has a lease of a few permits. */
    private void startSlow(int sinceStartMillis) {
        start(Leasing.FAST);
        time.advance(TimeUnit.MILLISECONDS.toNanos(sinceStartMillis));
        while (held().permits() == 0) {
            askedOfStore(1);
        }
    }

    private OutstandingLeases held() {
        return memory.state("alice", "search") instanceof TokenBucketState bucket
                ? bucket.held()
                : OutstandingLeases.NONE;
    }

    private static long micros(long millis) {
        return TimeUnit.MILLISECONDS.toMicros(millis);
    }

    /** A lease that is near its end is carried on before a request has to ask, unless all of it is spent by then. */
    @ParameterizedTest
    @EnumSource(names = {"FAST", "EXACT"})
    void slow_asksOnAndOn_fewRequestsWaitForTheStore(Leasing leasing) {
        start(leasing);
        askedOfStore(20);
        use = LeaseUse.NONE;

        assertThat(askedOfStore(200)).isLessThanOrEqualTo(10);
        time.advance(TimeUnit.SECONDS.toNanos(1));
        assertThat(use.calls()).as("for 200 requests").isBetween(1L, 30L);
    }

    /** With {@link Leasing#FAST} nothing is spent later than a sweep after the end: wherever that is between two. */
    @ParameterizedTest
    @ValueSource(ints = {0, 7, 19, 30, 45, 60, 72, 88, 95})
    void slow_stops_nothingIsSpentAfterTheEnd(int sinceStartMillis) {
        startSlow(sinceStartMillis);
        long endMicros = held().epochEndMicros() - OutstandingLeases.EPOCH_MICROS / 5;

        passUntil(endMicros - 1);
        assertThat(ask()).isEqualTo(Source.LEASE);
        passUntil(endMicros + micros(20));
        assertThat(ask()).isEqualTo(Source.STORE);

        time.advance(TimeUnit.SECONDS.toNanos(2));
        assertThat(use.leased())
                .as("spent, returned or expired")
                .isEqualTo(use.spent() + use.returned() + use.expired());
    }

    /** A few permits lie about; then the client wants many, and nothing any more. */
    @ParameterizedTest
    @ValueSource(ints = {0, 7, 19, 30, 45, 60, 72, 88, 95})
    void slowThenBusy_stops_givenBack(int sinceStartMillis) {
        startSlow(sinceStartMillis);
        for (int i = 0; i < 100; i++) {
            ask();
        }
        assertThat(held().permits()).isGreaterThan(50);

        time.advance(TimeUnit.MILLISECONDS.toNanos(260));
        assertThat(held().permits()).isZero();
    }

    private void passUntil(long micros) {
        time.advance(TimeUnit.MICROSECONDS.toNanos(micros - time.clock().nowMicros()));
    }

    /** After a tenth of a second, a sweep and as long as the call takes. */
    @ParameterizedTest
    @ValueSource(ints = {0, 7, 19, 30, 45, 60, 72, 88, 95})
    void busy_stops_givenBack(int sinceStartMillis) {
        start(Leasing.FAST);
        time.advance(TimeUnit.MILLISECONDS.toNanos(sinceStartMillis));
        for (int i = 0; i < 2_000; i++) {
            ask();
            time.advance(TimeUnit.MICROSECONDS.toNanos(200));
        }
        assertThat(held().permits()).isPositive();

        time.advance(TimeUnit.MILLISECONDS.toNanos(99));
        assertThat(held().permits()).isPositive();
        time.advance(TimeUnit.MILLISECONDS.toNanos(42));
        assertThat(held().permits()).isZero();
    }
}
