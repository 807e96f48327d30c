package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.weir.limit.Limit;
import dev.weir.redisson.AcquireCall.Decided;
import dev.weir.redisson.AcquireCall.Failed;
import dev.weir.redisson.AcquireCall.Reply;
import dev.weir.store.Charge;
import dev.weir.store.Grant;
import dev.weir.store.LeaseCall;
import dev.weir.store.Scheduler;
import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Kind;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatcherTest {

    private static final Limit LIMIT = Limit.fixedWindow(1, Duration.ofDays(1));
    private static final Reply DECIDED = new Decided(0, List.of(), 0, 0);

    /** A wire whose answers are kept back until a test gives them. */
    private static final class Wire implements Function<List<AcquireCall>, CompletableFuture<List<Reply>>> {

        private final List<List<AcquireCall>> sent = new CopyOnWriteArrayList<>();
        private final List<CompletableFuture<List<Reply>>> answers = new CopyOnWriteArrayList<>();

        @Override
        public CompletableFuture<List<Reply>> apply(List<AcquireCall> calls) {
            CompletableFuture<List<Reply>> answer = new CompletableFuture<>();
            answers.add(answer);
            sent.add(calls);
            return answer;
        }

        void answer(int batch) {
            answers.get(batch)
                    .complete(sent.get(batch).stream().map(call -> DECIDED).toList());
        }

        List<Integer> sizes() {
            return sent.stream().map(List::size).toList();
        }
    }

    private static final ScheduledExecutorService TIMER = Scheduler.system().worker("weir-test-timer", 1);

    private final Wire wire = new Wire();

    /** Held for so long that on a slow machine too only the test frees its places. */
    private final Batcher<AcquireCall> batcher = new Batcher<>(wire, TIMER, Duration.ofHours(1));

    private static AcquireCall call(int number) {
        StoreRequest call = StoreRequest.of("client-" + number, List.of(new Charge("p", LIMIT, 1)));
        return new AcquireCall(call, null, 0, List.of("overrides", "key-" + number));
    }

    private List<CompletableFuture<StoreReply>> ask(int calls) {
        return IntStream.range(0, calls).mapToObj(i -> batcher.ask(call(i))).toList();
    }

    private static Kind kindOf(CompletableFuture<?> answer) {
        try {
            answer.orTimeout(10, TimeUnit.SECONDS).join();
            return null;
        } catch (CompletionException e) {
            return ((StoreException) e.getCause()).kind();
        }
    }

    @Test
    void ask_wireIsFree_leavesAtOnce() {
        CompletableFuture<StoreReply> answer = batcher.ask(call(1));

        assertThat(wire.sent).containsExactly(List.of(call(1)));
        assertThat(answer).isNotDone();
        wire.answer(0);
        assertThat(answer).isCompletedWithValue(new StoreReply.Decided(0, List.of()));
    }

    @Test
    void ask_whileOthersAreUnderWay_leaveTogetherInOrder() {
        ask(Batcher.IN_FLIGHT);
        List<CompletableFuture<StoreReply>> waiting = ask(5);
        assertThat(wire.sizes()).isEqualTo(List.of(1, 1));

        wire.answer(1);

        assertThat(wire.sent.get(2))
                .isEqualTo(IntStream.range(0, 5).mapToObj(BatcherTest::call).toList());
        assertThat(waiting).noneMatch(CompletableFuture::isDone);
        wire.answer(2);
        assertThat(waiting).allMatch(CompletableFuture::isDone);
    }

    @Test
    void ask_moreThanABatchHolds_inSeveral() {
        ask(Batcher.IN_FLIGHT + Batcher.MOST + 1);

        wire.answer(0);
        wire.answer(1);

        assertThat(wire.sizes()).isEqualTo(List.of(1, 1, Batcher.MOST, 1));
    }

    @Test
    void ask_inTheBackground_leavesAfterWhatRequestsWaitFor() {
        ask(Batcher.IN_FLIGHT);
        AcquireCall background = background();
        CompletableFuture<StoreReply> last = batcher.ask(background);
        ask(3);

        wire.answer(0);

        assertThat(wire.sent.get(2)).containsExactly(call(0), call(1), call(2), background);
        assertThat(last).isNotDone();
        wire.answer(2);
        assertThat(last).isCompleted();
    }

    /** Or leases would not be renewed just when it matters. */
    @Test
    void ask_inTheBackground_hasPlacesInEachBatch_howeverManyRequestsWait() {
        ask(Batcher.IN_FLIGHT);
        AcquireCall background = background();
        for (int i = 0; i < Batcher.KEPT + 1; i++) {
            batcher.ask(background);
        }
        ask(3 * Batcher.MOST);

        wire.answer(0);
        wire.answer(1);

        assertThat(wire.sent.get(2))
                .hasSize(Batcher.MOST)
                .endsWith(background)
                .filteredOn(background::equals)
                .hasSize(Batcher.KEPT);
        assertThat(wire.sent.get(3))
                .hasSize(Batcher.MOST)
                .filteredOn(background::equals)
                .hasSize(1);
    }

    @Test
    void ask_inTheBackgroundAndNothingElse_leavesAtOnce() {
        AcquireCall background = background();
        batcher.ask(background);

        assertThat(wire.sent).containsExactly(List.of(background));
    }

    /** Gives a lease back: no request waits for that. */
    private static AcquireCall background() {
        LeaseCall lease =
                new LeaseCall(Subject.client("lender"), 0, "p", LIMIT, 0, 0, new Grant(3, 1_000_000, 1_000_000), 2);
        return AcquireCall.of(new RedisKeys(1), lease);
    }

    @Test
    void ask_cancelledBeforeItLeaves_isNotSent() {
        ask(Batcher.IN_FLIGHT);
        List<CompletableFuture<StoreReply>> waiting = ask(3);

        waiting.get(1).cancel(true);
        wire.answer(0);

        assertThat(wire.sent.get(2)).containsExactly(call(0), call(2));
        wire.answer(2);
        assertThat(waiting.get(0)).isCompleted();
        assertThat(waiting.get(2)).isCompleted();
    }

    @Test
    void ask_allCancelled_nothingIsSentAndTheNextLeavesAtOnce() {
        ask(Batcher.IN_FLIGHT);
        ask(100).forEach(answer -> answer.cancel(true));

        wire.answer(0);
        assertThat(wire.sent).hasSize(2);
        batcher.ask(call(7));

        assertThat(wire.sent.get(2)).containsExactly(call(7));
    }

    @Test
    void ask_oneFails_failsAlone() {
        ask(Batcher.IN_FLIGHT);
        List<CompletableFuture<StoreReply>> waiting = ask(3);
        wire.answer(0);

        wire.answers.get(2).complete(List.of(DECIDED, new Failed("OOM no room"), DECIDED));

        assertThat(waiting).extracting(BatcherTest::kindOf).containsExactly(null, Kind.ERROR, null);
    }

    @Test
    void ask_batchFails_eachOfItFailsAndTheNextLeaves() {
        ask(Batcher.IN_FLIGHT);
        List<CompletableFuture<StoreReply>> waiting = ask(3);
        wire.answer(0);

        wire.answers.get(2).completeExceptionally(new IllegalStateException("broken"));

        assertThat(waiting).allMatch(answer -> kindOf(answer) == Kind.ERROR);
        batcher.ask(call(9));
        assertThat(wire.sent).hasSize(4);
    }

    @Test
    void ask_fewerAnswersThanCalls_theRestFails() {
        ask(Batcher.IN_FLIGHT);
        List<CompletableFuture<StoreReply>> waiting = ask(2);
        wire.answer(0);

        wire.answers.get(2).complete(List.of(DECIDED));

        assertThat(waiting).extracting(BatcherTest::kindOf).containsExactly(null, Kind.ERROR);
    }

    @Test
    void ask_noAnswer_othersAreNotHeldUp() {
        Batcher<AcquireCall> impatient = new Batcher<>(wire, TIMER);
        for (int i = 0; i < Batcher.IN_FLIGHT; i++) {
            impatient.ask(call(i));
        }
        CompletableFuture<StoreReply> behind = impatient.ask(call(5));

        await().atMost(Duration.ofSeconds(5)).until(() -> wire.sent.size() == 3);
        wire.answer(2);
        assertThat(behind).isCompleted();
    }

    @Test
    void ask_wireFailsAtOnceWithManyWaiting_allFail() {
        List<CompletableFuture<List<Reply>>> first = new ArrayList<>();
        Batcher<AcquireCall> failing = new Batcher<>(
                calls -> {
                    if (first.size() < Batcher.IN_FLIGHT) {
                        first.add(new CompletableFuture<>());
                        return first.get(first.size() - 1);
                    }
                    throw new IllegalStateException("shut down");
                },
                TIMER);
        List<CompletableFuture<StoreReply>> all =
                IntStream.range(0, 300_000).mapToObj(i -> failing.ask(call(i))).toList();

        first.forEach(answer -> answer.completeExceptionally(new IllegalStateException("shut down")));

        assertThat(all).allMatch(answer -> answer.isDone() && kindOf(answer) == Kind.ERROR);
    }

    /** Each would hold a place for ever, and after two of them nothing would leave any more. */
    @Test
    void ask_wireThrowsErrors_thoseFailAndTheNextLeaves() {
        AtomicBoolean isOutOfMemory = new AtomicBoolean(true);
        Batcher<AcquireCall> failing = new Batcher<>(
                calls -> {
                    if (isOutOfMemory.get()) {
                        throw new AssertionError("an array of " + new byte[Integer.MAX_VALUE].length + " bytes");
                    }
                    return wire.apply(calls);
                },
                TIMER);
        for (int i = 0; i < 2 * Batcher.IN_FLIGHT; i++) {
            assertThat(kindOf(failing.ask(call(i)))).isEqualTo(Kind.ERROR);
        }
        isOutOfMemory.set(false);

        CompletableFuture<StoreReply> answer = failing.ask(call(9));
        assertThat(wire.sent).containsExactly(List.of(call(9)));
        wire.answer(0);
        assertThat(answer).isCompleted();
    }

    @Test
    void ask_wireThrowsAnErrorWithManyWaiting_allAreAnswered() {
        AtomicBoolean isOutOfStack = new AtomicBoolean();
        Batcher<AcquireCall> failing =
                new Batcher<>(calls -> isOutOfStack.get() ? overflow(calls) : wire.apply(calls), TIMER);
        List<CompletableFuture<StoreReply>> all = IntStream.range(0, Batcher.IN_FLIGHT + 3 * Batcher.MOST)
                .mapToObj(i -> failing.ask(call(i)))
                .toList();
        isOutOfStack.set(true);

        wire.answer(0);

        assertThat(all.subList(Batcher.IN_FLIGHT, all.size())).allMatch(answer -> kindOf(answer) == Kind.ERROR);
        isOutOfStack.set(false);
        failing.ask(call(7));
        assertThat(wire.sent).hasSize(Batcher.IN_FLIGHT + 1);
    }

    private static CompletableFuture<List<Reply>> overflow(List<AcquireCall> calls) {
        CompletableFuture<List<Reply>> never = overflow(calls);
        return never.thenApply(replies -> replies);
    }

    /** One whose answer cannot be read must not keep the others waiting. */
    @Test
    void ask_answerOfOneThrowsAnError_failsAlone() {
        ask(Batcher.IN_FLIGHT);
        List<CompletableFuture<StoreReply>> waiting = ask(3);
        wire.answer(0);

        wire.answers.get(2).complete(new AbstractList<>() {
            @Override
            public Reply get(int place) {
                return place == 1
                        ? new Failed("an array of " + new byte[Integer.MAX_VALUE].length + " bytes")
                        : DECIDED;
            }

            @Override
            public int size() {
                return 3;
            }
        });

        assertThat(waiting).extracting(BatcherTest::kindOf).containsExactly(null, Kind.ERROR, null);
    }
}
