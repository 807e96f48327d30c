package dev.weir;

import dev.weir.limit.State;
import dev.weir.store.Charge;
import dev.weir.store.LimiterListener;
import dev.weir.store.MicrosClock;
import dev.weir.store.Overrides;
import dev.weir.store.StoreRequest;
import dev.weir.store.UsageKey;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What this instance owes the store: all that it has admitted without it ({@link Debt}), by {@link Debtor} and by the
 * name under which use is counted. Bounded: what does not fit is lost, and reported.
 *
 * <p>Thread-safe. What a map holds for a debtor is read and written under the map's lock for that debtor, until it is
 * {@linkplain #take taken}.
 */
final class Debts {

    private static final Logger LOG = System.getLogger(Debts.class.getName());

    /** Between two messages: while debts are forgotten and others take their place, there would be one a second. */
    private static final long A_MINUTE_MICROS = Duration.ofMinutes(1).toMillis() * 1_000;

    private final Map<Debtor, Map<String, Debt>> debts = new ConcurrentHashMap<>();
    private final AtomicInteger size = new AtomicInteger();
    private final AtomicLong sayAgainMicros = new AtomicLong(Long.MIN_VALUE);
    private final MicrosClock clock;
    private final int most;
    private final LimiterListener listener;
    private volatile Runnable onDebt = () -> {};
    private volatile boolean isClosed;

    /**
     * @param most the most debtors, times policies, of which debts are kept
     * @param listener is notified of what is lost
     */
    Debts(MicrosClock clock, int most, LimiterListener listener) {
        this.clock = clock;
        this.most = most;
        this.listener = listener;
    }

    /** One debtor's debts, no longer counted here. */
    record Taken(Debtor debtor, Map<String, Debt> byUsage) {

        /** What to charge at the store; null if nothing is left of it. */
        @Nullable StoreRequest request(long nowMicros) {
            List<Charge> charges = byUsage.entrySet().stream()
                    .filter(entry -> entry.getValue().permits(nowMicros) > 0)
                    .map(entry -> debtor.charge(
                            entry.getKey(),
                            entry.getValue().limit(),
                            entry.getValue().permits(nowMicros)))
                    .toList();
            return charges.isEmpty() ? null : new StoreRequest(debtor.subject(), Overrides.NO_VERSION, charges);
        }
    }

    /** Runs a task after each debt: whether it was the first cannot be known while others are taken out. */
    void onDebt(Runnable task) {
        onDebt = task;
    }

    boolean isEmpty() {
        return debts.isEmpty();
    }

    /** How many debtors, times policies, have one. */
    int size() {
        return size.get();
    }

    /** What the store would be charged now. Looks at every debt. */
    long permits() {
        long nowMicros = clock.nowMicros();
        AtomicLong sum = new AtomicLong();
        for (Debtor debtor : debts.keySet()) {
            debts.computeIfPresent(debtor, (same, byUsage) -> {
                sum.addAndGet(permits(byUsage, nowMicros));
                return byUsage;
            });
        }
        return sum.get();
    }

    private static long permits(Map<String, Debt> byUsage, long nowMicros) {
        return byUsage.values().stream()
                .mapToLong(debt -> debt.permits(nowMicros))
                .sum();
    }

    boolean has(Debtor debtor) {
        return debts.containsKey(debtor);
    }

    /**
     * Something was admitted without the store.
     *
     * @param whole the charge on the whole limit
     * @param part the same on this instance's share
     * @param followed what was in use of the share before; null if nothing was
     * @param isOwed false if a call may have charged the same at the store
     */
    void admitted(Debtor debtor, Charge whole, Charge part, @Nullable State followed, boolean isOwed) {
        long nowMicros = clock.nowMicros();
        change(debtor, debtor.usage(whole), part.cost(), before -> {
            Debt debt = before == null
                    ? Debt.from(followed, whole.limit(), part.limit().meter(), nowMicros)
                    : before;
            return isOwed
                    ? debt.plus(whole.limit(), part.limit().meter(), part.cost(), nowMicros)
                    : debt.plusCharged(whole.limit(), part.limit().meter(), part.cost(), nowMicros);
        });
    }

    /** Something that was admitted here is given back, because the request was refused after all. */
    void givenBack(Debtor debtor, Charge charge, long atMicros) {
        long nowMicros = clock.nowMicros();
        debts.computeIfPresent(debtor, (same, byUsage) -> {
            byUsage.computeIfPresent(
                    debtor.usage(charge), (usage, debt) -> debt.minus(charge.cost(), atMicros, nowMicros));
            return byUsage;
        });
    }

    private void change(Debtor debtor, String usage, long cost, UnaryOperator<@Nullable Debt> step) {
        if (isClosed) {
            listener.onDebtLost(UsageKey.policyOf(usage), cost);
            return;
        }
        debts.compute(debtor, (same, kept) -> {
            Map<String, Debt> byUsage = kept == null ? new HashMap<>(2) : kept;
            Debt before = byUsage.get(usage);
            if (before == null && size.incrementAndGet() > most && !(debtor instanceof Debtor.Together)) {
                size.decrementAndGet();
                lost(usage, cost);
                return kept;
            }
            byUsage.put(usage, step.apply(before));
            return byUsage;
        });
        onDebt.run();
    }

    private void lost(String usage, long permits) {
        long nowMicros = clock.nowMicros();
        long due = sayAgainMicros.get();
        if (nowMicros >= due && sayAgainMicros.compareAndSet(due, nowMicros + A_MINUTE_MICROS)) {
            LOG.log(
                    Level.WARNING,
                    "more than {0} clients, times policies, were admitted without the store: what others take is not charged to it",
                    most);
        }
        listener.onDebtLost(UsageKey.policyOf(usage), permits);
    }

    /** Takes a debtor's debts out; null if it has none. */
    @Nullable Taken take(Debtor debtor) {
        Map<String, Debt> byUsage = debts.remove(debtor);
        if (byUsage == null) {
            return null;
        }
        size.addAndGet(-byUsage.size());
        return new Taken(debtor, byUsage);
    }

    /** Reports what was sent, and may have been charged or not: it is not sent again. */
    void mayBeLost(StoreRequest owed) {
        owed.charges().forEach(charge -> listener.onDebtLost(UsageKey.policyOf(charge.policy()), charge.cost()));
    }

    /** Reports what is left, and whatever comes from now on: it is never charged. */
    void close() {
        isClosed = true;
        long sum = permits();
        if (sum > 0) {
            LOG.log(Level.WARNING, "{0} permits that were admitted without the store are never charged to it", sum);
        }
        for (Debtor debtor : debts.keySet()) {
            Taken taken = take(debtor);
            StoreRequest owed = taken == null ? null : taken.request(clock.nowMicros());
            if (owed != null) {
                mayBeLost(owed);
            }
        }
    }

    /** Puts back what was taken and not charged. */
    void putBack(Taken taken) {
        long nowMicros = clock.nowMicros();
        taken.byUsage()
                .forEach((usage, old) -> change(
                        taken.debtor(),
                        usage,
                        old.permits(nowMicros),
                        latest -> latest == null ? old : latest.plus(old, nowMicros)));
    }

    /** The debtors, those that owe most first. Forgets debts of which time has left nothing. */
    List<Debtor> largestFirst() {
        long nowMicros = clock.nowMicros();
        Map<Debtor, Long> sums = new HashMap<>();
        for (Debtor debtor : debts.keySet()) {
            debts.computeIfPresent(debtor, (same, byUsage) -> {
                int before = byUsage.size();
                byUsage.values().removeIf(debt -> debt.permits(nowMicros) == 0);
                size.addAndGet(byUsage.size() - before);
                sums.put(same, permits(byUsage, nowMicros));
                return byUsage.isEmpty() ? null : byUsage;
            });
        }
        return sums.entrySet().stream()
                .filter(entry -> entry.getValue() > 0)
                .sorted(Map.Entry.<Debtor, Long>comparingByValue(Comparator.reverseOrder()))
                .map(Map.Entry::getKey)
                .toList();
    }
}
