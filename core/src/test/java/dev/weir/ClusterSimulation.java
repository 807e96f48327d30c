package dev.weir;

import dev.weir.ClusterChanges.Way;
import dev.weir.ClusterJudge.Key;
import dev.weir.lease.Leasing;
import dev.weir.limit.Algorithm;
import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.Rate;
import dev.weir.limit.Terms;
import dev.weir.memory.MemoryStore;
import dev.weir.store.Charge;
import dev.weir.store.FarStore;
import dev.weir.store.Overrides;
import dev.weir.store.StoreException;
import dev.weir.store.StoreReply;
import dev.weir.store.Subject;
import dev.weir.store.VirtualScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A cluster in one thread, on virtual time: real instances with guard, leases, overrides, debts and requests that wait,
 * and one store in memory behind a network that delays, loses, repeats and is cut; a store that stops, starts again
 * empty or a second behind, or stutters; instances that are stopped and die; clocks that drift. Requests, costs and
 * changes of numbers are random, and so are the faults. {@link ClusterJudge} and {@link ClusterQueue} look at every
 * step. A seed repeats a run to the last event.
 *
 * <p>After J. Zhou et al., "FoundationDB: A Distributed Unbundled Transactional Key Value Store", SIGMOD 2021, section
 * 4.
 */
final class ClusterSimulation implements AutoCloseable {

    static final String SEARCH = "search";
    private static final String REPORT = "report";
    static final List<String> CLIENTS = List.of("alice", "bob");
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final long MILLI = TimeUnit.MILLISECONDS.toNanos(1);
    private static final int PHASES = 6;
    private static final int STUTTERS = 6;
    private static final long HALF_A_SECOND_MILLIS = 500;
    private static final int FAST_MICROS = 3_000;
    private static final int SLOW_MICROS = 8_000;

    private final Algorithm algorithm;
    private final Random random;
    private final VirtualScheduler time = new VirtualScheduler();
    private final Set<String> alive = new HashSet<>();
    private final List<ClusterInstance> instances = new ArrayList<>();
    private final ScheduledExecutorService operator;
    private final Leasing leasing;
    private final int size;
    private final ClusterVerdict verdict = new ClusterVerdict();
    private final ClusterJudge judge;
    private final ClusterQueue queue;
    private final ClusterLeases leases = new ClusterLeases();
    private final StringBuilder history = new StringBuilder();
    private MemoryStore memory = new MemoryStore(time);
    private ClusterSnapshot snapshot;
    private long snapshotNanos;
    private int memories;

    /** Between two requests, now and then. */
    private int longestPauseMillis = 150;

    /** As configured for all. */
    private Limit limit;

    private Limit ofAlice;

    /** At run time, in place of what is configured. */
    private boolean isSetForAlice;

    /** @param algorithm of the limit whose numbers change */
    ClusterSimulation(long seed, Algorithm algorithm) {
        this.algorithm = algorithm;
        random = new Random(seed);
        size = 3 + random.nextInt(2);
        leasing = Leasing.values()[random.nextInt(Leasing.values().length)];
        long permits = List.of(200L, 500L, 1_000L).get(random.nextInt(3));
        limit = limit(permits, permits * (1 + random.nextInt(2)));
        ofAlice = limit;
        operator = time.worker("operator", Integer.MAX_VALUE);
        judge = new ClusterJudge(verdict, time, memory, size);
        queue = new ClusterQueue(verdict, time, random, judge);
        snapshot = new ClusterSnapshot(memory, judge.keys());
        for (int i = 0; i < size; i++) {
            instances.add(start(i));
        }
        advance(1_200); // Each has seen the others.
        note("%d instances, %s, leases %s", size, limit, leasing);
    }

    /** @param burst of a bucket; a window has none */
    private Limit limit(long permits, long burst) {
        return Limit.of(algorithm, new Rate(permits, SECOND, algorithm == Algorithm.TOKEN_BUCKET ? burst : permits));
    }

    private ClusterInstance start(int number) {
        ClusterInstance started =
                new ClusterInstance(number, memory, alive, time, random, leasing, policies(limit), witness(number));
        judge.changes.configured(number, limit);
        started.network.travelMicros = () -> random.nextInt(FAST_MICROS);
        return started;
    }

