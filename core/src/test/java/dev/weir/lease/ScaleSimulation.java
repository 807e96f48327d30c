package dev.weir.lease;

import dev.weir.limit.Limit;
import dev.weir.limit.TokenBucket;
import dev.weir.memory.MemoryStore;
import dev.weir.store.DriftingScheduler;
import dev.weir.store.FarStore;
import dev.weir.store.Grant;
import dev.weir.store.LeaseCall;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.VirtualScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Many instances with the real leases, on one limit in one store behind a network, in virtual time. Nothing waits, and
 * a run is repeated to the last event by its seed.
 *
 * <h2>What is held against it</h2>
 *
 * <b>Over-admission.</b> {@link ReferenceBucket} gives a permit for each request that is permitted: when the store
 * charges it, or when it is spent from a lease. A charge whose answer is lost counts too. The bucket must never go
 * below zero: then no interval admits more than the burst and what the rate gives back in it.
 *
 * <p><b>False denials.</b> The exact rule leaves a permit to a request if it is neither used nor leased: what is leased
 * to another instance can be spent there at any moment, so to admit it here as well might exceed the limit. A refusal
 * takes a while to come about, and states what was true at one moment of it. So a refusal is false if from when the
 * request was made until it was refused there was never a moment at which the store had no such permit; and also if the
 * instance itself had permits when it refused.
 */
public final class ScaleSimulation {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    /** Between the starts of two instances: they do not look after their leases at the same moment. */
    private static final long START_STEP_NANOS = 40_000;

    /** Every so manieth instance is cut off, from the second on. */
    private static final int CUT_EVERY = 4;

    private final ScaleSetting setting;
    private final boolean isForgetful;
    private final Random random;
    private final VirtualScheduler time = new VirtualScheduler();
    private final MemoryStore memory = new MemoryStore(time);
    private final TokenBucket limit;
    private final ReferenceBucket reference;
    private final ReferenceBucket ideal;
    private final StoreRoom room;
    private final List<ScaleInstance> instances = new ArrayList<>();
    private final Map<LeaseCall, Asked> leaseCalls = new IdentityHashMap<>();

    /** The requests of the first instance, of the first two, and so on, as a part of all. */
    private final double[] sums;

    private boolean isMeasuring;
    private long requests;
    private long permitted;
    private long idealPermitted;
    private long permittedCutOff;
    private long falseDenials;
    private long latestMicros;

    /** The request that is being made just now. */
    private @Nullable Asked asking;

    /** A request, until it is answered. */
    private static final class Asked {

        private final ScaleInstance instance;
        private final long atMicros;
        private final boolean isMeasured;
        private boolean isCharged;

        Asked(ScaleInstance instance, long atMicros, boolean isMeasured) {
            this.instance = instance;
            this.atMicros = atMicros;
            this.isMeasured = isMeasured;
        }
    }

    public ScaleSimulation(ScaleSetting setting) {
        this(setting, false);
    }

    /** @param isForgetful whether the store has a fault on purpose: what it lends is there again at once */
    ScaleSimulation(ScaleSetting setting, boolean isForgetful) {
        this.setting = setting;
        this.isForgetful = isForgetful;
        this.random = new Random(setting.seed());
        this.limit = Limit.tokenBucket(setting.permits(), Duration.ofSeconds(1));
        this.reference = new ReferenceBucket(limit, nowMicros());
        this.ideal = new ReferenceBucket(limit, nowMicros());
        this.room = new StoreRoom(memory, limit, time.clock(), 1);
        this.sums = sums();
    }

    private double[] sums() {
        double[] sums = new double[setting.instances()];
        double sum = 0;
        for (int i = 0; i < sums.length; i++) {
            sum += setting.demand().weight(i);
            sums[i] = sum;
        }
        double all = sum;
        return Arrays.stream(sums).map(part -> part / all).toArray();
    }

    private long nowMicros() {
        return time.clock().nowMicros();
    }

    /** Runs it; once. */
    public ScaleOutcome run() {
        start();
        ask(ScaleSetting.WARM_UP.toNanos());
        cutOff();
        long callsBefore = calls();
        isMeasuring = true;
        ask(setting.measured().toNanos());
        isMeasuring = false;
        ScaleOutcome outcome = end(calls() - callsBefore);
        instances.forEach(ScaleInstance::close);
        memory.close();
        return outcome;
    }

    private void start() {
        Set<String> alive = new HashSet<>();
        for (int i = 0; i < setting.instances(); i++) {
            FarStore network = new FarStore(memory, alive, time, random);
            long oneWay = setting.roundTripMicros() / 2;
            network.travelMicros = () -> oneWay == 0 ? 0 : oneWay * (80 + random.nextInt(41)) / 100;
            ScaleInstance instance = new ScaleInstance(network, clock(i), limit, setting.roundTripMicros());
            network.witness = new Witness(instance);
            instances.add(instance);
            time.advance(START_STEP_NANOS);
        }
        for (int twice = 0; twice < 2; twice++) { // The first learns of the last from its second.
            for (int i = 0; i < setting.instances(); i++) {
                instances.get(i).beat("instance-" + i);
            }
            time.advance(SECOND);
        }
    }

