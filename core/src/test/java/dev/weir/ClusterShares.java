package dev.weir;

import dev.weir.ClusterJudge.Key;
import dev.weir.limit.Decision;
import dev.weir.limit.Exact;
import dev.weir.limit.Limit;
import dev.weir.limit.Meter;
import dev.weir.limit.State;
import dev.weir.store.Charge;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * What each instance of a simulated cluster may admit without the store: no more than its share of the limit, divided
 * by all instances, from the store's last answer on.
 */
final class ClusterShares {

    /** A lost count of instances is believed after four heartbeats, so not for this long. */
    private static final long COUNT_BELIEVED_MICROS = 1_900_000;

    /** An instance that was away has sent a heartbeat by then. */
    private static final long HEARTBEATS_MICROS = 2_000_000;

    /** An instance has admitted something without the store since that was lost. */
    private record Alone(int instance, Key key) {}

    /** What an instance was last answered to be in use of a limit; it goes on draining in its mind, by its clock. */
    private record Seen(Limit limit, long used, long atMicros) {

        static final Seen NOTHING = new Seen(Limit.tokenBucket(1, Duration.ofSeconds(1)), 0, 0);

        long used(long nowMicros) {
            long elapsedMicros = nowMicros - atMicros;
            long fastestMicros = elapsedMicros + elapsedMicros / ClusterJudge.DRIFT_PARTS;
            long drained = fastestMicros
                    * limit.permits()
                    / TimeUnit.NANOSECONDS.toMicros(limit.period().toNanos());
            return Math.max(0, used - drained);
        }
    }

    private final ClusterVerdict verdict;
    private final int instances;
    private final Map<Key, Map<Integer, State>> shares = new HashMap<>();
    private final Map<Key, Map<Integer, Seen>> usedAsSeen = new HashMap<>();
    private final Set<Alone> alone = new HashSet<>();
    private int fewest;
    private long fewestAtMicros;
    private long countLostAtMicros = Long.MIN_VALUE / 2;

    /** @param instances so many there are */
    ClusterShares(ClusterVerdict verdict, int instances) {
        this.verdict = verdict;
        this.instances = instances;
        this.fewest = instances;
    }

    /** An answer of the store has reached an instance: its share is of what is left from here on. */
    void seen(int instance, Key key, Decision decision, long nowMicros) {
        shares.computeIfAbsent(key, any -> new HashMap<>()).remove(instance);
        alone.remove(new Alone(instance, key));
        long used = decision.limit().capacity() - decision.remaining();
        usedAsSeen
                .computeIfAbsent(key, any -> new HashMap<>())
                .put(instance, new Seen(decision.limit(), used, nowMicros));
    }

    /**
     * Admitted by an instance without the store.
     *
     * @param hereMicros on the instance's clock, by which its share refills
     * @return the share
     */
    Meter admitted(int instance, Key key, Charge charge, long hereMicros) {
        Meter share = charge.limit().meter().share(fewest);
        Map<Integer, State> byInstance = shares.computeIfAbsent(key, any -> new HashMap<>());
        State advanced = share.advance(byInstance.get(instance), hereMicros);
        if (charge.cost() > share.remaining(advanced, hereMicros)) {
            throw verdict.broken(
                    "instance %d admitted %d of %s alone, and has %d left of its share %s",
                    instance, charge.cost(), key, share.remaining(advanced, hereMicros), share);
        }
        byInstance.put(instance, share.charge(advanced, hereMicros, charge.cost()));
        return share;
    }

    /** Whether an instance admits something without the store for the first time since that was lost. */
    boolean isFirst(int instance, Key key) {
        return alone.add(new Alone(instance, key));
    }

    /** What an instance does not know of the use of others when it is left alone, divided as it divides it. */
    long stale(int instance, Key key, long usedAtStore, long nowMicros) {
        Seen seen = usedAsSeen.getOrDefault(key, Map.of()).getOrDefault(instance, Seen.NOTHING);
        return Math.max(0, Exact.ceilDiv(usedAtStore - seen.used(nowMicros), instances));
    }

    /**
     * So many instances are known to the store; a higher number is believed with a heartbeat. What a store counts that
     * has just forgotten who lives is believed by none; what it counted before that may be.
     */
    void alive(int number, long nowMicros) {
        if (nowMicros - countLostAtMicros < COUNT_BELIEVED_MICROS) {
            return;
        }
        int alive = number == 0 ? instances : Math.min(instances, number);
        if (alive <= fewest || nowMicros - fewestAtMicros > HEARTBEATS_MICROS) {
            fewest = alive;
            fewestAtMicros = nowMicros;
        }
    }

    /** The store has forgotten who lives. */
    void countIsLost(long nowMicros) {
        countLostAtMicros = nowMicros;
    }

    /** The store is there again for all: by when it is lost the next time, others may have used it. */
    void back() {
        alone.clear();
    }

    void died(int instance) {
        shares.values().forEach(byInstance -> byInstance.remove(instance));
        usedAsSeen.values().forEach(byInstance -> byInstance.remove(instance));
        alone.removeIf(one -> one.instance() == instance);
    }
}
