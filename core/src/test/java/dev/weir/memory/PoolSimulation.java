package dev.weir.memory;

import dev.weir.fair.FairTuning;
import dev.weir.lease.LeasingInstance;
import dev.weir.limit.Decision;
import dev.weir.limit.Pool;
import dev.weir.limit.Rate;
import dev.weir.limit.Reason;
import dev.weir.limit.TokenBucket;
import dev.weir.store.Charge;
import dev.weir.store.LeaseCall;
import dev.weir.store.Share;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Clients of a pool in virtual time: an event for each request, in the order of time. No thread sleeps. The pool is the
 * real one.
 *
 * <p>Each admission is checked: no more may be admitted over any interval than burst and rate allow.
 */
public final class PoolSimulation {

    /** What is counted is counted in slices of that many microseconds. */
    public static final long SLICE = 100_000;

    private static final long SECOND = 1_000_000;
    private static final long SWEEP = 20_000;
    private static final long START = 1_700_000_000_000_000L;

    /** The tail of how long a heavy-tailed client asks: the mean is finite, the variance is not. */
    private static final double PARETO = 1.5;

    /** The reply that a client receives. */
    public record Reply(Reason reason, long retryAfterMicros) {

        public static Reply of(Decision decision) {
            return new Reply(
                    decision.reason(),
                    decision instanceof Decision.Rejected rejected ? rejected.retryAfterMicros() : 0);
        }

        boolean permitted() {
            return reason == Reason.OK;
        }
    }

    /** An instance of an application, which the client's requests come to. */
    public interface Instance {

        /** Decides a request. */
        Reply ask(String client, long weight, long cost, long nowMicros);

        /** Does what is to be done from time to time. */
        default void sweep(long nowMicros) {}
    }

    /** A client: how it asks, and what became of it. */
    public static final class Client {

        private final String id;
        private final double perSecond;
        private final boolean isPatient;
        private final TreeMap<Long, Long> asked = new TreeMap<>();
        private final TreeMap<Long, Long> refused = new TreeMap<>();
        private final TreeMap<Long, Long> admitted = new TreeMap<>();
        private final TreeMap<Long, Long> weights = new TreeMap<>();
        /** From when to when it asks, as far as that is drawn yet. */
        private final TreeMap<Long, Long> phases = new TreeMap<>();

        private @Nullable LongSupplier on;
        private @Nullable LongSupplier off;
        private long cost = 1;
        private long fromMicros;
        private long untilMicros = Long.MAX_VALUE;
        private long countsFromMicros;
        private long lastMicros;
        private long longestGapMicros;

        private Client(String id, long weight, double perSecond, boolean isPatient) {
            this.id = id;
            this.perSecond = perSecond;
            this.isPatient = isPatient;
            weights.put(0L, weight);
        }

        /** Asks again at once; when refused, after the wait that the reply states, and up to a tenth later. */
        public static Client greedy(String id, long weight) {
            return new Client(id, weight, 0, true);
        }

        /** Asks again every millisecond, whatever the reply is. */
        public static Client hammer(String id, long weight) {
            return new Client(id, weight, 0, false);
        }

        /** Asks at random moments, whatever the reply is. */
        public static Client poisson(String id, long weight, double perSecond) {
            return new Client(id, weight, perSecond, true);
        }

        /** The permits of each request; 1 if not given. */
        public Client cost(long cost) {
            this.cost = cost;
            return this;
        }

        /** Another weight from then on. */
        public Client weightFrom(double seconds, long weight) {
            weights.put(micros(seconds), weight);
            return this;
        }

        /** Joins then. */
        public Client from(double seconds) {
            fromMicros = micros(seconds);
            lastMicros = fromMicros;
            return this;
        }

        /** Leaves then. */
        public Client until(double seconds) {
            untilMicros = micros(seconds);
            return this;
        }

        /** Only in the first part of each period of on and off. */
        public Client onOff(double onSeconds, double offSeconds) {
            on = () -> micros(onSeconds);
            off = () -> micros(offSeconds);
            return this;
        }

        /** As {@link #onOff}, but for times by Pareto's law, most short and some very long; whole slices. */
        public Client heavyTailed(double meanOnSeconds, double meanOffSeconds, Random random) {
            on = () -> pareto(meanOnSeconds, random);
            off = () -> pareto(meanOffSeconds, random);
            return this;
        }

        private static long pareto(double meanSeconds, Random random) {
            double least = meanSeconds * (PARETO - 1) / PARETO;
            double seconds = least / Math.pow(1 - random.nextDouble(), 1 / PARETO);
            return SLICE * Math.max(1, Math.round(seconds * SECOND / SLICE));
        }