    private ClusterWitness witness(int number) {
        return new ClusterWitness(
                number, time, () -> instances.get(number).time.clock().nowMicros(), judge, queue, leases);
    }

    private List<Policy> policies(Limit ofSearch) {
        return List.of(Policy.of(SEARCH, ofSearch), Policy.of(REPORT, Limit.tokenBucket(100, SECOND)), queue.policy());
    }

    private void note(String format, Object... arguments) {
        history.append("%9.3f s  ".formatted(time.nanoTime() / 1e9))
                .append(format.formatted(arguments))
                .append('\n');
    }

    /** What has happened until now, a line each. */
    String history() {
        return history.toString();
    }

    long steps() {
        return time.steps;
    }

    /** Of the moments at which something was done: two runs that differ anywhere have different ones. */
    long digest() {
        return time.digest;
    }

    long checks() {
        return judge.checks;
    }

    /** Requests that have passed after they had stood in line. */
    long passedLater() {
        return queue.passed();
    }

    /** Runs it; once. */
    void run() {
        for (int phase = 0; phase < PHASES; phase++) {
            if (phase > 0) {
                changeTheWeather();
            }
            ask(200 + random.nextInt(1_300));
        }
        calmDown();
    }

    /** Runs it with a store that stutters: cut off for half a second and there for half a second, in turn; once. */
    void stutter() {
        longestPauseMillis = 2;
        for (int i = 0; i < STUTTERS; i++) {
            ask(HALF_A_SECOND_MILLIS);
            judge.room.storm(time.clock().nowMicros());
            away(network -> network.isCut = true, "the store is cut off");
            ask(HALF_A_SECOND_MILLIS);
            calm();
        }
        calmDown();
    }

    private void calmDown() {
        calm();
        ask(1_500);
        queue.calm();
        ask(2_000);
        queue.requireServed();
    }

    private void advance(long millis) {
        time.pass(millis * MILLI);
    }

    /** Requests, now many and now few, on some instances more than on others. */
    private void ask(long millis) {
        long endNanos = time.nanoTime() + millis * MILLI;
        int most = List.of(300_000, 1_000_000, 3_000_000).get(random.nextInt(3));
        int hot = random.nextInt(size);
        while (time.nanoTime() < endNanos) {
            boolean isPause = random.nextInt(20) == 0;
            time.pass(isPause ? random.nextInt(longestPauseMillis) * MILLI : random.nextInt(most));
            ClusterInstance instance = instances.get(random.nextInt(3) == 0 ? random.nextInt(size) : hot);
            if (!instance.time.isStopped()) {
                request(instance, isPause);
            }
            if (random.nextInt(8) == 0 && !instance.time.isStopped()) {
                queue.ask(instance);
            }
            queue.check(instances.stream().allMatch(this::isClear));
            settle();
            requireNoneFailed();
            if (time.nanoTime() - snapshotNanos > 1_000 * MILLI) {
                snapshotNanos = time.nanoTime();
                snapshot = new ClusterSnapshot(memory, judge.keys());
            }
        }
    }

    /** No promise is broken, and no task has thrown anything, which its worker would keep to itself. */
    private void requireNoneFailed() {
        verdict.requireNoneBroken();
        Throwable failure = time.failure;
        if (failure != null) {
            throw new AssertionError("a task has failed", failure);
        }
    }

    private void settle() {
        judge.alive(alive.size());
        boolean isSettled = judge.owesUnderWay == 0
                && instances.stream().allMatch(instance -> instance.weir.storeUp() && instance.weir.debts() == 0);
        if (isSettled && !judge.isAway()) {
            judge.settled();
        }
    }

    /** @param isLarge whether it is likely to ask for more than is leased */
    private void request(ClusterInstance instance, boolean isLarge) {
        String client = CLIENTS.get(random.nextInt(4) == 0 ? 1 : 0);
        long cost = random.nextInt(isLarge ? 2 : 8) == 0 ? 1 + random.nextInt((int) limit.capacity() / 8) : 1;
        PolicyCost search = new PolicyCost(SEARCH, cost);
        List<PolicyCost> costs = random.nextInt(10) == 0 ? List.of(search, new PolicyCost(REPORT, 1)) : List.of(search);
        if (costs.size() == 1 && instance.spend(client, search)) {
            Limit leasedOn = leases.limitOf(instance.number, client);
            judge.admitted(new Key(client, SEARCH), leasedOn, cost);
            judge.room.spent(instance.number, new Key(client, SEARCH), cost);
            judge.changes.decidedBy(
                    instance.number, client, leasedOn, Way.MEMORY, time.clock().nowMicros());
            if (client.equals(CLIENTS.get(1))) {
                judge.changes.decidedAsConfigured(
                        instance.number, leasedOn, judge.changes.configuredOn(instance.number));
            }
            return;
        }
        long askedNanos = time.nanoTime();
        judge.asked(instance.number, new Key(client, SEARCH), client.equals(CLIENTS.get(0)) ? ofAlice : limit);
        Limit configured = judge.changes.configuredOn(instance.number);
        Taken taken = instance.take(client, costs);
        judge(instance, client, taken, askedNanos, configured);
    }

