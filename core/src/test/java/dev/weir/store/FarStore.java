package dev.weir.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A store behind a network, on virtual time: calls and answers take a while, get lost while the connection is cut, and
 * wait while the store is stopped.
 */
public final class FarStore implements Store {

    private static final int LONGEST_MICROS = 400;
    private static final long HEARTBEAT_MILLIS = 100;

    /** Sees what is sent, and what the store does, at the moment at which it does it. */
    public interface Witness {

        /** A decision is asked for. */
        default void sent(StoreRequest call) {}

        /** A lease is asked for, or given back. */
        default void sent(LeaseCall call) {}

        /** A request was decided; {@code call} is the very one that was sent. */
        void decided(StoreRequest call, StoreReply reply);

        /** A lease was granted, or given back; {@code call} is the very one that was sent. */
        void leased(LeaseCall call, StoreReply reply);

        /** The instance has received what became of a lease. */
        default void received(LeaseCall call, StoreReply reply) {}

        /** What was admitted without the store is sent to it. */
        default void sentOwed(StoreRequest owed) {}

        /** What was admitted without the store is charged. */
        default void owed(StoreRequest owed) {}
    }

    /** Does the work. */
    public Store store;

    private final Set<String> instances;
    private final Random random;
    private final ScheduledExecutorService network;
    private final List<ChangeListener> listeners = new ArrayList<>();

    /** Whether calls and answers get lost. */
    public boolean isCut;

    /** How long a message takes, in microseconds. */
    public LongSupplier travelMicros;

    public @Nullable Witness witness;

    /** Of how many messages one is lost, though the connection is not cut; 0 if none is. */
    public int oneLostIn;

    /** Of how many announcements one is lost, whatever becomes of other messages; 0 if none is. */
    public int oneUnannouncedIn;

    /** Of how many calls that may be made twice one is; 0 if none is. */
    public int oneTwiceIn;

    /** The instance on this side, which may be stopped and die; null if it always runs. */
    public @Nullable DriftingScheduler instance;

    /** Calls that wait for a store that has been stopped; null while it runs. */
    private @Nullable List<Runnable> held;

    public long calls;

    /**
     * @param store does the work; of all instances
     * @param instances those that are alive; of all instances
     */
    public FarStore(Store store, Set<String> instances, Scheduler scheduler, Random random) {
        this.store = store;
        this.instances = instances;
        this.random = random;
        this.travelMicros = () -> random.nextInt(LONGEST_MICROS);
        this.network = scheduler.worker("network", Integer.MAX_VALUE);
    }

    private <T> CompletableFuture<T> far(Supplier<CompletableFuture<T>> call) {
        return far(call, reply -> {});
    }

    private <T> CompletableFuture<T> far(Supplier<CompletableFuture<T>> call, Consumer<T> received) {
        calls++;
        CompletableFuture<T> answer = new CompletableFuture<>();
        travel(() -> arrived(() -> call.get()
                .thenAccept(result -> travel(() -> atInstance(() -> {
                    received.accept(result);
                    answer.complete(result);
                })))));
        return answer;
    }

    /** As {@link #far}, of a call that does no harm if it is made twice: the second answer is not waited for. */
    private <T> CompletableFuture<T> farOnceOrTwice(Supplier<CompletableFuture<T>> call) {
        if (oneTwiceIn > 0 && random.nextInt(oneTwiceIn) == 0) {
            travel(() -> arrived(call::get));
        }
        return far(call);
    }

    private void atInstance(Runnable work) {
        if (instance == null) {
            work.run();
        } else {
            instance.run(work);
        }
    }

    private void arrived(Runnable call) {
        if (held == null) {
            call.run();
        } else {
            held.add(call);
        }
    }

    /** Calls arrive, and are worked on when the store goes on. */
    public void stop() {
        held = new ArrayList<>();
    }

    public void goOn() {
        List<Runnable> waiting = held;
        held = null;
        if (waiting != null) {
            waiting.forEach(Runnable::run);
        }
    }

    private void travel(Runnable arrival) {
        boolean isLost = oneLostIn > 0 && random.nextInt(oneLostIn) == 0;
        if (!isCut && !isLost) {
            network.schedule(arrival, travelMicros.getAsLong(), TimeUnit.MICROSECONDS);
        }
    }

    @Override
    public CompletableFuture<StoreReply> tryAcquire(StoreRequest call) {
        if (witness != null) {
            witness.sent(call);
        }
        return farOnceOrTwice(() -> seen(store.tryAcquire(call), (by, reply) -> by.decided(call, reply)));
    }

    @Override
    public CompletableFuture<Void> giveBack(StoreRequest charged, long atMicros) {
        return far(() -> store.giveBack(charged, atMicros));
    }

    @Override
    public CompletableFuture<Void> owe(StoreRequest owed) {
        if (witness != null) {
            witness.sentOwed(owed);
        }
        return far(() -> store.owe(owed).whenComplete((done, failure) -> {
            if (witness != null) {
                witness.owed(owed);
            }
        }));
    }

    @Override
    public CompletableFuture<StoreReply> lease(LeaseCall call) {
        if (witness != null) {
            witness.sent(call);
        }
        return far(() -> seen(store.lease(call), (by, reply) -> by.leased(call, reply)), reply -> {
            if (witness != null) {
                witness.received(call, reply);
            }
        });
    }

    private CompletableFuture<StoreReply> seen(
            CompletableFuture<StoreReply> reply, BiConsumer<Witness, StoreReply> report) {
        Witness seeing = witness;
        return seeing == null ? reply : reply.whenComplete((said, failure) -> report.accept(seeing, said));
    }

    @Override
    public CompletableFuture<Overrides> overrides(Subject subject) {
        return farOnceOrTwice(() -> store.overrides(subject));
    }

    @Override
    public CompletableFuture<Boolean> replace(Subject subject, long expected, Overrides next) {
        return far(() -> store.replace(subject, expected, next));
    }

    @Override
    public void listen(ChangeListener listener) {
        ChangeListener far = new ChangeListener() {
            @Override
            public void onChange(Subject subject) {
                if (oneUnannouncedIn == 0 || random.nextInt(oneUnannouncedIn) > 0) {
                    travel(() -> atInstance(() -> listener.onChange(subject)));
                }
            }

            @Override
            public void onGap() {
                atInstance(listener::onGap);
            }
        };
        listeners.add(far);
        store.listen(far);
    }

    /** Another store does the work from now on. */
    public void moveTo(Store other) {
        store = other;
        listeners.forEach(store::listen);
    }

    @Override
    public CompletableFuture<Page> list(Subject.Kind kind, String from, int most) {
        return far(() -> store.list(kind, from, most));
    }

    @Override
    public CompletableFuture<Integer> heartbeat(String instanceId) {
        CompletableFuture<Integer> answer = far(() -> {
            instances.add(instanceId);
            return CompletableFuture.completedFuture(instances.size());
        });
        // In one thread, the request that comes meanwhile waits as well: not for the two seconds that a probe may take.
        network.schedule(
                () -> answer.completeExceptionally(
                        new StoreException(StoreException.Kind.TIMEOUT, "no answer", new IllegalStateException())),
                HEARTBEAT_MILLIS,
                TimeUnit.MILLISECONDS);
        return answer;
    }

    @Override
    public CompletableFuture<List<String>> instances() {
        return far(() -> CompletableFuture.completedFuture(List.copyOf(instances)));
    }

    /** Other instances still need the store. */
    @Override
    public void close() {}
}
