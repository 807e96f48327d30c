package dev.weir.redisson;

import dev.weir.store.Charge;
import dev.weir.store.StoreRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The script {@code owe.lua}, which charges what an instance has admitted without Redis; its head says what stands
 * where.
 */
final class OweScript {

    private OweScript() {}

    /**
     * Charges one subject's debts. Not batched: it is sent once for a client that an outage has seen.
     *
     * @param time {@link AcquireScript#REDIS_TIME}, or what time it is in microseconds
     */
    static CompletableFuture<@Nullable Void> run(ScriptRunner scripts, RedisKeys keys, StoreRequest owed, String time) {
        String id = owed.subject().id();
        List<Charge> charges = owed.charges();
        return scripts.<@Nullable Void>run(
                LuaScript.OWE,
                charges.stream().map(charge -> keys.usage(id, charge.policy())).toList(),
                reply -> null,
                time,
                charges.stream()
                        .map(charge -> AcquireScript.numbersOf(charge.limit()))
                        .collect(Collectors.joining(",", "[", "]")),
                charges.stream()
                        .map(charge -> Long.toString(charge.cost()))
                        .collect(Collectors.joining(",", "[", "]")));
    }
}
