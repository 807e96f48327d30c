package dev.weir.store;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a store is asked to decide.
 *
 * @param subject the client or bucket whose permits are charged
 * @param version the version of the subject's {@link Overrides} from which the charges were made: a store decides only
 *     if it has the same
 * @param charges at least one, each under another name. One on a pool is alone, and without a timestamp: pools are not
 *     kept with clients, and have one time for all
 * @param timestamp when the caller says that the request is made; null for the store's clock
 * @param strict whether only the store itself may decide, because the request has numbers of its own, which are no
 *     measure for others, or because it may have to be {@linkplain Store#giveBack given back}
 */
public record StoreRequest(
        Subject subject,
        long version,
        List<Charge> charges,
        @Nullable Timestamp timestamp,
        boolean strict) {

    /** @throws IllegalArgumentException if there is no charge, or one on a pool that cannot be made so */
    public StoreRequest {
        charges = List.copyOf(charges);
        if (charges.isEmpty()) {
            throw new IllegalArgumentException("at least one charge is needed");
        }
        boolean isShared = charges.stream().anyMatch(charge -> charge.share() != null);
        if (isShared && (charges.size() > 1 || timestamp != null)) {
            throw new IllegalArgumentException("a charge on a pool must be the only one, and have no timestamp");
        }
    }

    /** A call that is strict if it has a timestamp. */
    public StoreRequest(Subject subject, long version, List<Charge> charges, @Nullable Timestamp timestamp) {
        this(subject, version, charges, timestamp, timestamp != null);
    }

    /** A call by the store's clock, which need not be strict. */
    public StoreRequest(Subject subject, long version, List<Charge> charges) {
        this(subject, version, charges, null);
    }

    /** The part in a pool that is asked for; null if none is. */
    public @Nullable Share share() {
        return charges.get(0).share();
    }

    /** A call for a client for which nothing was set at run time. */
    public static StoreRequest of(String client, List<Charge> charges) {
        return new StoreRequest(Subject.client(client), Overrides.NO_VERSION, charges);
    }
}