        /** Refusals count from then on. */
        public Client countsFrom(double seconds) {
            countsFromMicros = micros(seconds);
            return this;
        }

        /** Whether it asks again and again for more than there is. */
        public boolean isSaturated() {
            return perSecond == 0;
        }

        /** Permits per second in an interval, in whole slices. */
        public double rate(double fromSeconds, double toSeconds) {
            return sum(admitted, fromSeconds, toSeconds) / (toSeconds - fromSeconds);
        }

        /** Permits per second that it asked for in an interval, in whole slices. */
        public double askedRate(double fromSeconds, double toSeconds) {
            return requestRate(fromSeconds, toSeconds) * cost;
        }

        /** Requests per second that it was refused in an interval, in whole slices. */
        public double refusedRate(double fromSeconds, double toSeconds) {
            return sum(refused, fromSeconds, toSeconds) / (toSeconds - fromSeconds);
        }

        /** Requests per second that it made in an interval, in whole slices. */
        public double requestRate(double fromSeconds, double toSeconds) {
            return sum(asked, fromSeconds, toSeconds) / (toSeconds - fromSeconds);
        }

        private static double sum(TreeMap<Long, Long> slices, double fromSeconds, double toSeconds) {
            long from = micros(fromSeconds) / SLICE;
            long to = micros(toSeconds) / SLICE;
            return slices.subMap(from, to).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
        }

        /** The requests that count. */
        public long asked() {
            return sum(asked);
        }

        /** The refused ones that count. */
        public long refused() {
            return sum(refused);
        }

        private long sum(TreeMap<Long, Long> slices) {
            return slices.tailMap(countsFromMicros / SLICE).values().stream()
                    .mapToLong(Long::longValue)
                    .sum();
        }

        public double longestGapSeconds() {
            return longestGapMicros / (double) SECOND;
        }

        /** Its weight then. */
        public long weight(double seconds) {
            return weights.floorEntry(micros(seconds)).getValue();
        }

        /** Whether it asks then. */
        public boolean isThere(double seconds) {
            long now = micros(seconds);
            return now >= fromMicros && now < untilMicros && !isOff(now);
        }

        private boolean isOff(long now) {
            if (on == null) {
                return false;
            }
            drawUntil(now);
            return phases.floorEntry(now).getValue() <= now;
        }

        /** When the first phase after {@code now} begins. */
        private long onAgain(long now) {
            drawUntil(now);
            return phases.higherKey(now);
        }

        /** Draws phases until one begins after {@code now}. */
        private void drawUntil(long now) {
            while (on != null && off != null && (phases.isEmpty() || phases.lastKey() <= now)) {
                long begin = phases.isEmpty() ? fromMicros : phases.lastEntry().getValue() + off.getAsLong();
                phases.put(begin, begin + on.getAsLong());
            }
        }

        private void receives(Reply answer, long now) {
            asked.merge(now / SLICE, 1L, Long::sum);
            if (answer.permitted()) {
                admitted.merge(now / SLICE, cost, Long::sum);
                gapEnds(now);
            } else {
                refused.merge(now / SLICE, 1L, Long::sum);
            }
        }

        private void gapEnds(long now) {
            longestGapMicros = Math.max(longestGapMicros, now - lastMicros);
            lastMicros = now;
        }
    }

    private record Event(long atMicros, long number, Client client) implements Comparable<Event> {

        @Override
        public int compareTo(Event other) {
            return atMicros == other.atMicros
                    ? Long.compare(number, other.number)
                    : Long.compare(atMicros, other.atMicros);
        }
    }

    private final Pool shared;
    private final TokenBucket limit;
    private final MemoryPool pool;
    private final Random random;
    private final List<Client> clients = new ArrayList<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private List<Instance> instances = List.of(this::decide);
    private long number;
    private long calls;
    private long sweptMicros;
    private long missing;
    private long mostMissing;
    private long missingAt = START;
    private long total;
    private int largestSize;

    /** A pool of so many permits a second, and a seed for all that is random. */
    public PoolSimulation(long perSecond, long burst, long seed) {
        this(FairTuning.DEFAULT, perSecond, burst, seed);
    }

    public PoolSimulation(FairTuning tuning, long perSecond, long burst, long seed) {
        shared = new Pool("pool", new Rate(perSecond, Duration.ofSeconds(1), burst));
        limit = shared.limit();
        pool = new MemoryPool(tuning);
        random = new Random(seed);
    }

    /** All that is random in it. */
    public Random random() {
        return random;
    }