    private void judge(ClusterInstance instance, String client, Taken taken, long askedNanos, Limit configured) {
        Outcome outcome = taken.outcome();
        StoreReply.Decided answer = (StoreReply.Decided) outcome.answer();
        boolean isPermitted = taken.decisions().stream().allMatch(Decision::permitted);
        for (int i = 0; i < taken.claims().size(); i++) {
            Charge charge = taken.claims().get(i).charge();
            Key key = new Key(client, charge.policy());
            boolean isOfStore = outcome.byStore() && answer.atMicros() != StoreReply.Decided.NOT_GIVEN_BACK;
            if (isOfStore) {
                judge.seen(instance.number, key, taken.decisions().get(i));
            }
            if (charge.policy().equals(SEARCH)) {
                Way way = isOfStore ? Way.STORE : outcome.byStore() ? Way.MEMORY : Way.ALONE;
                judge.changes.decidedBy(
                        instance.number,
                        client,
                        charge.limit(),
                        way,
                        time.clock().nowMicros());
                if (client.equals(CLIENTS.get(1))) {
                    judge.changes.decidedAsConfigured(instance.number, charge.limit(), configured);
                }
            }
            if (isPermitted && !outcome.byStore()) {
                judge.admittedAlone(
                        instance.number,
                        key,
                        charge,
                        outcome.isOwed(),
                        alive.size(),
                        instance.time.clock().nowMicros());
            } else if (isPermitted && !isOfStore && !leases.hasCharged(instance.number, client, charge, askedNanos)) {
                judge.admitted(key, charge.limit(), charge.cost());
                judge.room.spent(instance.number, key, charge.cost());
            } else if (isOfStore && taken.claims().size() == 1 && !isPermitted) {
                judge.refused(instance.number, key, charge.limit(), charge.cost());
            }
        }
    }

    /** One thing happens. */
    private void changeTheWeather() {
        judge.room.storm(time.clock().nowMicros());
        ClusterInstance one = instances.get(random.nextInt(size));
        switch (random.nextInt(16)) {
            case 0, 1 -> away(network -> network.isCut = true, "the store is cut off");
            case 2 -> away(FarStore::stop, "the store is stopped");
            case 3 -> {
                note("instance %d is cut off", one.number);
                one.network.isCut = true;
            }
            case 4 -> {
                note("the store starts again, empty");
                replace(new ClusterSnapshot(memory, List.of()), true);
                if (random.nextBoolean()) {
                    advance(random.nextInt(600));
                    away(network -> network.isCut = true, "and is cut off");
                }
            }
            case 5 -> {
                note("another store takes over, which is up to a second behind");
                replace(snapshot, false);
            }
            case 6 -> {
                note("instance %d is stopped", one.number);
                one.time.stop(random.nextInt(1_500) * MILLI);
                queue.heldUp(one);
                queue.excuse();
                if (leasing == Leasing.FAST) {
                    judge.mayOverspend(limit);
                }
            }
            case 7 -> restart(one);
            case 8 -> {
                note("messages are lost, and made twice");
                instances.forEach(instance -> {
                    instance.network.oneLostIn = 50;
                    instance.network.oneTwiceIn = 20;
                });
            }
            case 9 -> {
                note("messages are slow");
                instances.forEach(instance -> instance.network.travelMicros = () -> random.nextInt(SLOW_MICROS));
            }
            case 10, 11 -> change(one);
            case 12, 13, 14 -> configure();
            default -> calm();
        }
    }

    private void away(Consumer<FarStore> how, String what) {
        note(what);
        judge.away();
        instances.forEach(instance -> how.accept(instance.network));
    }

