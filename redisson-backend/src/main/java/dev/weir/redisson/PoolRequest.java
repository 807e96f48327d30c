package dev.weir.redisson;

import dev.weir.Call;
import dev.weir.Charge;
import dev.weir.Limit;
import dev.weir.Share;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * One request on a pool, as the scripts of pools decide it.
 *
 * @param client whose request it is
 * @param charge what is to be charged
 * @param share the client's part in the pool
 */
record PoolRequest(String client, Charge charge, Share share) {

    /** @param call one that has a share */
    static PoolRequest of(Call call) {
        return new PoolRequest(call.subject().id(), call.charges().get(0), Objects.requireNonNull(call.share()));
    }

    /** The pool's keys, and that of the client's own limit after them if it has one. */
    List<String> keys() {
        String pool = share.pool().name();
        List<String> keys = new ArrayList<>(RedisKeys.pool(pool));
        if (charge.besidePool() != null) {
            keys.add(RedisKeys.poolUsage(pool, charge.policy(), client));
        }
        return keys;
    }

    /** The pool's limit, and the client's own after it if it has one, as {@code limits.lua} reads them. */
    String limits() {
        Limit own = charge.besidePool();
        String numbers = AcquireScript.numbersOf(share.pool().limit());
        return "[" + (own == null ? numbers : numbers + "," + AcquireScript.numbersOf(own)) + "]";
    }
}
