package dev.weir;

import dev.weir.ClusterJudge.Key;
import dev.weir.limit.Meter;
import dev.weir.limit.State;
import java.util.HashMap;
import java.util.Map;

/**
 * What the instances of a simulated cluster surely owe: what they have not sent, of buckets, because of these it is
 * simple to say; and what is on its way to the store. What was in use of a share before is not known here, and makes a
 * debt last longer.
 */
final class ClusterDebts {

    /** Uses are rounded up. */
    private static final long SURE_PERMITS = 2;

    private record Holder(int instance, Key key) {}

    /** The answer to a debt is waited for until a deadline of 50 ms, on a clock that may be faster. */
    private static final long WAITED_FOR_MICROS = 45_000;

    private final Map<Holder, State> unsent = new HashMap<>();
    private final Map<Holder, Long> sentMicros = new HashMap<>();

    /** @param hereMicros on the instance's clock */
    void admittedAlone(int instance, Key key, Meter share, long cost, long hereMicros) {
        Holder holder = new Holder(instance, key);
        unsent.put(holder, share.charge(share.advance(unsent.get(holder), hereMicros), hereMicros, cost));
    }

    /** A debt is on its way, and not sent again. */
    void sent(int instance, Key key, long nowMicros) {
        Holder holder = new Holder(instance, key);
        unsent.remove(holder);
        sentMicros.put(holder, nowMicros);
    }

    void charged(int instance, Key key) {
        sentMicros.remove(new Holder(instance, key));
    }

    void died(int instance) {
        unsent.keySet().removeIf(holder -> holder.instance() == instance);
        sentMicros.keySet().removeIf(holder -> holder.instance() == instance);
    }

    /** After a change of numbers, a debt drains by which of them it likes. */
    void changed(String client) {
        unsent.keySet().removeIf(holder -> holder.key().client().equals(client));
    }

    boolean isUnsent(int instance, Key key, long hereMicros) {
        State state = unsent.get(new Holder(instance, key));
        return state != null && state.permitsUsed(hereMicros) >= SURE_PERMITS;
    }

    boolean isOnItsWay(int instance, Key key, long nowMicros) {
        Long sent = sentMicros.get(new Holder(instance, key));
        return sent != null && nowMicros - sent < WAITED_FOR_MICROS;
    }
}
