package dev.weir.memory;

import dev.weir.limit.FixedWindowState;
import dev.weir.limit.State;
import dev.weir.limit.TokenBucket;
import dev.weir.limit.TokenBucketTally;
import dev.weir.limit.Usage;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What clients have used, by policy and client. Entries that are over are removed a few at a time, so that no request
 * waits for a sweep; and a table may have a largest size. Not thread-safe.
 *
 * <pre>
 *   states   search: alice -> ..., bob -> ...     export: alice -> ...
 *   ring     | search/alice | search/bob | export/alice |        each entry once
 *                             ^ hand: looks at the next, removes those that have been over for a second
 * </pre>
 *
 * <p>An entry that is over is as good as none, but a client that comes again soon is spared a new one: most clients use
 * so little of their limits that at each request they have all of it. So an entry is removed once it has been over for
 * {@value #KEPT_MICROS} microseconds.
 *
 * <p>A new entry moves the hand by two. So such an entry is found before the table has grown by half, and the table
 * holds at most about twice what was in use within the last second. Beside that a sweep moves the hand now and then,
 * for tables that do not grow. In a full table the hand removes whatever is over.
 *
 * <p>A full table that is in use evicts, of a few entries, the one with the fewest permits in use: forgetting it gives
 * back the fewest. Of equal ones it evicts the one that would be over first.
 */
final class UsageTable {

    /** No largest size. */
    static final int UNBOUNDED = Integer.MAX_VALUE;

    /** How long an entry is kept after it is over: a second. */
    static final long KEPT_MICROS = 1_000_000;

    private static final int LOOKED_AT_BY_NEW = 2;
    private static final int SAMPLE = 8;
    private static final int SMALLEST_RING = 16;

    /** What was forgotten on purpose, until the hand comes by. */
    private static final State GONE = new FixedWindowState(1, 0, 0);

    private final int most;
    private final int lookedAtByNew;
    private final Map<String, Map<String, Usage>> states = new HashMap<>();
    private String[] policies = new String[SMALLEST_RING];
    private String[] clients = new String[SMALLEST_RING];
    private int size;
    private int hand;
    private int random = 0x9E3779B9;

    /** @param most the most entries, at least 1 */
    UsageTable(int most) {
        this(most, LOOKED_AT_BY_NEW);
    }

    /** @param lookedAtByNew how many entries each new one looks at, whether they are over */
    UsageTable(int most, int lookedAtByNew) {
        this.most = most;
        this.lookedAtByNew = lookedAtByNew;
    }

    int size() {
        return size;
    }

    /** Under how many names there are entries. */
    int names() {
        return states.size();
    }

    /** For how many entries there are places now. */
    int places() {
        return clients.length;
    }

    @Nullable State get(String policy, String client) {
        Map<String, Usage> ofPolicy = states.get(policy);
        Usage kept = ofPolicy == null ? null : ofPolicy.get(client);
        return kept == null || kept == GONE ? null : kept.asState();
    }

    /**
     * What is kept, to be changed in place from now on by this limit; null if nothing is, or it {@linkplain
     * TokenBucket#tally would not do}.
     */
    @Nullable TokenBucketTally tally(String policy, String client, TokenBucket limit, long nowMicros) {
        Map<String, Usage> ofPolicy = states.get(policy);
        Usage kept = ofPolicy == null ? null : ofPolicy.get(client);
        TokenBucketTally tally = kept == null ? null : limit.tally(kept, nowMicros);
        if (ofPolicy != null && tally != null && tally != kept) {
            ofPolicy.put(client, tally);
        }
        return tally;
    }

    /** @param nowMicros by which entries that are over are removed: not later than the clock */
    void put(String policy, String client, State state, long nowMicros) {
        Map<String, Usage> ofPolicy = states.get(policy);
        if (ofPolicy == null) {
            ofPolicy = new HashMap<>();
            states.put(policy, ofPolicy);
        }
        if (ofPolicy.put(client, state) == null) {
            added(policy, client, nowMicros);
        }
    }

    private void added(String policy, String client, long nowMicros) {
        sweep(lookedAtByNew, size == most ? nowMicros : nowMicros - KEPT_MICROS);
        if (size == most) {
            evict(nowMicros);
        }
        if (size == clients.length) {
            resizeRing(2 * size);
        }
        policies[size] = policy;
        clients[size] = client;
        size++;
    }

    /** Forgets what a client has used. */
    void forget(String policy, String client) {
        Map<String, Usage> ofPolicy = states.get(policy);
        if (ofPolicy != null) {
            ofPolicy.replace(client, GONE);
        }
    }

    /** Looks at the next few entries, and removes those that were over at a moment. */
    void sweep(int entries, long overAtMicros) {
        for (int i = Math.min(entries, size); i > 0; i--) {
            if (stateAt(hand).emptyAtMicros() <= overAtMicros) {
                remove(hand);
            } else {
                hand++;
            }
            hand = hand < size ? hand : 0;
        }
    }

    /** Gives back the room of a crowd that has gone: neither maps nor arrays do so by themselves. */
    void trim() {
        if (size > clients.length / 4 || clients.length == SMALLEST_RING) {
            return;
        }
        resizeRing(Math.max(SMALLEST_RING, 2 * size));
        states.replaceAll((policy, ofPolicy) -> new HashMap<>(ofPolicy));
    }

    private void evict(long nowMicros) {
        boolean isSmall = size <= 2 * SAMPLE;
        int least = isSmall ? 0 : randomPlace();
        for (int i = 1; i < (isSmall ? size : SAMPLE); i++) {
            int other = isSmall ? i : randomPlace();
            least = isLess(stateAt(other), stateAt(least), nowMicros) ? other : least;
        }
        remove(least);
        hand = hand < size ? hand : 0;
    }

    /** Marsaglia's xorshift: neighbours came together, and may all be in heavy use. */
    private int randomPlace() {
        random ^= random << 13;
        random ^= random >>> 17;
        random ^= random << 5;
        return Math.floorMod(random, size);
    }

    private static boolean isLess(Usage one, Usage other, long nowMicros) {
        int compared = Long.compare(one.permitsUsed(nowMicros), other.permitsUsed(nowMicros));
        return compared < 0 || compared == 0 && one.emptyAtMicros() < other.emptyAtMicros();
    }

    private Usage stateAt(int place) {
        return Objects.requireNonNull(ofPolicyAt(place).get(clients[place]));
    }

    private Map<String, Usage> ofPolicyAt(int place) {
        return Objects.requireNonNull(states.get(policies[place]));
    }

    private void remove(int place) {
        Map<String, Usage> ofPolicy = ofPolicyAt(place);
        ofPolicy.remove(clients[place]);
        if (ofPolicy.isEmpty()) {
            states.remove(policies[place]); // Requests may name any number of actions, each with a use of its own.
        }
        size--;
        policies[place] = policies[size];
        clients[place] = clients[size];
        policies[size] = null;
        clients[size] = null;
    }

    private void resizeRing(int length) {
        policies = Arrays.copyOf(policies, length);
        clients = Arrays.copyOf(clients, length);
    }
}
