package dev.weir.filter.admin;

import dev.weir.limit.Limit;
import dev.weir.limit.Meter;
import dev.weir.limit.State;
import dev.weir.store.MicrosClock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Limits wrong tokens: an address may send 10 at once, and one every 6 seconds from then on. Beyond that no token from
 * it is compared, not even the right one: otherwise its guesses would go on. Other addresses are not concerned, so no
 * stranger keeps an administrator out who is elsewhere.
 *
 * <p>It counts for itself, in the memory of this instance. At most 10,000 addresses are remembered. Beyond that the one
 * that has not sent a token for the longest time is forgotten, and may begin anew. Thread-safe.
 */
final class GuessLimit {

    static final int MOST_ADDRESSES = 10_000;

    private static final Meter LIMIT =
            Limit.tokenBucket(1, Duration.ofSeconds(6), 10).meter();

    private final MicrosClock clock;

    /** By address, the one that has sent nothing for the longest time first. */
    private final Map<String, State> wrong = new LinkedHashMap<>(16, 0.75f, true);

    GuessLimit(MicrosClock clock) {
        this.clock = clock;
    }

    /**
     * The answer to a token that is wrong, or that comes too early; empty if it is right. It is compared under the
     * lock: tokens that come at once are as many guesses as tokens that come in turn.
     *
     * @param isRight compares the token
     */
    synchronized Optional<AdminAnswer> refusal(String address, BooleanSupplier isRight) {
        long nowMicros = clock.nowMicros();
        State used = LIMIT.advance(wrong.get(address), nowMicros);
        if (LIMIT.remaining(used, nowMicros) == 0) {
            return Optional.of(AdminProblem.tooManyGuesses(LIMIT.retryAfterMicros(used, nowMicros, 1)));
        }
        if (isRight.getAsBoolean()) {
            return Optional.empty();
        }
        remember(address, LIMIT.charge(used, nowMicros, 1));
        return Optional.of(AdminProblem.unauthorized());
    }

    private void remember(String address, State used) {
        wrong.put(address, used);
        if (wrong.size() > MOST_ADDRESSES) {
            wrong.remove(wrong.keySet().iterator().next());
        }
    }

    /** How many addresses are remembered. */
    synchronized int addresses() {
        return wrong.size();
    }
}
