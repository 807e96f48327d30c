package dev.weir;

import dev.weir.limit.Limit;
import dev.weir.store.Charge;
import dev.weir.store.LeaseCall;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;

/** What the judge has to know of leases: which of them also charged a request, and on which limits they stand. */
final class ClusterLeases {

    private record Charged(int instance, String client, String usage, long cost, long atNanos) {}

    private record Holder(int instance, String client) {}

    private final List<Charged> charged = new ArrayList<>();
    private final Map<Holder, Limit> limits = new HashMap<>();

    /** The store has charged the request that was waiting for a lease. */
    void charged(int instance, LeaseCall call, long atNanos) {
        charged.add(new Charged(instance, call.subject().id(), call.usage(), call.cost(), atNanos));
    }

    /**
     * Whether a request that was permitted without a charge of its own was charged with its lease; the question may be
     * asked once.
     */
    boolean hasCharged(int instance, String client, Charge charge, long sinceNanos) {
        charged.removeIf(one -> one.instance() == instance && one.atNanos() < sinceNanos);
        for (Iterator<Charged> all = charged.iterator(); all.hasNext(); ) {
            Charged one = all.next();
            if (one.instance() == instance
                    && one.client().equals(client)
                    && one.usage().equals(charge.policy())
                    && one.cost() == charge.cost()) {
                all.remove();
                return true;
            }
        }
        return false;
    }

    void granted(int instance, LeaseCall call) {
        limits.put(new Holder(instance, call.subject().id()), call.limit());
    }

    Limit limitOf(int instance, String client) {
        return limits.get(new Holder(instance, client));
    }

    void forget(int instance) {
        limits.keySet().removeIf(holder -> holder.instance() == instance);
    }
}
