package dev.weir.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import dev.weir.limit.TokenBucket;
import dev.weir.memory.MemoryStore;
import dev.weir.store.Charge;
import dev.weir.store.FarStore;
import dev.weir.store.LimiterListener;
import dev.weir.store.Overrides;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import dev.weir.store.VirtualScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Requests of one client that come together while it is over its limit, on virtual time. */
class SingleFlightTest {

    private static final long ONE_WAY_MICROS = 100;
    private static final long PERMIT_MICROS = 10_000;
    private static final TokenBucket LIMIT = Limit.tokenBucket(100, Duration.ofSeconds(1), 10);

    private final VirtualScheduler time = new VirtualScheduler();
    private final MemoryStore memory = new MemoryStore(time);
    private final FarStore network = new FarStore(memory, new HashSet<>(), time, new Random(1));
    private LeasingStore leasing = leasing(Duration.ofMillis(50));

    SingleFlightTest() {
        network.travelMicros = () -> ONE_WAY_MICROS;
    }

    private LeasingStore leasing(Duration deadline) {
        return new LeasingStore(
                network, Leasing.FAST, 100, deadline, time, LimiterListener.NONE, (client, decision) -> {});
    }

    @AfterEach
    void close() {
        leasing.close();
        memory.close();
    }

    private static StoreRequest request(long cost) {
        return StoreRequest.of(ScaleInstance.CLIENT, List.of(new Charge(ScaleInstance.POLICY, LIMIT, cost)));
    }

    /** As a request is decided by an instance: by what is known, or else by the store. */
    private CompletableFuture<StoreReply> ask(long cost) {
        StoreReply known = leasing.known(request(cost));
        return known == null ? leasing.tryAcquire(request(cost)) : CompletableFuture.completedFuture(known);
    }

    private List<CompletableFuture<StoreReply>> askTogether(int requests) {
        return askTogether(requests, 1);
    }

    private List<CompletableFuture<StoreReply>> askTogether(int requests, long cost) {
        return IntStream.range(0, requests).mapToObj(i -> ask(cost)).toList();
    }

    private void pass(long micros) {
        time.advance(TimeUnit.MICROSECONDS.toNanos(micros));
    }

    /** The burst is used up, the store has said so, and the memory of that ends just now. */
    private void comeOverTheLimit() {
        for (int i = 0; i <= LIMIT.capacity(); i++) {
            ask(1);
            pass(2 * ONE_WAY_MICROS);
        }
        while (leasing.known(request(1)) != null) {
            pass(1);
        }
    }

    private static Decision decision(CompletableFuture<StoreReply> answer) {
        return ((StoreReply.Decided) answer.join()).decisions().get(0);
    }

    private static long permitted(List<CompletableFuture<StoreReply>> answers) {
        return answers.stream().filter(answer -> decision(answer).permitted()).count();
    }

    @Test
    void requestsThatComeTogether_oneAsks_andAllAreAnswered() {
        comeOverTheLimit();
        long before = network.calls;

        List<CompletableFuture<StoreReply>> answers = askTogether(8);
        pass(4 * ONE_WAY_MICROS);

        assertThat(answers).allMatch(CompletableFuture::isDone);
        assertThat(permitted(answers)).isOne();
        assertThat(network.calls - before).isOne();
        assertThat(((Decision.Rejected) decision(answers.get(7))).retryAfterMicros())
                .isBetween(1L, PERMIT_MICROS);
    }

    /** A call that goes faster than the one before would come before the permit. */
    @Test
    void callThatTravelsFaster_isNotEarly() {
        comeOverTheLimit();
        network.travelMicros = () -> ONE_WAY_MICROS / 10;
        long before = network.calls;

        CompletableFuture<StoreReply> answer = ask(1);
        pass(4 * ONE_WAY_MICROS);

        assertThat(decision(answer).permitted()).isTrue();
        assertThat(network.calls - before).isOne();
    }

