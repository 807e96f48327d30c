package dev.weir;

import dev.weir.ClusterJudge.Key;
import dev.weir.limit.Decision;
import dev.weir.store.Charge;
import dev.weir.store.FarStore;
import dev.weir.store.LeaseCall;
import dev.weir.store.StoreReply;
import dev.weir.store.StoreRequest;
import dev.weir.store.Subject;
import dev.weir.store.VirtualScheduler;
import java.util.function.LongSupplier;

/**
 * Reports to the judge what passes between an instance of a simulated cluster and the store.
 *
 * @param hereMicros the time of the instance's own clock
 */
record ClusterWitness(
        int instance,
        VirtualScheduler time,
        LongSupplier hereMicros,
        ClusterJudge judge,
        ClusterQueue queue,
        ClusterLeases leases)
        implements FarStore.Witness {

    @Override
    public void decided(StoreRequest call, StoreReply reply) {
        if (!isOfClient(call.subject()) || !(reply instanceof StoreReply.Decided decided)) {
            return;
        }
        queue.decided(instance, call, decided);
        if (decided.decisions().stream().allMatch(Decision::permitted)) {
            for (Charge charge : call.charges()) {
                judge.admitted(key(call.subject(), charge.policy()), charge.limit(), charge.cost());
            }
        }
        judge.check();
    }

    @Override
    public void leased(LeaseCall call, StoreReply reply) {
        if (isOfClient(call.subject()) && reply instanceof StoreReply.Leased leased) {
            Key key = key(call.subject(), call.usage());
            judge.room.leased(instance, key, call, leased, time.clock().nowMicros());
            if (call.cost() > 0 && leased.decision().permitted()) {
                leases.charged(instance, call, time.nanoTime());
                judge.admitted(key, call.limit(), call.cost());
            }
        }
        judge.check();
    }

    @Override
    public void received(LeaseCall call, StoreReply reply) {
        if (isOfClient(call.subject()) && reply instanceof StoreReply.Leased leased) {
            judge.seen(instance, key(call.subject(), call.usage()), leased.decision());
            if (leased.grant().permits() > 0) {
                leases.granted(instance, call);
            }
        }
    }

    @Override
    public void sent(StoreRequest call) {
        call.charges().forEach(charge -> sent(call.subject(), charge.policy()));
    }

    @Override
    public void sent(LeaseCall call) {
        if (call.wanted() > 0) {
            sent(call.subject(), call.usage());
        }
    }

    private void sent(Subject subject, String usage) {
        if (isOfClient(subject)) {
            judge.sent(instance, key(subject, usage), hereMicros.getAsLong());
        }
    }

    @Override
    public void sentOwed(StoreRequest owed) {
        if (isOfClient(owed.subject())) {
            for (Charge charge : owed.charges()) {
                judge.owedIsSent(instance, key(owed.subject(), charge.policy()), charge.cost());
            }
        }
    }

    @Override
    public void owed(StoreRequest owed) {
        if (isOfClient(owed.subject())) {
            for (Charge charge : owed.charges()) {
                judge.owedIsCharged(instance, key(owed.subject(), charge.policy()), charge);
            }
        }
    }

    /** Others are of a warm-up. */
    private static boolean isOfClient(Subject subject) {
        return ClusterSimulation.CLIENTS.contains(subject.id()) || subject.id().equals(ClusterQueue.CLIENT);
    }

    private static Key key(Subject subject, String usage) {
        return new Key(subject.id(), usage);
    }
}
