package dev.weir.redisson;

import dev.weir.store.Charge;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The script {@code give-back.lua}, which undoes what {@link AcquireScript} has charged; its head says what stands
 * where.
 */
final class GiveBackScript {

    private GiveBackScript() {}

    /**
     * Gives back one call's charges. Not batched: it is rare, and no request waits for it.
     *
     * @param chargedAtMicros when Redis decided the call
     * @param time {@link AcquireScript#REDIS_TIME}, or what time it is in microseconds
     */
    static CompletableFuture<@Nullable Void> run(
            ScriptRunner scripts, AcquireCall charged, long chargedAtMicros, String time) {
        List<Charge> charges = charged.charges();
        return scripts.<@Nullable Void>run(
                LuaScript.GIVE_BACK,
                charged.keys(),
                reply -> null,
                time,
                charges.stream()
                        .map(charge -> AcquireScript.numbersOf(charge.limit()))
                        .collect(Collectors.joining(",", "[", "]")),
                charges.stream().map(charge -> Long.toString(charge.cost())).collect(Collectors.joining(",", "[", "]")),
                charged.call().subject().id(),
                Long.toString(charged.call().version()),
                Long.toString(chargedAtMicros));
    }
}
