package dev.weir;

import dev.weir.limit.Exact;
import dev.weir.limit.Limit;
import dev.weir.limit.State;
import dev.weir.limit.TokenBucket;
import dev.weir.store.Charge;
import dev.weir.store.StoreException;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.VirtualScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Instances that share a small limit while its store goes and comes back, in steps: what they owe is kept and charged
 * by the real {@link Debt}, {@link Debts} and {@link OwingStore}. Beside it goes one true meter that sees each
 * admission when it is made, but for calls of which it is not known whether they were charged, and were not.
 *
 * <p>An instance knows what the store has left when the store goes, unless it still owes something: what the knowledge
 * of others costs is another question ({@code docs/decisions/0021-owed.md}).
 */
final class DebtModel {

    static final int INSTANCES = 2;

    /**
     * Where it begins.
     *
     * @param burst of a limit that gives a permit back in a second
     * @param used so many permits are in use at first
     * @param cost of each request
     */
    record Setting(long burst, long used, long cost) {}

    /** What can happen; of an instance, if it is not of the store or of time. */
    enum Kind {
        STORE_LOST(2),
        STORE_BACK(2),
        /** A second; a call that is not answered by then is waited for no more. */
        TIME(4),
        /** A request; decided by the store if it is there. */
        REQUEST(5),
        /** A request that the share decides, since the answer to its call was lost: it was charged. */
        UNCLEAR_CHARGED(1),
        /** Likewise, and it was not charged. */
        UNCLEAR_NOT_CHARGED(1),
        SETTLE(9),
        /** A debt reaches the store, if late or not. */
        DEBT_CHARGED(9),
        DEBT_ANSWERED(9),
        /** Neither instance nor model knows more of it: it may still be charged. */
        DEBT_LOST(1),
        DEBT_REFUSED(1),
        GIVEN_BACK(1);

        /** How often, in one history. */
        final int most;

        Kind(int most) {
            this.most = most;
        }
    }

    record Step(Kind kind, int instance) {}

    /** All that has a say in what can still happen. */
    record Standing(
            boolean isAway,
            long nowMicros,
            @Nullable State store,
            @Nullable State truth,
            long chargedUnseen,
            Map<Side, Integer> sides,
            Map<Kind, Integer> taken) {}

    /** An instance, and the true meter without what that may give back. */
    private record Side(
            DebtModelInstance.Standing instance, @Nullable State truthWithoutLast) {}

    private final VirtualScheduler time = new VirtualScheduler();
    private final Setting setting;
    private final TokenBucket limit;
    private final List<DebtModelInstance> instances = new ArrayList<>();
    private final Map<Kind, Integer> taken = new EnumMap<>(Kind.class);
    private final @Nullable State[] truthWithoutLast = new State[INSTANCES];
    private @Nullable State store;
    private @Nullable State truth;
    private boolean isAway;

    /** Whether the store has decided a request of an instance that owed it something. */
    private boolean hasAskedEarly;

    /**
     * What was charged while another instance owed something, or could not see it. That one believes that the store
     * drains sooner than it does, and that its debt is over sooner: by so much, divided by their number, at most.
     */
    private long chargedUnseen;

    DebtModel(Setting setting) {
        this.setting = setting;
        limit = Limit.tokenBucket(1, Duration.ofSeconds(1), setting.burst());
        if (setting.used() > 0) {
            store = owing(null, setting.used());
            truth = store;
        }
        for (int i = 0; i < INSTANCES; i++) {
            instances.add(new DebtModelInstance(this, limit, INSTANCES, setting.cost(), time));
            truthWithoutLast[i] = truth;
        }
    }

    private long nowMicros() {
        return time.clock().nowMicros();
    }

    private @Nullable State owing(@Nullable State before, long permits) {
        return limit.owing(limit.advance(before, nowMicros()), nowMicros(), permits);
    }

    private long used(@Nullable State state) {
        return state == null ? 0 : state.permitsUsed(nowMicros());
    }

    /** Which instance is which makes no difference. */
    Standing standing() {
        Map<Side, Integer> sides = new HashMap<>();
        for (int i = 0; i < INSTANCES; i++) {
            sides.merge(new Side(instances.get(i).standing(), truthWithoutLast[i]), 1, Integer::sum);
        }
        return new Standing(isAway, nowMicros(), store, truth, chargedUnseen, sides, new EnumMap<>(taken));
    }

    List<Step> steps() {
        List<Step> steps = new ArrayList<>();
        for (Kind kind : Kind.values()) {
            if (taken.getOrDefault(kind, 0) < kind.most) {
                boolean isOfAll = kind.compareTo(Kind.TIME) <= 0;
                IntStream.range(0, isOfAll ? 1 : INSTANCES)
                        .filter(i -> isPossible(kind, instances.get(i)))
                        .forEach(i -> steps.add(new Step(kind, i)));
            }
        }
        return steps;
    }

    private boolean isPossible(Kind kind, DebtModelInstance instance) {
        DebtModelInstance.Message sent = instance.sent;
        return switch (kind) {
            case STORE_LOST -> !isAway;
            case STORE_BACK -> isAway;
            case TIME -> true;
            case REQUEST -> !isAway || instance.hasShare();
            case UNCLEAR_CHARGED, UNCLEAR_NOT_CHARGED -> isAway && instance.owesNothing() && instance.hasShare();
            case SETTLE -> !isAway && sent == null && !instance.owesNothing();
            case DEBT_CHARGED -> !isAway && (sent == null ? instance.late > 0 : !sent.isCharged);
            case DEBT_ANSWERED -> !isAway && sent != null && sent.isCharged;
            case DEBT_LOST -> sent != null;
            case DEBT_REFUSED -> sent != null && !sent.isCharged;
            case GIVEN_BACK -> instance.admittedMicros != null;
        };
    }

