package dev.weir.fair;

import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Clients that share by weight, and how far an ideal server would be with their work: one that serves all of them at
 * the same time, each at its weight's part (generalized processor sharing). Only clients with work left are members.
 *
 * <p><em>Virtual time</em> is what each of them has been served per unit of weight. It runs the faster, the fewer there
 * are. A client with q permits of work at virtual time V is done at V + q / weight, whichever clients come and go
 * meanwhile: so nothing has to be updated but the client that asks, and the first to finish is always known. Not
 * thread-safe.
 */
final class FairLane {

    private record Tag(double finish, String id) {}

    private Map<String, FairMember> members = new HashMap<>();
    private final TreeSet<Tag> order =
            new TreeSet<>(Comparator.comparingDouble(Tag::finish).thenComparing(Tag::id));
    private double virtual;
    private long weight;
    private double pace;

    double virtual() {
        return virtual;
    }

    /** The sum of the members' weights. */
    long weight() {
        return weight;
    }

    /**
     * The part of the pool's capacity that a weight of 1 got of late while this lane had members; 0 if that is not
     * known.
     */
    double pace() {
        return pace;
    }

    int size() {
        return members.size();
    }

    @Nullable FairMember find(String id) {
        return members.get(id);
    }

    void put(String id, FairMember member) {
        remove(id);
        members.put(id, member);
        order.add(new Tag(member.finish(), id));
        weight += member.weight();
    }

    void remove(String id) {
        FairMember gone = members.remove(id);
        if (gone != null) {
            order.remove(new Tag(gone.finish(), id));
            weight -= gone.weight();
        }
    }

    /** Takes so much off what a client has queued, if it is a member. */
    void relieve(String id, double permits) {
        FairMember member = members.get(id);
        if (member != null) {
            double queued = Math.max(0, (member.finish() - virtual) * member.weight() - permits);
            put(id, member.finishing(virtual + queued / member.weight()));
        }
    }

    /** The service that the next member to finish still needs, in units of {@link #weight} times virtual time. */
    double needed() {
        return (order.first().finish() - virtual) * weight;
    }

    /** Serves all members {@code permits} together, fewer than {@link #needed}. */
    void serve(double permits) {
        virtual += permits / weight;
    }

    /** Serves all members until the next of them finishes, which then is none any more. */
    void finishNext() {
        Tag first = order.first();
        virtual = Math.max(virtual, first.finish());
        remove(first.id());
    }

    /**
     * Notes how far virtual time went while the pool drained so many permits, during {@code micros}, and this lane had
     * members.
     */
    void average(double virtualBefore, double permits, double micros, double smoothingMicros) {
        double latest = (virtual - virtualBefore) / permits;
        pace = pace == 0 ? latest : pace + (latest - pace) * micros / (smoothingMicros + micros);
    }

    /** Begins virtual time anew where that changes nothing, or where doubles would become too coarse. */
    void rebase(double largestVirtual) {
        if (weight == 0) {
            virtual = 0;
        } else if (virtual * weight > largestVirtual) {
            double shift = virtual;
            members.replaceAll((id, member) -> member.finishing(member.finish() - shift));
            order.clear();
            members.forEach((id, member) -> order.add(new Tag(member.finish(), id)));
            virtual = 0;
        }
    }

    void clear() {
        members = new HashMap<>(); // A map keeps its table for ever.
        order.clear();
        virtual = 0;
        weight = 0;
        pace = 0;
    }
}