    @Test
    void clientBelowItsLimit_eachRequestAsksAtOnce() {
        ask(1);
        pass(2 * ONE_WAY_MICROS);
        long before = network.calls;

        List<CompletableFuture<StoreReply>> answers = askTogether(8);

        assertThat(network.calls - before).isEqualTo(8);
        pass(2 * ONE_WAY_MICROS);
        assertThat(permitted(answers)).isEqualTo(8);
    }

    /** What is refused to a large request is no refusal of a small one. */
    @Test
    void smallerCost_doesNotWait() {
        comeOverTheLimit();
        pass(2 * ONE_WAY_MICROS);
        ask(5);
        long before = network.calls;

        ask(1);

        assertThat(network.calls - before).isOne();
    }

    /** One answer may bring too little, and another be late: the wait is as long as the store is far. */
    @Test
    void farStore_othersWaitForThreeAnswers() {
        network.travelMicros = () -> 3_000;
        comeOverTheLimit();
        pass(20_000);
        network.isCut = true;
        ask(LIMIT.capacity());
        network.isCut = false;
        long before = network.calls;
        askTogether(7, LIMIT.capacity());

        pass(17_999);
        assertThat(network.calls - before).isZero();
        pass(1);

        assertThat(network.calls - before).isEqualTo(7);
    }

    @Test
    void noAnswer_othersAskAfterTenMillis_andAreAnsweredInTime() {
        comeOverTheLimit();
        pass(2 * ONE_WAY_MICROS); // Nothing waits before it asks any more.
        network.isCut = true;
        CompletableFuture<StoreReply> lost = ask(1);
        network.isCut = false;
        List<CompletableFuture<StoreReply>> answers = askTogether(7);

        pass(9_999);
        assertThat(answers).noneMatch(CompletableFuture::isDone);
        pass(1 + 2 * ONE_WAY_MICROS);

        assertThat(answers).allMatch(CompletableFuture::isDone);
        assertThat(permitted(answers)).isEqualTo(2); // Of ten milliseconds before, and of the ten that they waited.
        assertThat(lost).isNotDone();
    }

    @Test
    void shortDeadline_noAnswer_othersAskAfterTwoFifthsOfIt() {
        leasing.close();
        leasing = leasing(Duration.ofMillis(10));
        comeOverTheLimit();
        pass(2 * ONE_WAY_MICROS); // Nothing waits before it asks any more.
        network.isCut = true;
        ask(1);
        network.isCut = false;
        long before = network.calls;
        askTogether(7);

        pass(3_999);
        assertThat(network.calls - before).isZero();
        pass(1);

        assertThat(network.calls - before).isEqualTo(7);
    }

    /** When it was asked, the old limit was in force: those that wait are answered by a later call. */
    @Test
    void limitIsChangedMeanwhile_answerBindsNoOtherRequest() {
        comeOverTheLimit();
        pass(2 * ONE_WAY_MICROS);
        List<CompletableFuture<StoreReply>> answers = askTogether(8);
        pass(1);
        long before = network.calls;

        leasing.recall(Subject.client(ScaleInstance.CLIENT));
        pass(2 * ONE_WAY_MICROS);
        assertThat(answers.stream().filter(CompletableFuture::isDone)).hasSize(1);
        pass(4 * ONE_WAY_MICROS);

        assertThat(answers).allMatch(CompletableFuture::isDone);
        assertThat(network.calls - before).isOne();
    }

    /** It has a deadline of its own. */
    @Test
    void requestThatIsNotWaitedFor_isNotAskedFor() {
        comeOverTheLimit();
        long before = network.calls;
        ask(1);
        CompletableFuture<StoreReply> other = ask(1);

        other.cancel(true);
        pass(20_000);

        assertThat(network.calls - before).isOne();
    }

    @Test
    void requestThatIsNotWaitedForBeforeItAsks_takesNoPermit() {
        comeOverTheLimit();
        long before = network.calls;

        ask(1).cancel(true);
        pass(20_000);

        assertThat(network.calls - before).isZero();
    }

    @Test
    void permitsAreThere_othersAskAllAtOnce() {
        comeOverTheLimit();
        pass(5 * PERMIT_MICROS);

        List<CompletableFuture<StoreReply>> answers = askTogether(4);
        pass(4 * ONE_WAY_MICROS);

        assertThat(answers).allMatch(CompletableFuture::isDone);
        assertThat(permitted(answers)).isEqualTo(4);
    }

