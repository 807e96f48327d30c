package dev.weir.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Queue;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;

/**
 * What each limit of a {@link Soak} may let through: its numbers as they change, and what the faults may cost that were
 * made. Thread-safe.
 */
final class Entitlements {

    private static final long PERIOD_NANOS = 1_000_000_000L;

    /** @param calls how many failed of one instance; 0 if it is a fault that was made, which concerns all */
    private record Cost(long fromNanos, long toNanos, Allowance allowance, long calls) {

        Bound.Grant grant(Traffic traffic) {
            return new Bound.Grant(fromNanos, toNanos, permits(traffic));
        }

        private long permits(Traffic traffic) {
            int instances = calls == 0 ? Soak.INSTANCES : 1;
            // Each limit that a request is charged on is rounded up on each instance.
            long roundedUp = (long) instances * (SoakTraffic.limitsOf(traffic) - 1);
            return most(traffic) * traffic.cost() + allowance.permits(traffic, instances) + roundedUp;
        }

        /** Calls are those of all traffic: of one, no more can be that it has sent to the instance. */
        private long most(Traffic traffic) {
            long sent = traffic.connections() + traffic.perSecond() * (toNanos - fromNanos) / PERIOD_NANOS;
            return Math.min(calls, sent);
        }
    }

    private final Map<Traffic, Numbers> numbers = SoakTraffic.limited().stream()
            .collect(Collectors.toMap(
                    each -> each, each -> new Numbers(each, SoakTraffic.WINDOWS.contains(each) ? PERIOD_NANOS : 0)));

    private final Queue<Cost> costs = new ConcurrentLinkedQueue<>();

    /** The numbers of one limit. */
    Numbers of(Traffic traffic) {
        return numbers.get(traffic);
    }

    /** The store has died: of what is set at run time, changes of the last moments may be lost. */
    void lose(long nowNanos) {
        SoakTraffic.SET_AT_RUN_TIME.forEach(each -> of(each).reopen(nowNanos));
    }

    /** The store was away: changes of the last moments before may be learnt when it is back. */
    void delay(long fromNanos, long toNanos) {
        numbers.values().forEach(each -> each.delay(fromNanos, toNanos));
    }

    /** A fault was made, and decisions were shared again at its end. */
    void fault(long fromNanos, long toNanos, Allowance allowance) {
        costs.add(new Cost(fromNanos, toNanos, allowance, 0));
    }

    /** So many calls of one instance have failed, though nothing was made to fail: the requests may be free. */
    void failed(long fromNanos, long toNanos, long calls) {
        costs.add(new Cost(fromNanos, toNanos, Allowance.losses(1), calls));
    }

    /** What at least comes back of a limit. */
    long least(Traffic traffic, long fromNanos, long toNanos) {
        return numbers.get(traffic).least(fromNanos, toNanos);
    }

    /** What a limit may have let through, with these answers to all requests. */
    Bound bound(Traffic traffic, List<Answer> answers, long fromNanos, long toNanos) {
        List<Bound.Grant> grants = new ArrayList<>();
        costs.forEach(each -> grants.add(each.grant(traffic)));
        NavigableSet<Long> charged = answers.stream()
                .filter(each -> each.traffic() == traffic && each.isAdmitted())
                .map(Answer::sentNanos)
                .collect(Collectors.toCollection(TreeSet::new));
        return numbers.get(traffic).bound(fromNanos, toNanos, grants, charged);
    }
}
