package dev.weir.redisson;

import dev.weir.store.Charge;
import dev.weir.store.StoreRequest;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RedissonClient;

/**
 * The script {@code owe.lua}, which charges what an instance has admitted without Redis; its head says what stands
 * where.
 */
final class OweScript {

    private static final LuaScript SCRIPT = LuaScript.of("owe.lua");

    private OweScript() {}

    /**
     * Charges one subject's debts. Not batched: it is sent once for a client that an outage has seen.
     *
     * @param time {@link AcquireScript#REDIS_TIME}, or what time it is in microseconds
     */
    static CompletableFuture<@Nullable Void> run(
            RedissonClient redisson, RedisKeys keys, StoreRequest owed, String time) {
        String id = owed.subject().id();
        List<Charge> charges = owed.charges();
        return SCRIPT.<@Nullable Void>run(
                redisson,
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