    /** From the slowest clock to the fastest, one as often as the other. */
    private DriftingScheduler clock(int instance) {
        long most = setting.driftPerMillion();
        long drift = instance == 0 ? -most : instance == 1 ? most : random.nextLong(-most, most + 1);
        return new DriftingScheduler(time, drift, random.nextLong(SECOND));
    }

    private void cutOff() {
        for (int i = 0; i < setting.cut(); i++) {
            instances.get(1 + CUT_EVERY * i).cutOff();
        }
    }

    private long calls() {
        return instances.stream().mapToLong(instance -> instance.network.calls).sum();
    }

    /** Requests at random moments, as independent clients make them. */
    private void ask(long nanos) {
        double perNano = setting.load() * setting.permits() / SECOND;
        double endNanos = time.nanoTime() + nanos;
        double nextNanos = time.nanoTime();
        while (true) {
            nextNanos += -Math.log(1 - random.nextDouble()) / perNano;
            if (nextNanos >= endNanos) {
                time.advance((long) endNanos - time.nanoTime());
                return;
            }
            time.advance(Math.max(0, (long) nextNanos - time.nanoTime()));
            int at = Arrays.binarySearch(sums, random.nextDouble());
            request(instances.get(Math.min(at < 0 ? -at - 1 : at + 1, sums.length - 1)));
        }
    }

    private void request(ScaleInstance instance) {
        Asked asked = new Asked(instance, nowMicros(), isMeasuring);
        if (!instance.isCutOff) {
            boolean isIdeal = ideal.tryAdmit(1, asked.atMicros);
            requests += asked.isMeasured ? 1 : 0;
            idealPermitted += asked.isMeasured && isIdeal ? 1 : 0;
        }
        if (instance.spend()) {
            reference.admit(1, asked.atMicros);
            permitted(asked);
        } else if (!instance.isCutOff) {
            asking = asked;
            CompletableFuture<StoreReply> answer = instance.decide();
            asking = null;
            answer.thenAccept(reply -> answered(asked, (StoreReply.Decided) reply));
        }
    }

    private void answered(Asked asked, StoreReply.Decided reply) {
        if (reply.decisions().get(0).permitted()) {
            if (reply.atMicros() == StoreReply.Decided.NOT_GIVEN_BACK && !asked.isCharged && !asked.instance.isPaid()) {
                reference.admit(1, nowMicros());
            }
            permitted(asked);
            return;
        }
        long thereForMicros = room.wasThereForMicros(asked.atMicros);
        if (thereForMicros >= 0 || asked.instance.hasPermits()) {
            falseDenials++;
            latestMicros = Math.max(latestMicros, thereForMicros);
        }
    }

    private void permitted(Asked asked) {
        if (asked.isMeasured && asked.instance.isCutOff) {
            permittedCutOff++;
        } else if (asked.isMeasured) {
            permitted++;
        }
    }

    /** Answers that are still under way come. */
    private ScaleOutcome end(long calls) {
        time.advance(SECOND);
        return new ScaleOutcome(
                requests,
                permitted,
                idealPermitted,
                permittedCutOff,
                reference.above(),
                falseDenials,
                latestMicros,
                calls);
    }

    /** Counts what the store charges when it charges it. */
    private final class Witness implements FarStore.Witness {

        private final ScaleInstance instance;

        Witness(ScaleInstance instance) {
            this.instance = instance;
        }

        @Override
        public void sent(LeaseCall call) {
            if (call.cost() > 0 && asking != null) {
                leaseCalls.put(call, asking);
            }
        }

        @Override
        public void decided(StoreRequest call, StoreReply reply) {
            if (((StoreReply.Decided) reply).decisions().get(0).permitted()) {
                reference.admit(1, nowMicros());
            }
            room.changed();
        }

        @Override
        public void leased(LeaseCall call, StoreReply reply) {
            Asked asked = leaseCalls.remove(call);
            if (call.cost() > 0 && ((StoreReply.Leased) reply).decision().permitted()) {
                reference.admit(call.cost(), nowMicros());
                if (asked == null) {
                    instance.paid++;
                } else {
                    asked.isCharged = true;
                }
            }
            if (isForgetful && ((StoreReply.Leased) reply).grant().permits() > 0) {
                Grant lent = ((StoreReply.Leased) reply).grant();
                memory.lease(
                        new LeaseCall(call.subject(), call.version(), call.usage(), limit, 0, 0, lent, lent.permits()));
            }
            room.changed();
        }
    }
}
