package dev.weir;

import dev.weir.ClusterJudge.Key;
import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.Source;
import dev.weir.store.Charge;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.VirtualScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Requests of a simulated cluster that wait for their turn, and what they are promised:
 *
 * <ol>
 *   <li>Each has one outcome, no later than its wait, the store's deadline and a little.
 *   <li>On an instance none passes while one that came before it still waits.
 *   <li>None passes by the store without a charge of its own; and where nothing is lost, none is charged that does not
 *       pass.
 *   <li>No turn is lost: once everything works, the limit is used as long as some wait.
 * </ol>
 */
final class ClusterQueue {

    static final String CLIENT = "carol";
    static final String POLICY = "wait";

    private static final Key KEY = new Key(CLIENT, POLICY);
    private static final int PER_SECOND = 20;
    private static final Limit LIMIT = Limit.tokenBucket(PER_SECOND, Duration.ofSeconds(1), 5);
    private static final int MOST_ON_AN_INSTANCE = 12;
    private static final int LONGEST_MILLIS = 1_000;

    /** The last question and its deadline; and in one thread, a task that asks holds up those that asked before. */
    private static final long MORE_NANOS = TimeUnit.MILLISECONDS.toNanos(400);

    /** Of a store that answers at once. */
    private static final long ANSWERED_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    /** By then its answer has come, or no request waits for it. */
    private static final long FORGOTTEN_NANOS = TimeUnit.SECONDS.toNanos(2);

    private static final long DRIFT_PARTS = ClusterJudge.DRIFT_PARTS;

    /** Not all instances' shares are known here: so half of the runs have none. */
    private final OnStoreFailure onStoreFailure;

    private final ClusterVerdict verdict;
    private final VirtualScheduler time;
    private final Random random;
    private final ClusterJudge judge;
    private final List<Waiting> waiting = new ArrayList<>();

    /** The latest first: it is the one that a request has just passed by. */
    private final List<Charged> charged = new ArrayList<>();

    /** Passed since it is calm. */
    private long permits;

    /** For how long some have waited since it is calm. */
    private long waitedNanos;

    private long checkedNanos;
    private long passed;

    /** What the store has charged, and by which no request is known to have passed yet. */
    private final class Charged {

        private final int instance;
        private final long cost;
        private final long atNanos = time.nanoTime();

        private boolean isExcused;

        Charged(int instance, long cost) {
            this.instance = instance;
            this.cost = cost;
        }

        long ageNanos() {
            return time.nanoTime() - atNanos;
        }
    }

    private final class Waiting {

        private final ClusterInstance instance;
        private final long cost;
        private final long sinceNanos = time.nanoTime();
        private final long mostNanos;
        private boolean isInLine;
        private boolean isHeldUp;

        Waiting(ClusterInstance instance, long cost, long mostNanos) {
            this.instance = instance;
            this.cost = cost;
            this.mostNanos = mostNanos;
        }

        boolean isOverdue() {
            long longest = mostNanos + mostNanos / DRIFT_PARTS + MORE_NANOS;
            return !isHeldUp && time.nanoTime() - sinceNanos > longest;
        }

        @Override
        public String toString() {
            return "instance %d waits for %d since %.3f s, up to %.3f s"
                    .formatted(instance.number, cost, sinceNanos / 1e9, mostNanos / 1e9);
        }
    }

    ClusterQueue(ClusterVerdict verdict, VirtualScheduler time, Random random, ClusterJudge judge) {
        this.verdict = verdict;
        this.time = time;
        this.random = random;
        this.judge = judge;
        this.onStoreFailure = random.nextBoolean() ? OnStoreFailure.LOCAL : OnStoreFailure.REJECT;
    }

    Policy policy() {
        return Policy.of(POLICY, LIMIT).onStoreFailure(onStoreFailure);
    }

    /** Makes a request, unless many wait there. */
    void ask(ClusterInstance instance) {
        if (waiting.stream().filter(one -> one.instance == instance).count() >= MOST_ON_AN_INSTANCE) {
            return;
        }
        long most = TimeUnit.MILLISECONDS.toNanos(1 + random.nextInt(LONGEST_MILLIS));
        Waiting one = new Waiting(instance, 1 + random.nextInt(3), most);
        waiting.add(one);
        Acquisition request = Acquisition.of(CLIENT).cost(one.cost);
        CompletableFuture<Decision> answer =
                instance.weir.limiter(POLICY).acquireAsync(request, Duration.ofNanos(most));
        one.isInLine = !answer.isDone();
        answer.whenComplete((decision, failure) -> answered(one, decision, failure));
    }

