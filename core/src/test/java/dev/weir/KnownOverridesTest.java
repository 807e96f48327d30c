package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weir.lease.Leasing;
import dev.weir.limit.Limit;
import dev.weir.limit.Rate;
import dev.weir.limit.Terms;
import dev.weir.memory.MemoryStore;
import dev.weir.store.FaultyStore;
import dev.weir.store.Overrides;
import dev.weir.store.Scheduler;
import dev.weir.store.Store;
import dev.weir.store.Subject;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** How often the store is asked because this instance does not know what is set there. */
class KnownOverridesTest {

    private final MemoryStore memory = new MemoryStore();
    private final FaultyStore store = new FaultyStore(memory);
    private final Policy search = Policy.of("search", Limit.tokenBucket(10, Duration.ofDays(1)));
    private final Weir weir = open(store);

    private Weir open(Store shared) {
        return Weir.builder()
                .store(shared)
                .policy(search)
                .leasing(Leasing.OFF)
                .storeDeadline(Duration.ofSeconds(20))
                .build();
    }

    @AfterEach
    void close() {
        weir.close();
        memory.close();
    }

    @Test
    void buckets_aHundredThousandInRotation_oneQuestionEach() {
        Overrides ofBucket = Overrides.NONE.with(
                Overrides.BUCKET, new Terms(new Rate(1_000, Duration.ofSeconds(1), 1_000), null, null));
        for (int i = 0; i < 100_000; i++) {
            memory.replace(Subject.bucket("tenant " + i), Overrides.NO_VERSION, ofBucket);
        }
        askAllBuckets();
        int before = store.questions.get();

        askAllBuckets();
        askAllBuckets();

        assertThat(store.questions.get() - before).isEqualTo(200_000);
    }

    private void askAllBuckets() {
        for (int i = 0; i < 100_000; i++) {
            assertThat(weir.bucket("tenant " + i).allow()).isTrue();
        }
    }

    @Test
    void clients_manyWithWeights_oneQuestionEach() {
        for (int i = 0; i < 12_000; i++) {
            memory.replace(
                    Subject.client("client " + i),
                    Overrides.NO_VERSION,
                    Overrides.NONE.with("search", Terms.weight(3)));
        }
        askAllClients();
        int before = store.questions.get();

        askAllClients();

        assertThat(store.questions.get() - before).isEqualTo(12_000);
    }

    private void askAllClients() {
        for (int i = 0; i < 12_000; i++) {
            assertThat(weir.limiter("search")
                            .tryAcquire("client " + i, 1)
                            .limit()
                            .capacity())
                    .isEqualTo(30);
        }
    }

    @Test
    void bucketThatDoesNotExist_lookedUpOnceInAWhile() {
        int before = store.questions.get();
        long startNanos = System.nanoTime();

        for (int i = 0; i < 1_000; i++) {
            assertThatThrownBy(() -> weir.bucket("nowhere").allow()).isInstanceOf(UnknownBucketException.class);
        }

        long whiles = (System.nanoTime() - startNanos) / KnownOverrides.RECENT_NANOS;
        assertThat(store.questions.get() - before).isBetween(1, 1 + (int) whiles);
    }

    @Test
    void bucketThatDidNotExist_worksAtOnceWhereItIsCreated_andElsewhereWithinASecond() {
        try (Weir other = open(new FaultyStore(memory))) {
            assertThatThrownBy(() -> weir.bucket("new").allow()).isInstanceOf(UnknownBucketException.class);
            assertThatThrownBy(() -> other.bucket("new").allow()).isInstanceOf(UnknownBucketException.class);

            weir.limits().createBucket("new", 1, 5);

            assertThat(weir.bucket("new").allow()).isTrue();
            await().atMost(Duration.ofSeconds(1))
                    .pollInterval(Duration.ofMillis(20))
                    .ignoreExceptionsInstanceOf(UnknownBucketException.class)
                    .until(() -> other.bucket("new").allow());
        }
    }

    /** The answer to a look-up that was under way when the bucket was created is of no use afterwards. */
    @Test
    void bucketCreatedHereDuringALookUp_worksAtOnce() {
        KnownOverrides known = new KnownOverrides(Scheduler.system());
        Subject bucket = Subject.bucket("new");
        KnownOverrides.Question question = known.question();

        known.forget(bucket);
        known.remember(bucket, Overrides.NONE, question);

        assertThat(known.recent(bucket)).isEmpty();
    }

    /** Limits are resolved once for equal terms, and equal terms are found by identity. */
    @Test
    void remember_equalTermsOfTwoAnswers_areOneObject() {
        KnownOverrides known = new KnownOverrides(Scheduler.system());
        Subject alice = Subject.client("alice");

        Overrides first = known.remember(alice, ofWeightThree(), known.question());
        Overrides second = known.remember(Subject.client("bob"), ofWeightThree());

        assertThat(second.of("search")).isSameAs(first.of("search"));
        assertThat(known.of(alice).of("search")).isSameAs(first.of("search"));
        assertThat(known.recent(alice).orElseThrow().of("search")).isSameAs(first.of("search"));
    }

    private static Overrides ofWeightThree() {
        return Overrides.NONE.with("search", new Terms(null, Long.valueOf(3), null));
    }

    @Test
    void strangers_evictNothingThatIsSet_andTakeBoundedRoom() {
        KnownOverrides known = new KnownOverrides(Scheduler.system());
        Overrides set = new Overrides(1, "gold", Map.of());
        for (int i = 0; i < 50_000; i++) {
            known.remember(Subject.client("client " + i), set);
        }

        for (int i = 0; i < 100_000; i++) {
            known.remember(Subject.bucket("stranger " + i), Overrides.NONE, known.question());
        }

        assertThat(known.size()).isEqualTo(50_000 + KnownOverrides.MOST_ANSWERS);
        assertThat(known.of(Subject.client("client 0"))).isEqualTo(set);
    }
}