    /** Which instances requests come to, each to any of them; one that asks the pool each time if not given. */
    public PoolSimulation over(List<? extends Instance> instances) {
        this.instances = List.copyOf(instances);
        return this;
    }

    /** Over so many instances that lease from the pool. */
    public PoolSimulation leasing(int number) {
        return over(
                Stream.generate(() -> new LeasingInstance(this)).limit(number).toList());
    }

    /** Adds a client. */
    public Client add(Client client) {
        clients.add(client);
        return client;
    }

    /** Lets everything happen until then. */
    public PoolSimulation run(double seconds) {
        clients.forEach(client -> next(client.fromMicros + random.nextInt(1_000), client));
        long end = micros(seconds);
        while (!events.isEmpty() && events.peek().atMicros < end) {
            Event event = events.poll();
            sweep(event.atMicros);
            step(event.client, event.atMicros);
        }
        clients.forEach(client -> client.gapEnds(Math.min(end, client.untilMicros)));
        return this;
    }

    private void sweep(long now) {
        while (sweptMicros + SWEEP <= now) {
            sweptMicros += SWEEP;
            instances.forEach(instance -> instance.sweep(START + sweptMicros));
        }
    }

    private void step(Client client, long now) {
        if (now >= client.untilMicros) {
            return;
        }
        if (client.isOff(now)) {
            next(client.onAgain(now), client);
            return;
        }
        Reply answer = ask(client.id, client.weights.floorEntry(now).getValue(), client.cost, now);
        client.receives(answer, now);
        next(now + pause(client, answer), client);
    }

    public Reply ask(String id, long weight, long cost, long now) {
        Instance instance = instances.get(instances.size() == 1 ? 0 : random.nextInt(instances.size()));
        Reply answer = instance.ask(id, weight, cost, START + now);
        if (answer.permitted()) {
            meter(cost, START + now);
        }
        largestSize = Math.max(largestSize, pool.size());
        return answer;
    }

    /** What the pool says to an instance that asks it. */
    public Reply decide(String id, long weight, long cost, long nowMicros) {
        return Reply.of(decide(charge(weight, cost), id, nowMicros));
    }

    /** A charge on a share of the pool. */
    public Charge charge(long weight, long cost) {
        return new Share(shared, weight).charge("policy", null, cost);
    }

    /** What the pool says to an instance that asks it to decide. */
    public Decision decide(Charge charge, String id, long nowMicros) {
        calls++;
        Share share = Objects.requireNonNull(charge.share());
        return pool.decide(StoreRequest.of(id, List.of(charge)), share, limit, () -> nowMicros)
                .decisions()
                .get(0);
    }

    /** What the pool says to an instance that asks for a lease. */
    public StoreReply.Leased lease(LeaseCall call, long nowMicros) {
        calls++;
        return pool.lease(call, Objects.requireNonNull(call.share()), () -> nowMicros);
    }

    /** The most that is admitted at once. */
    public long burst() {
        return limit.capacity();
    }

    /** How often instances asked the pool. */
    public long calls() {
        return calls;
    }

    /**
     * A bucket of its own that begins full and never overflows: never below empty is the promise over every interval.
     */
    private void meter(long cost, long now) {
        long period = SECOND;
        missing = Math.max(0, missing - (now - missingAt) * limit.permits()) + cost * period;
        mostMissing = Math.max(mostMissing, missing);
        missingAt = now;
        total += cost;
        if (missing > limit.capacity() * period) {
            throw new AssertionError("more was admitted than burst and rate allow, at " + (now - START));
        }
    }

    private long pause(Client client, Reply answer) {
        if (client.perSecond > 0) {
            return 1 + (long) (-Math.log(1 - random.nextDouble()) / client.perSecond * SECOND);
        }
        if (answer.permitted()) {
            return 1 + random.nextInt(100);
        }
        return client.isPatient
                ? 1 + (long) (answer.retryAfterMicros() * (1 + 0.1 * random.nextDouble()))
                : 1_000 + random.nextInt(100);
    }

    private void next(long atMicros, Client client) {
        events.add(new Event(atMicros, number++, client));
    }

    /** Permits that were admitted. */
    public long total() {
        return total;
    }

    /** The most that any interval had beyond rate times its length, as a part of the burst. */
    public double mostOfBurst() {
        return (double) mostMissing / SECOND / limit.capacity();
    }

    public int size() {
        return pool.size();
    }

    int largestSize() {
        return largestSize;
    }

    private static long micros(double seconds) {
        return Math.round(seconds * SECOND);
    }
}