    private void answered(Waiting one, Decision decision, Throwable failure) {
        if (failure != null || !waiting.contains(one)) {
            throw verdict.broken(
                    new AssertionError("%s: a second outcome, or none: %s".formatted(one, decision), failure));
        }
        requireInTime(one);
        if (decision.permitted()) {
            waiting.stream()
                    .filter(before -> before.instance == one.instance)
                    .findFirst()
                    .filter(before -> before != one)
                    .ifPresent(before -> {
                        throw verdict.broken("%s has passed, and %s", one, before);
                    });
            permitted(one, decision);
        }
        waiting.remove(one);
    }

    private void permitted(Waiting one, Decision decision) {
        permits += one.cost;
        passed += one.isInLine ? 1 : 0;
        if (decision.source() == Source.LOCAL) {
            judge.admittedUnseen(KEY, LIMIT, one.cost);
        } else if (decision.source() == Source.LEASE || !wasCharged(one)) {
            throw verdict.broken("%s has passed by the store without a charge: %s", one, decision);
        }
    }

    /** Whether there is such a charge that no other request has passed by. */
    private boolean wasCharged(Waiting passing) {
        return charged.stream()
                .filter(one -> one.instance == passing.instance.number && one.cost == passing.cost)
                .findFirst()
                .map(charged::remove)
                .orElse(false);
    }

    /** The store has decided a call of an instance. */
    void decided(int instance, StoreRequest call, StoreReply.Decided reply) {
        Charge charge = call.charges().get(0);
        if (charge.policy().equals(POLICY) && reply.decisions().get(0).permitted()) {
            charged.add(0, new Charged(instance, charge.cost()));
        }
    }

    private void requireInTime(Waiting one) {
        if (one.isOverdue()) {
            throw verdict.broken("%s, and is overdue", one);
        }
    }

    /**
     * Looks at all that wait, and at what was charged.
     *
     * @param isClear whether nothing is lost, and none is stopped
     */
    void check(boolean isClear) {
        waiting.forEach(this::requireInTime);
        if (!isClear) {
            excuse();
        }
        waitedNanos += waiting.isEmpty() ? 0 : time.nanoTime() - checkedNanos;
        checkedNanos = time.nanoTime();
        charged.stream()
                .filter(one -> !one.isExcused && one.ageNanos() > ANSWERED_NANOS)
                .findFirst()
                .ifPresent(one -> {
                    throw verdict.broken(
                            "%d were charged at %.3f s, none has passed by it, and these wait: %s",
                            one.cost, one.atNanos / 1e9, waiting);
                });
        charged.removeIf(one -> one.ageNanos() > FORGOTTEN_NANOS);
    }

    /** Of what was charged until now the answer may be lost, or come too late. */
    void excuse() {
        charged.forEach(one -> one.isExcused = true);
    }

    /** An instance is stopped for a while. */
    void heldUp(ClusterInstance instance) {
        waiting.stream().filter(one -> one.instance == instance).forEach(one -> one.isHeldUp = true);
    }

    /** An instance has died. */
    void died(ClusterInstance instance) {
        waiting.removeIf(one -> one.instance == instance);
        excuse();
    }

    /** Requests that have passed after they had stood in line. */
    long passed() {
        return passed;
    }

    /** From now on everything works. */
    void calm() {
        permits = 0;
        waitedNanos = 0;
    }

    /** It has been calm: as long as some waited, the limit was used. */
    void requireServed() {
        long due = PER_SECOND * waitedNanos / TimeUnit.SECONDS.toNanos(1);
        if (permits < due * 3 / 4) {
            throw verdict.broken("%d permits of %d that were due, and these wait: %s", permits, due, waiting);
        }
    }

    /** All instances are closed. */
    void requireNoneWaits() {
        check(false);
        if (!waiting.isEmpty()) {
            throw verdict.broken("without an outcome: %s", waiting);
        }
    }
}
