package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.limit.Limit;
import dev.weir.limit.Pool;
import dev.weir.limit.TokenBucket;
import dev.weir.memory.MemoryStore;
import dev.weir.store.Charge;
import dev.weir.store.FarStore;
import dev.weir.store.FaultyStore;
import dev.weir.store.FaultyStore.Fault;
import dev.weir.store.Grant;
import dev.weir.store.LeaseCall;
import dev.weir.store.LimiterListener;
import dev.weir.store.Logged;
import dev.weir.store.MicrosClock;
import dev.weir.store.Overrides;
import dev.weir.store.Scheduler;
import dev.weir.store.Share;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import dev.weir.store.VirtualScheduler;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OwingStoreTest {

    private static final Subject ALICE = Subject.client("alice");
    private static final TokenBucket HUNDRED_A_YEAR = Limit.tokenBucket(100, Duration.ofDays(365));
    private static final Duration DEADLINE = Duration.ofMillis(50);

    private final VirtualScheduler time = new VirtualScheduler();
    private final MemoryStore memory = new MemoryStore(time);
    private final FaultyStore store = new FaultyStore(memory);
    private final AtomicLong lost = new AtomicLong();
    private final Debts debts = new Debts(time.clock(), 2, new LimiterListener() {
        @Override
        public void onDebtLost(String policy, long permits) {
            lost.addAndGet(permits);
        }
    });
    private final OwingStore owing = new OwingStore(store, debts, DEADLINE, time);

    @AfterEach
    void close() {
        memory.close();
    }

    @Test
    void tryAcquire_somethingIsOwed_chargedFirst() {
        owe("alice", 40);

        assertThat(remainingAfterOne("alice")).isEqualTo(59);
        assertThat(remainingAfterOne("alice")).as("and once").isEqualTo(58);
        assertThat(debts.isEmpty()).isTrue();
    }

    /** A renewal in the background as well: no fresh permits before those that were taken are charged. */
    @Test
    void lease_somethingIsOwed_chargedFirst() {
        owe("alice", 95);
        LeaseCall call = new LeaseCall(ALICE, Overrides.NO_VERSION, "p", HUNDRED_A_YEAR, 0, 100, Grant.NONE, 0);

        StoreReply.Leased leased = (StoreReply.Leased) owing.lease(call).join();

        assertThat(leased.decision().remaining() + leased.grant().permits()).isEqualTo(5);
    }

    @Test
    void tryAcquire_anotherClient_chargedNothing() {
        owe("alice", 40);

        assertThat(remainingAfterOne("bob")).isEqualTo(99);
        assertThat(debts.has(new Debtor.Alone(ALICE))).isTrue();
    }

    @Test
    void tryAcquire_whileADebtIsUnderWay_waitsForIt() {
        owe("alice", 40);
        store.ofDecisions = Fault.HELD_BACK;
        CompletableFuture<StoreReply> first = owing.tryAcquire(one("alice"));
        store.ofDecisions = Fault.NONE;
        CompletableFuture<StoreReply> second = owing.tryAcquire(one("alice"));

        assertThat(first).isNotDone();
        assertThat(second).isNotDone();
        time.advance(DEADLINE.toNanos() + 1);
        assertThat(first).isCompletedExceptionally();
        assertThat(second).isCompletedExceptionally();
        assertThat(lost).as("it may be lost, and is counted so").hasValue(40);
        assertThat(remainingAfterOne("alice"))
                .as("of unknown outcome: it is not charged twice, and holds nothing up")
                .isEqualTo(99);
    }

    /** Admitted without the store by another request, of which the store's answer was late. */
    @Test
    void tryAcquire_anotherDebtComesWhileOneIsUnderWay_waitsForBoth() {
        owe("alice", 40);
        FarStore far = new FarStore(memory, new HashSet<>(), time, new Random(1));
        OwingStore farOwing = new OwingStore(far, debts, DEADLINE, time);
        CompletableFuture<StoreReply> waiting = farOwing.tryAcquire(one("alice"));
        owe("alice", 2);
        time.advance(DEADLINE.toNanos());

        StoreReply.Decided decided = (StoreReply.Decided) waiting.join();
        assertThat(decided.decisions().get(0).remaining()).isEqualTo(100 - 42 - 1);
        assertThat(debts.isEmpty()).isTrue();
    }

    @Test
    void tryAcquire_debtSurelyNotCharged_staysOwed() {
        owe("alice", 40);
        store.ofDecisions = Fault.REFUSED;
        assertThat(owing.tryAcquire(one("alice"))).isCompletedExceptionally();
        owe("alice", 2);
        store.ofDecisions = Fault.NONE;

        assertThat(remainingAfterOne("alice")).isEqualTo(100 - 42 - 1);
    }

    @Test
    void admitted_moreClientsThanAreKept_lostAndReported() {
        owe("alice", 1);
        owe("bob", 1);
        owe("carol", 3);
        owe("alice", 1);

        assertThat(lost).hasValue(3);
        assertThat(remainingAfterOne("alice")).isEqualTo(97);
        assertThat(remainingAfterOne("carol")).isEqualTo(99);
    }

    /** There are as many as are configured. */
    @Test
    void admitted_aPoolBesideAsManyClientsAsAreKept_isKept() {
        owe("alice", 1);
        owe("bob", 1);
        Charge ofPool = new Charge("p", HUNDRED_A_YEAR, 40);
        debts.admitted(new Debtor.Together("pool"), ofPool, ofPool, null, true);

        assertThat(lost).hasValue(0);
        assertThat(debts.size()).isEqualTo(3);
        Charge one = new Share(new Pool("pool", HUNDRED_A_YEAR), 1).charge("p", null, 1);
        StoreReply reply =
                owing.tryAcquire(StoreRequest.of("carol", List.of(one))).join();
        assertThat(((StoreReply.Decided) reply).decisions().get(0).remaining()).isEqualTo(59);
    }

    @Test
    void admitted_moreClientsThanAreKept_saidOnceAMinute() {
        try (Logged logged = new Logged()) {
            for (int second = 0; second < 61; second++) {
                owe("client-%d".formatted(second), 1);
                owe("other-%d".formatted(second), 1);
                owe("too-many-%d".formatted(second), 1);
                debts.take(client("client-%d".formatted(second)));
                debts.take(client("other-%d".formatted(second)));
                debts.largestFirst();
                time.advance(Duration.ofSeconds(1).toNanos());
            }

            assertThat(lost).hasValue(61);
            assertThat(logged.lines()).as("at 0 s and at 60 s").hasSize(2);
        }
    }

    @Test
    void collector_storeAnswersAgain_chargesClientsThatDoNotCome() {
        boolean[] isAnswering = {false};
        try (DebtCollector collector = new DebtCollector(debts, owing, () -> isAnswering[0], time)) {
            assertThat(collector).isNotNull();
            owe("alice", 40);
            owe("bob", 7);
            time.advance(TimeUnit.SECONDS.toNanos(10));
            assertThat(debts.isEmpty()).isFalse();
            isAnswering[0] = true;
            time.advance(TimeUnit.MILLISECONDS.toNanos(30));

            assertThat(debts.isEmpty()).isTrue();
            assertThat(remainingAfterOne("alice")).isEqualTo(59);
            assertThat(remainingAfterOne("bob")).isEqualTo(92);
        }
    }

    /** The first debt of an outage needs a thread, and comes when others have just been left without an answer. */
    @Test
    void collector_noThreadCanBeStarted_aLaterDebtStartsIt() {
        try (DebtCollector collector = new DebtCollector(debts, owing, () -> true, time);
                Logged logged = new Logged()) {
            assertThat(collector).isNotNull();
            time.isExhausted = true;
            owe("alice", 40);
            owe("alice", 1);
            time.isExhausted = false;
            time.advance(TimeUnit.SECONDS.toNanos(1));
            owe("alice", 2);
            time.advance(TimeUnit.SECONDS.toNanos(1));

            assertThat(debts.isEmpty()).isTrue();
            assertThat(logged.lines()).singleElement().asString().contains("no thread");
        }
    }

    @Test
    void collector_closedWhileTheStoreAnswers_chargesAllFirst() {
        DebtCollector collector = new DebtCollector(debts, owing, () -> true, time);
        owe("alice", 40);
        owe("bob", 7);

        collector.close();

        assertThat(remainingAfterOne("alice")).isEqualTo(59);
        assertThat(remainingAfterOne("bob")).isEqualTo(92);
        assertThat(lost).hasValue(0);
    }

    @Test
    void collector_closedWhileTheStoreIsAway_reportsWhatIsLost() {
        DebtCollector collector = new DebtCollector(debts, owing, () -> false, time);
        owe("alice", 40);
        owe("bob", 7);

        collector.close();

        assertThat(lost).hasValue(47);
        assertThat(debts.isEmpty()).isTrue();
        owe("alice", 2);
        assertThat(lost).as("by a request that ends after it").hasValue(49);
        assertThat(debts.isEmpty()).isTrue();
    }

    @Test
    void collector_closedWhileADebtIsUnderWay_waitsForIt() {
        FarStore far = new FarStore(memory, new HashSet<>(), time, new Random(1));
        OwingStore farOwing = new OwingStore(far, debts, DEADLINE, time);
        DebtCollector collector = new DebtCollector(debts, farOwing, () -> true, time);
        owe("alice", 40);
        farOwing.settle(client("alice"));
        assertThat(debts.isEmpty()).isTrue();

        collector.close();

        assertThat(remainingAfterOne("alice")).isEqualTo(59);
        assertThat(lost).hasValue(0);
    }

    @Test
    void collector_closedByAThreadThatIsInterrupted_chargesAllTheSame() {
        FarStore far = new FarStore(memory, new HashSet<>(), time, new Random(1));
        DebtCollector collector =
                new DebtCollector(debts, new OwingStore(far, debts, DEADLINE, time), () -> true, time);
        owe("alice", 40);

        Thread.currentThread().interrupt();
        collector.close();

        assertThat(Thread.interrupted()).as("still").isTrue();
        assertThat(remainingAfterOne("alice")).isEqualTo(59);
    }

    /** In a cluster one master may refuse for a while. */
    @Test
    void collector_closedWhileOneCannotBeCharged_chargesTheOthers() {
        store.refused = "alice";
        Debts many = new Debts(time.clock(), 200, new LimiterListener() {
            @Override
            public void onDebtLost(String policy, long permits) {
                lost.addAndGet(permits);
            }
        });
        DebtCollector collector =
                new DebtCollector(many, new OwingStore(store, many, DEADLINE, time), () -> true, time);
        Charge large = new Charge("p", HUNDRED_A_YEAR, 40);
        many.admitted(client("alice"), large, large, null, true);
        for (int i = 0; i < 150; i++) {
            Charge small = new Charge("p", HUNDRED_A_YEAR, 7);
            many.admitted(client("client-" + i), small, small, null, true);
        }

        collector.close();

        assertThat(lost).hasValue(40);
        assertThat(remainingAfterOne("client-149")).isEqualTo(92);
    }

    @Test
    void collector_chargingFailsAtItsEnd_closesAllTheSame() {
        BrokenClock broken = new BrokenClock(time);
        DebtCollector collector =
                new DebtCollector(debts, new OwingStore(store, debts, DEADLINE, broken), () -> true, time);
        owe("alice", 40);
        broken.isBroken = true;

        collector.close();

        assertThat(lost).hasValue(40);
    }

    @Test
    void collector_closedWhileTheStoreHangs_givesUpSoon() {
        store.ofDecisions = Fault.HELD_BACK;
        DebtCollector collector = new DebtCollector(debts, owing, () -> true, time);
        owe("alice", 40);
        long before = time.nanoTime();

        collector.close();

        assertThat(time.nanoTime() - before).isLessThan(TimeUnit.MILLISECONDS.toNanos(300));
        assertThat(lost).as("may have been charged").hasValue(40);
    }

    /** A debt may come while the last one is taken out: it must not wait until another client has one. */
    @Test
    void admitted_eachTime_theCollectorIsCalled() {
        AtomicLong calls = new AtomicLong();
        debts.onDebt(calls::incrementAndGet);

        owe("alice", 1);
        owe("alice", 1);
        owe("bob", 1);

        assertThat(calls).hasValue(3);
    }

    @Test
    void settle_failsHalfway_laterCallsDoNotWaitForIt() {
        BrokenClock broken = new BrokenClock(time);
        OwingStore failing = new OwingStore(store, debts, DEADLINE, broken);
        owe("alice", 40);
        broken.isBroken = true;
        assertThatThrownBy(() -> failing.tryAcquire(one("alice"))).isInstanceOf(OutOfMemoryError.class);
        broken.isBroken = false;

        StoreReply.Decided decided =
                (StoreReply.Decided) failing.tryAcquire(one("alice")).getNow(null);
        assertThat(decided.decisions().get(0).remaining())
                .as("nothing was sent, so it is still owed")
                .isEqualTo(100 - 40 - 1);
    }

    /** Its deadline needs a thread: without one, it is as if the deadline were over. */
    @Test
    void settle_noThreadCanBeStarted_mayBeLost_andHoldsNothingUp() {
        store.ofDecisions = Fault.HELD_BACK;
        owe("alice", 40);
        time.isExhausted = true;
        CompletableFuture<StoreReply> answer = owing.tryAcquire(one("alice"));
        time.isExhausted = false;
        store.ofDecisions = Fault.NONE;

        assertThat(answer).isCompletedExceptionally();
        assertThat(lost).hasValue(40);
        assertThat(remainingAfterOne("alice")).isEqualTo(99);
    }

    private static final class BrokenClock implements Scheduler {

        private final Scheduler time;
        private boolean isBroken;

        BrokenClock(Scheduler time) {
            this.time = time;
        }

        @Override
        public long nanoTime() {
            return time.nanoTime();
        }

        @Override
        public MicrosClock clock() {
            if (isBroken) {
                throw new OutOfMemoryError("on purpose");
            }
            return time.clock();
        }

        @Override
        public ScheduledExecutorService worker(String name, int threads) {
            return time.worker(name, threads);
        }

        @Override
        public <T> T await(CompletableFuture<T> answer, long nanos)
                throws InterruptedException, ExecutionException, TimeoutException {
            return time.await(answer, nanos);
        }
    }

    private static Debtor client(String id) {
        return new Debtor.Alone(Subject.client(id));
    }

    private void owe(String client, long cost) {
        Charge charge = new Charge("p", HUNDRED_A_YEAR, cost);
        debts.admitted(client(client), charge, charge, null, true);
    }

    private static StoreRequest one(String client) {
        return StoreRequest.of(client, List.of(new Charge("p", HUNDRED_A_YEAR, 1)));
    }

    private long remainingAfterOne(String client) {
        StoreReply reply = owing.tryAcquire(one(client)).join();
        return ((StoreReply.Decided) reply).decisions().get(0).remaining();
    }
}
