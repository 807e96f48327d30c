package dev.weir;

import java.util.List;

/**
 * What a store is asked to decide.
 *
 * @param subject whose permits
 * @param version the version of the subject's {@link Overrides} from which the charges were made: a store decides only if it
 *     has the same
 * @param charges at least one, each under another name
 * @param strict whether only the store itself may decide, because this request has numbers of its own, which are no measure for
 *     others
 */
public record Call(Subject subject, long version, List<Charge> charges, boolean strict) {

    /** @throws IllegalArgumentException if there is no charge */
    public Call {
        charges = List.copyOf(charges);
        if (charges.isEmpty()) {
            throw new IllegalArgumentException("at least one charge is needed");
        }
    }

    /** A call that need not be strict. */
    public Call(Subject subject, long version, List<Charge> charges) {
        this(subject, version, charges, false);
    }

    /** A call for a client for whom nothing was set at run time. */
    public static Call of(String client, List<Charge> charges) {
        return new Call(Subject.client(client), Overrides.NO_VERSION, charges);
    }
}
