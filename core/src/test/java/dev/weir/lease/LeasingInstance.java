package dev.weir.lease;

import dev.weir.limit.Decision;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import dev.weir.memory.PoolSimulation;
import dev.weir.store.Charge;
import dev.weir.store.LeaseCall;
import dev.weir.store.Overrides;
import dev.weir.store.StoreReply;
import dev.weir.store.Subject;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An instance that leases from a pool, in virtual time: the leases are the real ones, and the way to the pool takes no
 * time.
 */
public final class LeasingInstance implements PoolSimulation.Instance {

    /** No request waits for an answer that is lost: the request is refused here, whatever was charged for it. */
    private static final Decision UNKNOWN = new Decision.Rejected(
            "policy", Limit.tokenBucket(1, Duration.ofSeconds(1)), 0, 0, Reason.STORE_UNAVAILABLE, 1_000);

    private final PoolSimulation simulation;
    private final long most;
    private final Map<String, Lease> leases = new HashMap<>();
    private @Nullable Random faults;

    public LeasingInstance(PoolSimulation simulation) {
        this.simulation = simulation;
        this.most = simulation.burst() / 4; // As LeaseAccounting computes it, where so much comes back in a second.
    }

    /** Loses an answer or a message now and then, and dies and comes back with nothing. */
    LeasingInstance unreliable(Random random) {
        faults = random;
        return this;
    }

    private boolean fails(int oneIn) {
        return faults != null && faults.nextInt(oneIn) == 0;
    }

    @Override
    public PoolSimulation.Reply ask(String client, long weight, long cost, long nowMicros) {
        long nowNanos = TimeUnit.MICROSECONDS.toNanos(nowMicros);
        Lease lease = leases.computeIfAbsent(client, id -> new Lease(Subject.client(id), "policy", nowNanos));
        if (!lease.hasEnded(nowNanos)) {
            HeldPermits.Spent spent = lease.spend(cost);
            if (spent == HeldPermits.Spent.ALL_AND_LOW) {
                send(lease, lease.ask(0, most, nowNanos), nowMicros);
            }
            if (spent != HeldPermits.Spent.NOTHING) {
                return PoolSimulation.Reply.of(lease.permitted());
            }
        }
        return PoolSimulation.Reply.of(decide(lease, client, simulation.charge(weight, cost), nowMicros));
    }

    private Decision decide(Lease lease, String client, Charge charge, long nowMicros) {
        long nowNanos = TimeUnit.MICROSECONDS.toNanos(nowMicros);
        LeaseBasis footing = LeaseBasis.of(charge, Overrides.NO_VERSION);
        Decision known = lease.decide(charge, Overrides.NO_VERSION, nowNanos);
        if (known != null) {
            return known;
        }
        if (lease.serves(footing, nowNanos)) {
            LeaseCall ask = lease.ask(charge.cost(), most, nowNanos);
            if (ask != null) {
                return send(lease, ask, nowMicros);
            }
        }
        Decision decision = simulation.decide(charge, client, nowMicros);
        sendBack(lease, lease.comeUnder(footing, nowNanos, nowNanos), nowMicros);
        lease.answered(decision, charge.cost(), 0, nowNanos, nowNanos);
        return decision;
    }

    private @Nullable Decision send(Lease lease, @Nullable LeaseCall call, long nowMicros) {
        if (call == null) {
            return null;
        }
        StoreReply.Leased answer = fails(50) ? null : simulation.lease(call, nowMicros);
        boolean isDelivered = answer != null && !fails(50);
        long nowNanos = TimeUnit.MICROSECONDS.toNanos(nowMicros);
        lease.answered(call, isDelivered ? answer : null, nowNanos, nowNanos);
        return isDelivered ? answer.decision() : UNKNOWN;
    }

    private void sendBack(Lease lease, @Nullable LeaseCall call, long nowMicros) {
        if (call == null) {
            return;
        }
        if (!fails(20)) {
            simulation.lease(call, nowMicros);
        }
        lease.returned(TimeUnit.MICROSECONDS.toNanos(nowMicros));
    }

    @Override
    public void sweep(long nowMicros) {
        if (fails(100)) {
            leases.clear();
        }
        long nowNanos = TimeUnit.MICROSECONDS.toNanos(nowMicros);
        leases.values().forEach(lease -> {
            LeaseCall call = lease.tend(most, nowNanos);
            if (call != null && call.wanted() > 0) {
                send(lease, call, nowMicros);
            } else {
                sendBack(lease, call, nowMicros);
            }
        });
    }
}
