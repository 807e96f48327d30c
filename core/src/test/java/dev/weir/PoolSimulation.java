package dev.weir;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Random;
import java.util.TreeMap;

/** Clients of a pool in virtual time: an event for each request, in the order of time. Nobody sleeps. */
final class PoolSimulation {

    private static final long SECOND = 1_000_000;
    private static final long BUCKET = SECOND / 10;
    private static final long START = 1_700_000_000_000_000L;

    /** A client: how it asks, and what became of it. */
    static final class Client {

        private final String id;
        private final double perSecond;
        private final boolean isPatient;
        private final TreeMap<Long, Long> admitted = new TreeMap<>();
        private long weight;
        private long cost = 1;
        private long fromMicros;
        private long untilMicros = Long.MAX_VALUE;
        private long onMicros;
        private long offMicros;
        private long countsFromMicros;
        private long lastMicros;
        private long longestGapMicros;
        private long asked;
        private long refused;

        private Client(String id, long weight, double perSecond, boolean isPatient) {
            this.id = id;
            this.weight = weight;
            this.perSecond = perSecond;
            this.isPatient = isPatient;
        }

        /** Asks again at once; when refused, as late as it is told and up to a tenth later. */
        static Client greedy(String id, long weight) {
            return new Client(id, weight, 0, true);
        }

        /** Asks again every millisecond, whatever it is told. */
        static Client hammer(String id, long weight) {
            return new Client(id, weight, 0, false);
        }

        /** Asks at random moments, whatever it is told. */
        static Client poisson(String id, long weight, double perSecond) {
            return new Client(id, weight, perSecond, true);
        }

        Client cost(long cost) {
            this.cost = cost;
            return this;
        }

        Client weight(long weight) {
            this.weight = weight;
            return this;
        }

        Client from(double seconds) {
            fromMicros = micros(seconds);
            lastMicros = fromMicros;
            return this;
        }

        Client until(double seconds) {
            untilMicros = micros(seconds);
            return this;
        }

        /** Only in the first part of each period of on and off. */
        Client onOff(double onSeconds, double offSeconds) {
            onMicros = micros(onSeconds);
            offMicros = micros(offSeconds);
            return this;
        }

        /** Refusals count from then on. */
        Client countsFrom(double seconds) {
            countsFromMicros = micros(seconds);
            return this;
        }

        /** Permits per second in an interval, to a tenth of a second. */
        double rate(double fromSeconds, double toSeconds) {
            return admitted.subMap(Math.round(fromSeconds * 10), Math.round(toSeconds * 10)).values().stream()
                            .mapToLong(Long::longValue)
                            .sum()
                    / (toSeconds - fromSeconds);
        }

        long asked() {
            return asked;
        }

        long refused() {
            return refused;
        }

        double longestGapSeconds() {
            return longestGapMicros / (double) SECOND;
        }

        private boolean isOff(long now) {
            return onMicros > 0 && (now - fromMicros) % (onMicros + offMicros) >= onMicros;
        }

        private long onAgain(long now) {
            return now - (now - fromMicros) % (onMicros + offMicros) + onMicros + offMicros;
        }

        private void hears(FairJudgement answer, long now) {
            long counts = now >= countsFromMicros ? 1 : 0;
            asked += counts;
            if (answer.permits()) {
                admitted.merge(now / BUCKET, cost, Long::sum);
                gapEnds(now);
            } else {
                refused += counts;
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

    private final TokenBucket limit;
    private final FairPool pool;
    private final Random random;
    private final List<Client> clients = new ArrayList<>();
    private final TreeMap<Long, Runnable> changes = new TreeMap<>();
    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private long number;
    private long missing;
    private long missingAt = START;
    private long total;
    private int largestSize;

    /** A pool of so many permits a second, and a seed for all that is random. */
    PoolSimulation(FairTuning tuning, long perSecond, long burst, long seed) {
        limit = new Pool("pool", new Rate(perSecond, Duration.ofSeconds(1), burst)).limit();
        pool = new FairPool(tuning);
        random = new Random(seed);
    }

    Client add(Client client) {
        clients.add(client);
        return client;
    }

    void at(double seconds, Runnable change) {
        changes.put(micros(seconds), change);
    }

    PoolSimulation run(double seconds) {
        clients.forEach(client -> next(client.fromMicros + random.nextInt(1_000), client));
        long end = micros(seconds);
        while (!events.isEmpty() && events.peek().atMicros < end) {
            Event event = events.poll();
            while (!changes.isEmpty() && changes.firstKey() <= event.atMicros) {
                changes.pollFirstEntry().getValue().run();
            }
            step(event.client, event.atMicros);
        }
        clients.forEach(client -> client.gapEnds(Math.min(end, client.untilMicros)));
        return this;
    }

    private void step(Client client, long now) {
        if (now >= client.untilMicros) {
            return;
        }
        if (client.isOff(now)) {
            next(client.onAgain(now), client);
            return;
        }
        FairJudgement answer = ask(client.id, client.weight, client.cost, now);
        client.hears(answer, now);
        next(now + pause(client, answer), client);
    }

    FairJudgement ask(String id, long weight, long cost, long now) {
        FairJudgement judged = pool.judge(limit, id, weight, cost, START + now);
        if (judged.permits()) {
            pool.charge(judged);
            meter(cost, START + now);
        } else {
            pool.refuse(judged);
        }
        largestSize = Math.max(largestSize, pool.size());
        return judged;
    }

    /** A bucket of its own that begins full and never overflows: never below empty is the promise over every interval. */
    private void meter(long cost, long now) {
        long period = SECOND;
        missing = Math.max(0, missing - (now - missingAt) * limit.permits()) + cost * period;
        missingAt = now;
        total += cost;
        if (missing > limit.capacity() * period) {
            throw new AssertionError("more was admitted than burst and rate allow, at " + (now - START));
        }
    }

    private long pause(Client client, FairJudgement answer) {
        if (client.perSecond > 0) {
            return 1 + (long) (-Math.log(1 - random.nextDouble()) / client.perSecond * SECOND);
        }
        if (answer.permits()) {
            return 1 + random.nextInt(100);
        }
        return client.isPatient
                ? 1 + (long) (answer.retryAfterMicros() * (1 + 0.1 * random.nextDouble()))
                : 1_000 + random.nextInt(100);
    }

    private void next(long atMicros, Client client) {
        events.add(new Event(atMicros, number++, client));
    }

    long total() {
        return total;
    }

    int size() {
        return pool.size();
    }

    int largestSize() {
        return largestSize;
    }

    private static long micros(double seconds) {
        return Math.round(seconds * SECOND);
    }

    /** Weighted max-min: who wants less than its part keeps what it wants, and the others share the rest. */
    static Map<Client, Double> ideal(double capacity, Map<Client, Double> demands) {
        Map<Client, Double> ideal = new java.util.HashMap<>();
        Map<Client, Double> open = new java.util.HashMap<>(demands);
        double left = capacity;
        while (!open.isEmpty()) {
            double perWeight = left
                    / open.keySet().stream().mapToLong(client -> client.weight).sum();
            List<Client> content = open.entrySet().stream()
                    .filter(entry -> entry.getValue() <= perWeight * entry.getKey().weight)
                    .map(Map.Entry::getKey)
                    .toList();
            if (content.isEmpty()) {
                open.keySet().forEach(client -> ideal.put(client, perWeight * client.weight));
                return ideal;
            }
            for (Client client : content) {
                ideal.put(client, open.remove(client));
                left -= ideal.get(client);
            }
        }
        return ideal;
    }
}
