package dev.weir;

import dev.weir.limit.State;
import dev.weir.limit.TokenBucket;
import dev.weir.store.ChangeListener;
import dev.weir.store.Charge;
import dev.weir.store.LeaseCall;
import dev.weir.store.LimiterListener;
import dev.weir.store.Overrides;
import dev.weir.store.Page;
import dev.weir.store.Store;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import dev.weir.store.VirtualScheduler;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One instance of a {@link DebtModel}, with the real debts, and its way to the store: an answer comes by a step. */
final class DebtModelInstance implements Store {

    private static final Debtor ALICE = new Debtor.Alone(Subject.client("alice"));
    private static final String POLICY = "p";
    private static final Duration DEADLINE = Duration.ofMillis(50);

    /** A debt that was sent. */
    static final class Message {

        final Debt debt;
        final long permits;
        final CompletableFuture<@Nullable Void> answer = new CompletableFuture<>();
        boolean isCharged;

        Message(Debt debt, long permits) {
            this.debt = debt;
            this.permits = permits;
        }
    }

    /** All of an instance that has a say in what can still happen. */
    record Standing(
            @Nullable State share,
            @Nullable Debt debt,
            @Nullable Debt sent,
            boolean isCharged,
            long late,
            int waiting,
            long notCharged,
            @Nullable Long admittedMicros) {}

    private final DebtModel model;
    private final TokenBucket whole;
    private final TokenBucket part;
    private final long cost;
    private final VirtualScheduler time;
    private final Debts debts;
    private final OwingStore owing;

    @Nullable State share;

    /** The debt that is under way. */
    @Nullable Message sent;

    /** What was owed before the last call; it is sent then. */
    private @Nullable Debt before;

    /** Of debts that are waited for no more, and may still arrive: the permits. */
    long late;

    /** Requests that wait until a debt is charged. */
    private int waiting;

    /** What was admitted alone and owed, less what the store was charged of it. */
    private long notCharged;

    /** When it last admitted something alone that is owed, and was not given back. */
    @Nullable Long admittedMicros;

    DebtModelInstance(DebtModel model, TokenBucket whole, int instances, long cost, VirtualScheduler time) {
        this.cost = cost;
        this.model = model;
        this.whole = whole;
        this.part = whole.share(instances);
        this.time = time;
        debts = new Debts(time.clock(), 10, LimiterListener.NONE);
        owing = new OwingStore(this, debts, DEADLINE, time);
    }

    private long nowMicros() {
        return time.clock().nowMicros();
    }

    /** What is owed and not sent yet; null if nothing is. */
    private @Nullable Debt debt() {
        Debts.Taken taken = debts.take(ALICE);
        if (taken == null) {
            return null;
        }
        debts.putBack(taken);
        return taken.byUsage().get(POLICY);
    }

    boolean owesNothing() {
        return debts.isEmpty() && sent == null;
    }

    long owed() {
        Debt debt = debt();
        long underWay = sent == null || sent.isCharged ? 0 : sent.permits;
        return (debt == null ? 0 : debt.permits(nowMicros())) + underWay;
    }

    Standing standing() {
        Message now = sent;
        return new Standing(
                share,
                debt(),
                now == null ? null : now.debt,
                now != null && now.isCharged,
                late,
                waiting,
                notCharged,
                admittedMicros);
    }

    /** Its share is of what the store has left. */
    void follow(long left) {
        share = left == whole.capacity() ? null : part.leaving(left, nowMicros());
    }

    boolean hasShare() {
        return part.remaining(part.advance(share, nowMicros()), nowMicros()) >= cost;
    }

    /** @param isOwed false if a call may have charged the same */
    void admitAlone(boolean isOwed) {
        State before = share;
        debts.admitted(ALICE, charge(whole), charge(part), before, isOwed);
        share = part.charge(part.advance(before, nowMicros()), nowMicros(), cost);
        if (isOwed) {
            notCharged += cost;
            admittedMicros = nowMicros();
        }
    }

    private Charge charge(TokenBucket limit) {
        return new Charge(POLICY, limit, cost);
    }

    /** Of what was admitted alone last. */
    void giveBack() {
        long atMicros = admittedMicros == null ? 0 : admittedMicros;
        debts.givenBack(ALICE, charge(part), atMicros);
        share = share == null ? null : part.givenBack(share, cost, atMicros, nowMicros());
        admittedMicros = null;
    }

    /** A request that the store decides, once it was charged what is owed. */
    void request() {
        waiting++;
        before = debt();
        owing.tryAcquire(StoreRequest.of("alice", List.of(charge(whole)))).whenComplete((reply, failure) -> waiting--);
    }

    void settle() {
        before = debt();
        owing.settle(ALICE);
    }

    @Override
    public CompletableFuture<StoreReply> tryAcquire(StoreRequest call) {
        return CompletableFuture.completedFuture(model.decide(this, call));
    }

    @Override
    public CompletableFuture<@Nullable Void> owe(StoreRequest owed) {
        long permits = owed.charges().get(0).cost();
        Message message = new Message(Objects.requireNonNull(before), permits);
        sent = message;
        message.answer.whenComplete((done, failure) -> {
            sent = sent == message ? null : sent; // The next may have been sent by then.
            if (!message.isCharged && !DebtModel.isRefusal(failure)) {
                late += permits;
            }
        });
        return message.answer;
    }

    /** The answer to the debt under way; what waited for it goes on. */
    void answered(Message message) {
        before = debt();
        message.answer.complete(null);
    }

    void charged(long permits) {
        notCharged -= permits;
    }

    /** What is wrong; null if nothing is. */
    @Nullable String wrong() {
        if (owed() + late > notCharged) {
            return "%d are owed and %d late of %d".formatted(owed(), late, notCharged);
        }
        return null;
    }

    /** What is wrong once all answers are in; null if nothing is. */
    @Nullable String leftBehind() {
        if (!debts.isEmpty() || debts.size() > 0 || waiting > 0 || owing.settle(ALICE) != null) {
            return "left behind: %s, %d waiting".formatted(debt(), waiting);
        }
        return null;
    }

    private static UnsupportedOperationException unused() {
        return new UnsupportedOperationException("no step of the model");
    }

    @Override
    public CompletableFuture<StoreReply> lease(LeaseCall call) {
        throw unused();
    }

    @Override
    public CompletableFuture<@Nullable Void> giveBack(StoreRequest charged, long atMicros) {
        throw unused();
    }

    @Override
    public CompletableFuture<Overrides> overrides(Subject subject) {
        throw unused();
    }

    @Override
    public CompletableFuture<Boolean> replace(Subject subject, long expected, Overrides next) {
        throw unused();
    }

    @Override
    public void listen(ChangeListener listener) {
        throw unused();
    }

    @Override
    public CompletableFuture<Page> list(Subject.Kind kind, String from, int most) {
        throw unused();
    }

    @Override
    public CompletableFuture<Integer> heartbeat(String instanceId) {
        throw unused();
    }

    @Override
    public CompletableFuture<List<String>> instances() {
        throw unused();
    }

    @Override
    public void close() {
        throw unused();
    }
}
