package dev.weir.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.Decision;
import dev.weir.store.ChangeListener;
import dev.weir.store.Charge;
import dev.weir.store.LeaseCall;
import dev.weir.store.NearStore;
import dev.weir.store.Overrides;
import dev.weir.store.Page;
import dev.weir.store.Store;
import dev.weir.store.StoreHistories;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import net.jqwik.api.lifecycle.AfterContainer;

/** The memory store by its short calls, wherever a request can be made by one, amid all others. */
class InPlaceHistoriesTest extends StoreHistories {

    private static final AtomicLong NOW_MICROS = new AtomicLong();
    private static final MemoryStore STORE = new MemoryStore(NOW_MICROS::get);

    private final ShortCalls shortCalls = new ShortCalls();

    @Override
    protected Store store() {
        return shortCalls;
    }

    @Override
    protected void setNowMicros(long nowMicros) {
        NOW_MICROS.set(nowMicros);
    }

    @Override
    protected void forget() {
        NOW_MICROS.addAndGet(UsageTable.KEPT_MICROS);
        STORE.sweep();
        NOW_MICROS.addAndGet(-UsageTable.KEPT_MICROS);
    }

    @AfterContainer
    static void closeStore() {
        STORE.close();
    }

    private static final class ShortCalls implements Store {

        private int requests;

        @Override
        public CompletableFuture<StoreReply> tryAcquire(StoreRequest call) {
            Charge charge = call.charges().get(0);
            boolean isShort = call.charges().size() == 1 && call.timestamp() == null && charge.share() == null;
            return isShort
                    ? CompletableFuture.completedFuture(
                            new StoreReply.Decided(NOW_MICROS.get(), List.of(decide(call.subject(), charge))))
                    : STORE.tryAcquire(call);
        }

        /** Where one call has refused, so must the other. */
        private Decision decide(Subject subject, Charge charge) {
            String id = subject.id();
            long nowMicros = NOW_MICROS.get();
            NearStore.Answer allowed = requests++ % 3 > 0
                    ? STORE.allow(id, charge.policy(), charge.limit(), charge.cost())
                    : NearStore.Answer.UNDECIDED;
            if (allowed == NearStore.Answer.PERMITTED) {
                return charge.permitted(Objects.requireNonNull(STORE.state(id, charge.policy())), nowMicros, nowMicros);
            }
            Decision decision = Objects.requireNonNull(
                            STORE.decide(subject.kind(), id, charge, null, Overrides.NONE.version()))
                    .get(0);
            assertThat(allowed == NearStore.Answer.REFUSED && decision.permitted())
                    .isFalse();
            return decision;
        }

        @Override
        public CompletableFuture<Void> giveBack(StoreRequest charged, long atMicros) {
            return STORE.giveBack(charged, atMicros);
        }

        @Override
        public CompletableFuture<Void> owe(StoreRequest owed) {
            return STORE.owe(owed);
        }

        @Override
        public CompletableFuture<StoreReply> lease(LeaseCall call) {
            return STORE.lease(call);
        }

        @Override
        public CompletableFuture<Overrides> overrides(Subject subject) {
            return STORE.overrides(subject);
        }

        @Override
        public CompletableFuture<Boolean> replace(Subject subject, long expected, Overrides next) {
            return STORE.replace(subject, expected, next);
        }

        @Override
        public void listen(ChangeListener listener) {
            STORE.listen(listener);
        }

        @Override
        public CompletableFuture<Page> list(Subject.Kind kind, String from, int most) {
            return STORE.list(kind, from, most);
        }

        @Override
        public CompletableFuture<Integer> heartbeat(String instanceId) {
            return STORE.heartbeat(instanceId);
        }

        @Override
        public CompletableFuture<List<String>> instances() {
            return STORE.instances();
        }

        @Override
        public void close() {}
    }
}