    /** Everything works again. */
    private void calm() {
        note("calm");
        judge.back();
        judge.room.storm(time.clock().nowMicros());
        for (ClusterInstance instance : instances) {
            instance.network.isCut = false;
            instance.network.goOn();
            instance.network.oneLostIn = 0;
            instance.network.oneTwiceIn = 0;
            instance.network.travelMicros = () -> random.nextInt(FAST_MICROS);
        }
        queue.excuse(); // A store that goes on works on calls whose answers come too late.
    }

    private boolean isReachable(ClusterInstance instance) {
        return !judge.isAway() && !instance.network.isCut && instance.network.oneLostIn == 0;
    }

    /** Whether nothing is lost on its way, and it runs. */
    private boolean isClear(ClusterInstance instance) {
        return isReachable(instance) && !instance.time.isStopped();
    }

    private void restart(ClusterInstance instance) {
        if (!isReachable(instance)) {
            return;
        }
        note("instance %d dies, and another takes its place", instance.number);
        instance.time.die();
        instance.network.isCut = true;
        judge.died(instance.number);
        queue.died(instance);
        leases.forget(instance.number);
        instances.set(instance.number, start(instance.number));
    }

    /** Of the first client alone; what is set is not kept by a store that starts again. */
    private void change(ClusterInstance instance) {
        if (!isReachable(instance)) {
            return;
        }
        String client = CLIENTS.get(0);
        long permits = limit.permits() * (1 + random.nextInt(4)) / 2;
        Limit next = limit(permits, permits);
        note("instance %d sets %s for %s", instance.number, next, client);
        hammer(instance);
        judge.changes.mayHaveChanged(client);
        try {
            instance.weir.limits().setTerms(SEARCH, client, before -> Terms.rate(Rate.of(permits, SECOND)));
            judge.changed(instance.number, client, next, ofAlice);
            ofAlice = next;
            isSetForAlice = true;
        } catch (StoreException e) {
            note("nobody knows whether it is set");
        }
        hammer(instance);
    }

    /** For all clients, on one instance after another: each looks at its file when it is time to. */
    private void configure() {
        Limit before = limit;
        long permits = before.permits() * (1 + random.nextInt(4)) / 2;
        Limit next = limit(permits, permits * (1 + random.nextInt(2)));
        note("the configuration has %s", next);
        limit = next;
        judge.goesOver(CLIENTS.get(1), next, before);
        if (!isSetForAlice) {
            judge.goesOver(CLIENTS.get(0), next, before);
            ofAlice = next;
        }
        for (ClusterInstance instance : instances) {
            operator.schedule(
                    () -> instance.time.run(() -> {
                        instance.weir.reconfigure(policies(limit));
                        judge.changes.configured(instance.number, limit);
                    }),
                    random.nextInt(1_000),
                    TimeUnit.MILLISECONDS);
        }
    }

    /** So that permits are leased when something happens, and asked for after it. */
    private void hammer(ClusterInstance instance) {
        for (int i = 0; i < 40 && !instance.time.isStopped(); i++) {
            request(instance, false);
            time.pass(random.nextInt((int) MILLI / 4));
        }
    }

    private void replace(ClusterSnapshot known, boolean isCountLost) {
        MemoryStore other = new MemoryStore(time);
        memories++;
        for (int i = 0; i < memories * 100; i++) { // No two memories give the same version to different settings.
            other.replace(Subject.client("version-" + i), Overrides.NO_VERSION, Overrides.NONE.withPlan("none"));
        }
        known.restoreTo(other);
        judge.replaced(other, isCountLost);
        memory.close();
        memory = other;
        Rate set = known.overrides(CLIENTS.get(0)).of(SEARCH).rate();
        Limit before = ofAlice;
        isSetForAlice = set != null;
        ofAlice = set == null ? limit : Limit.of(algorithm, set);
        judge.goesBack(CLIENTS.get(0), ofAlice, before);
        judge.goesBack(CLIENTS.get(1), limit, limit);
        if (isCountLost) {
            alive.clear();
        }
        instances.forEach(instance -> instance.network.moveTo(other));
    }

    @Override
    public void close() {
        calm();
        instances.forEach(instance -> instance.weir.close());
        queue.requireNoneWaits();
        memory.close();
        requireNoneFailed();
    }
}