    void take(Step step) {
        taken.merge(step.kind(), 1, Integer::sum);
        DebtModelInstance instance = instances.get(step.instance());
        DebtModelInstance.Message sent = instance.sent;
        switch (step.kind()) {
            case STORE_LOST -> lose();
            case STORE_BACK -> isAway = false;
            case TIME -> time.pass(Duration.ofSeconds(1).toNanos());
            case REQUEST -> request(instance, step.instance());
            case UNCLEAR_CHARGED -> {
                instance.admitAlone(false);
                charge(instance, setting.cost());
                admitted(-1);
            }
            case UNCLEAR_NOT_CHARGED -> instance.admitAlone(false);
            case SETTLE -> instance.settle();
            case DEBT_CHARGED -> chargeDebt(instance);
            case DEBT_ANSWERED -> instance.answered(sent);
            case DEBT_LOST -> sent.answer.completeExceptionally(failure());
            case DEBT_REFUSED ->
                sent.answer.completeExceptionally(
                        StoreException.uncharged(StoreException.Kind.ERROR, "refused", new IllegalStateException()));
            case GIVEN_BACK -> {
                instance.giveBack();
                truth = truthWithoutLast[step.instance()];
                Arrays.fill(truthWithoutLast, truth);
            }
        }
    }

    static StoreException failure() {
        return new StoreException(StoreException.Kind.UNREACHABLE, "lost", new IllegalStateException());
    }

    static boolean isRefusal(@Nullable Throwable failure) {
        return failure instanceof StoreException known && known.isUncharged();
    }

    private void lose() {
        isAway = true;
        long left = limit.remaining(limit.advance(store, nowMicros()), nowMicros());
        for (DebtModelInstance instance : instances) {
            if (instance.owesNothing()) {
                instance.follow((left + INSTANCES - 1) / INSTANCES);
            }
        }
    }

    private void request(DebtModelInstance instance, int number) {
        if (isAway) {
            instance.admitAlone(true);
            admitted(number);
        } else {
            instance.request();
        }
    }

    /** @param alone the instance that has admitted it alone, and may give it back; -1 if none */
    private void admitted(int alone) {
        State before = truth;
        truth = owing(truth, setting.cost());
        for (int i = 0; i < INSTANCES; i++) {
            truthWithoutLast[i] = i == alone ? before : owing(truthWithoutLast[i], setting.cost());
        }
    }

    private void chargeDebt(DebtModelInstance instance) {
        DebtModelInstance.Message sent = instance.sent;
        long permits = sent == null ? instance.late : sent.permits;
        if (sent == null) {
            instance.late = 0;
        } else {
            sent.isCharged = true;
        }
        instance.charged(permits);
        charge(instance, permits);
    }

    private void charge(DebtModelInstance by, long permits) {
        store = owing(store, permits);
        boolean isUnseen = isAway || instances.stream().anyMatch(other -> other != by && other.owed() > 0);
        chargedUnseen += isUnseen ? permits : 0;
    }

    /** The store's decision. */
    StoreReply decide(DebtModelInstance by, StoreRequest call) {
        Charge charge = call.charges().get(0);
        hasAskedEarly |= by.owed() > 0;
        State now = limit.advance(store, nowMicros());
        if (charge.cost() > limit.remaining(now, nowMicros())) {
            return new StoreReply.Decided(nowMicros(), List.of(charge.refused(now, nowMicros(), nowMicros())));
        }
        charge(by, charge.cost());
        admitted(-1);
        State charged = limit.advance(store, nowMicros());
        return new StoreReply.Decided(nowMicros(), List.of(charge.permitted(charged, nowMicros(), nowMicros())));
    }

    /** How many permits were admitted that the store does not know, and that are neither owed nor lost: 0 or less. */
    long missing() {
        long onTheirWay = instances.stream()
                .mapToLong(instance -> instance.owed() + instance.late)
                .sum();
        return used(truth) - used(store) - onTheirWay;
    }

    /** What is wrong; null if nothing is. */
    @Nullable String wrong() {
        if (hasAskedEarly) {
            return "asked for fresh permits before what was taken was charged";
        }
        if (missing() > Exact.ceilDiv(chargedUnseen, INSTANCES)) {
            return "the store knows %d less than was admitted, and %d were charged unseen: %s, %s"
                    .formatted(missing(), chargedUnseen, store, truth);
        }
        return instances.stream()
                .map(DebtModelInstance::wrong)
                .filter(wrong -> wrong != null)
                .findFirst()
                .orElse(null);
    }

    /** The store is back, and all answers come; what is wrong then. */
    @Nullable String wrongInTheEnd() {
        isAway = false;
        for (DebtModelInstance instance : instances) {
            answer(instance);
            instance.settle();
            answer(instance);
            String wrong = instance.leftBehind();
            if (wrong != null) {
                return wrong;
            }
        }
        return wrong();
    }

    private void answer(DebtModelInstance instance) {
        for (DebtModelInstance.Message sent = instance.sent; sent != null; sent = instance.sent) {
            if (!sent.isCharged) {
                chargeDebt(instance);
            }
            instance.answered(sent);
        }
    }
}
