package dev.weir.redisson;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.redisson.api.RedissonClient;

/**
 * What Redis does when its memory is full, its {@code maxmemory-policy}, and what that costs here. Every key of usage
 * expires, so all policies but {@code noeviction} may evict it; then a client at its limit has its whole limit once
 * more.
 */
final class Eviction {

    /** The store's: a level that is set for it holds here too. */
    private static final Logger LOG = System.getLogger(RedissonStore.class.getName());

    private static final LuaScript SCRIPT = LuaScript.of("eviction.lua");

    /** Evicts nothing, or first what is nearest to its end. Empty where a server does not say. */
    private static final Set<String> FIT = Set.of("noeviction", "volatile-ttl", "");

    private Eviction() {}

    /** Asks one node, and warns of a policy that evicts usage at random or by its age. */
    static void warn(RedissonClient redisson, RedisKeys keys, String target) throws InterruptedException {
        try {
            String policy = SCRIPT.run(redisson, List.of(keys.shardsInForce()), reply -> (String) reply.get(0))
                    .get(LuaScript.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            if (!FIT.contains(policy)) {
                LOG.log(
                        Level.WARNING,
                        "{0} has maxmemory-policy {1}: {2}; set noeviction or volatile-ttl",
                        target,
                        policy,
                        cost(policy));
            }
        } catch (ExecutionException | TimeoutException e) {
            LOG.log(Level.DEBUG, "the eviction policy cannot be known", e);
        }
    }

    private static String cost(String policy) {
        String usage =
                "when its memory is full it evicts what clients have used, and clients at their limit start anew";
        return policy.startsWith("allkeys-") ? usage + "; and what was set at run time, for good" : usage;
    }
}
