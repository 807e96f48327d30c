package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.limit.Algorithm;
import dev.weir.limit.Limit;
import dev.weir.limit.Rate;
import dev.weir.memory.MemoryStore;
import dev.weir.store.ChangeListener;
import dev.weir.store.FaultyStore;
import dev.weir.store.FaultyStore.Fault;
import dev.weir.store.LimiterListener;
import dev.weir.store.Overrides;
import dev.weir.store.StoreException;
import dev.weir.store.Subject;
import dev.weir.store.VirtualScheduler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A store that goes away around a change at run time; nothing runs in the background unless time passes. */
class ChangesInOutageTest {

    private static final Duration YEAR = Duration.ofDays(365);

    private final VirtualScheduler time = new VirtualScheduler();
    private final MemoryStore shared = new MemoryStore(time);
    private final FaultyStore store = new FaultyStore(shared);
    private final Weir weir = open(store);

    private Weir open(FaultyStore through) {
        return Weir.builder()
                .store(through)
                .scheduler(time)
                .policy(Policy.of("search", Limit.tokenBucket(10, YEAR)))
                .build();
    }

    @AfterEach
    void close() {
        weir.close();
        shared.close();
    }

    /** In real time: what is asked for waits on a thread, and a close ends that. */
    @Test
    void closedWhileTheStoreIsAsked_isNoFailureOfTheStore() {
        List<StoreException.Kind> failures = new CopyOnWriteArrayList<>();
        try (MemoryStore memory = new MemoryStore()) {
            FaultyStore silent = new FaultyStore(memory);
            Weir closing = Weir.builder()
                    .store(silent)
                    .storeDeadline(Duration.ofSeconds(20))
                    .policy(Policy.of("search", Limit.tokenBucket(10, YEAR)))
                    .listener(new LimiterListener() {
                        @Override
                        public void onStoreFailure(StoreException.Kind kind, long nanos) {
                            failures.add(kind);
                        }
                    })
                    .build();
            silent.ofDecisions = Fault.HELD_BACK;
            int before = silent.questions.get();
            memory.replace(Subject.client("alice"), Overrides.NO_VERSION, Overrides.NONE.withPlan("gold"));
            await().until(() -> silent.questions.get() > before);

            closing.close();
        }
        assertThat(failures).isEmpty();
    }

    private static long permits(Weir weir) {
        return weir.limiter("search").tryAcquire("alice").limit().permits();
    }

    @Test
    void storeGoneWhenTheCallReturns_theChangeHoldsHere() {
        assertThat(permits(weir)).isEqualTo(10);

        weir.limits().setRate("search", "alice", 3, YEAR);
        weir.limits().createBucket("tenant", 5, 5);
        store.fail(Fault.UNREACHABLE);

        assertThat(permits(weir)).isEqualTo(3);
        assertThat(weir.bucket("tenant").tryAcquire(1).limit())
                .isEqualTo(Limit.of(Algorithm.TOKEN_BUCKET, new Rate(5, Duration.ofSeconds(1), 5)));
    }

    /** The change is made: to say that it may not be would be wrong. */
    @Test
    void storeGoneBeforeItIsReadBack_theCallReturns_andTheChangeHoldsWhenTheStoreHasAnswered() {
        shared.listen(new ChangeListener() {
            @Override
            public void onChange(Subject subject) {
                store.fail(Fault.UNREACHABLE);
            }

            @Override
            public void onGap() {}
        });

        weir.limits().setRate("search", "alice", 3, YEAR);

        store.fail(Fault.NONE);
        time.advance(TimeUnit.SECONDS.toNanos(2));
        store.fail(Fault.UNREACHABLE);
        assertThat(permits(weir)).isEqualTo(3);
    }

    @Test
    void announcedByAnotherInstance_thenTheStoreIsGone_theChangeHolds() {
        FaultyStore ofOther = new FaultyStore(shared);
        try (Weir other = open(ofOther)) {
            assertThat(permits(weir)).isEqualTo(10);
            other.limits().setRate("search", "alice", 3, YEAR);
            time.advance(TimeUnit.MILLISECONDS.toNanos(1));

            store.fail(Fault.UNREACHABLE);

            assertThat(permits(weir)).isEqualTo(3);
        }
    }
}