    /** One asks for what has come back, one for what was left, and one for what may have come back since. */
    @Test
    void onePermitIsLeft_notAllOthersAsk() {
        comeOverTheLimit();
        pass(PERMIT_MICROS);
        long before = network.calls;

        List<CompletableFuture<StoreReply>> answers = askTogether(30);
        pass(6 * ONE_WAY_MICROS);

        assertThat(answers).allMatch(CompletableFuture::isDone);
        assertThat(permitted(answers)).isEqualTo(2);
        assertThat(network.calls - before).isLessThanOrEqualTo(3);
    }

    /** One that waited first would have too little left of its deadline, and the store would be taken to be away. */
    @Test
    void storeTakesNearlyTheDeadline_noRequestWaitsForAnother() {
        comeOverTheLimit();
        network.travelMicros = () -> 22_500;
        ask(LIMIT.capacity());
        pass(100_000);
        assertThat(leasing.known(request(LIMIT.capacity()))).isNull();
        long before = network.calls;

        askTogether(4, LIMIT.capacity());

        assertThat(network.calls - before).isEqualTo(4);
    }

    /** What a request has waited for others, it does not wait once more for a lease that is in its way. */
    @Test
    void farStore_noRequestTakesLongerThanItsDeadline() {
        TokenBucket leasable = Limit.tokenBucket(1_000, Duration.ofSeconds(1));
        network.travelMicros = () -> 6_100;
        Random random = new Random(82_000);
        List<Long> tookNanos = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            long cost = random.nextInt(3) == 0 ? 1 + random.nextInt(60) : 1;
            StoreRequest request =
                    StoreRequest.of(ScaleInstance.CLIENT, List.of(new Charge(ScaleInstance.POLICY, leasable, cost)));
            if (leasing.known(request) == null) {
                long cameNanos = time.nanoTime();
                leasing.tryAcquire(request).thenRun(() -> tookNanos.add(time.nanoTime() - cameNanos));
            }
            pass(random.nextInt(8_000));
        }
        pass(100_000);

        assertThat(tookNanos).isNotEmpty().allMatch(took -> took <= TimeUnit.MILLISECONDS.toNanos(50));
    }

    /** The store was asked at 0, and had none until one millisecond after it was. */
    @Test
    void answer_bindsThoseThatCameWhileItWasSurelyTrue() {
        Lease lease = new Lease(Subject.client(ScaleInstance.CLIENT), ScaleInstance.POLICY, 0);
        lease.comeUnder(new LeaseBasis(LIMIT, null, Overrides.NO_VERSION), 0, 0);
        Decision refused = new Decision.Rejected(ScaleInstance.POLICY, LIMIT, 0, 1_000, Reason.LIMIT, 1_000);
        Charge charge = new Charge(ScaleInstance.POLICY, LIMIT, 1);
        long answeredNanos = 5_000_000;

        lease.answered(refused, 1, 0, 0, answeredNanos);

        assertThat(lease.decide(charge, Overrides.NO_VERSION, -50, answeredNanos))
                .isNotNull();
        assertThat(lease.decide(charge, Overrides.NO_VERSION, 999_999, answeredNanos))
                .isNotNull();
        assertThat(lease.decide(charge, Overrides.NO_VERSION, 1_000_000, answeredNanos))
                .isNull();
    }

    /**
     * Requests of any cost at random moments on two instances, of which a message may be late or lost: none is refused
     * without a moment since it came at which the store had too little, and what the store charges is one limit's.
     */
    @Test
    void randomHistories_noFalseDenial_neverAboveTheLimit() {
        long requests = 0;
        long calls = 0;
        for (int seed = 0; seed < 150; seed++) {
            FlightHistory history = new FlightHistory(seed);
            history.run();
            requests += FlightHistory.REQUESTS;
            calls += history.calls();
        }
        assertThat(requests).isGreaterThan(2 * calls);
    }
}
