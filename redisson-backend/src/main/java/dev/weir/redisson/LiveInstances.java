package dev.weir.redisson;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * The instances that live, in Redis: each says so by its heartbeats, and those not seen for a while are forgotten.
 *
 * @param keys where that is kept
 */
record LiveInstances(RedisKeys keys) {

    /** Ten missed heartbeats of 500 ms: longer than a pause for garbage collection, shorter than a restart. */
    private static final Duration ALIVE = Duration.ofSeconds(5);

    private static final String ALIVE_MICROS = Long.toString(TimeUnit.MILLISECONDS.toMicros(ALIVE.toMillis()));

    /** Asks without being counted. */
    static final String NONE = "";

    /**
     * Records an instance.
     *
     * @param agree is notified of the shards in force; what it throws is the failure
     * @return how many live
     */
    CompletableFuture<Integer> beat(ScriptRunner scripts, String instanceId, Consumer<String> agree) {
        return scripts.run(
                LuaScript.HEARTBEAT,
                List.of(keys.instances(), keys.shardsInForce()),
                reply -> {
                    agree.accept((String) reply.get(0));
                    return ((Long) reply.get(1)).intValue();
                },
                keys.sharding().inForce(),
                ALIVE_MICROS,
                instanceId);
    }

    /** Takes an instance out. */
    CompletableFuture<List<Object>> leave(ScriptRunner scripts, String instanceId) {
        return scripts.run(LuaScript.LEAVE, List.of(keys.instances()), reply -> reply, instanceId);
    }

    /** The ids of those that live. */
    CompletableFuture<List<String>> list(ScriptRunner scripts) {
        return scripts.run(
                LuaScript.INSTANCES,
                List.of(keys.instances()),
                reply -> reply.stream().map(String.class::cast).toList(),
                ALIVE_MICROS);
    }
}
