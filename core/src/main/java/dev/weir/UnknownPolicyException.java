package dev.weir;

import java.util.Collection;
import java.util.TreeSet;

/**
 * There is no policy of that name.
 *
 * <pre>{@code
 * try {
 *     return weir.limiter("search").allow("alice");
 * } catch (UnknownPolicyException e) {
 *     return true; // A reload has removed the policy: its limit is gone.
 * }
 * }</pre>
 */
public final class UnknownPolicyException extends IllegalArgumentException {

    UnknownPolicyException(String policy, Collection<String> known) {
        super("there is no policy '%s'; known are %s".formatted(policy, new TreeSet<>(known)));
    }
}
