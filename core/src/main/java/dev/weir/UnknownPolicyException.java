package dev.weir;

import java.util.Collection;
import java.util.TreeSet;

/** There is no policy of that name. */
public final class UnknownPolicyException extends IllegalArgumentException {

    UnknownPolicyException(String policy, Collection<String> known) {
        super("there is no policy '%s'; known are %s".formatted(policy, new TreeSet<>(known)));
    }
}
