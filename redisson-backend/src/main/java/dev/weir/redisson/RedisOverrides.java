package dev.weir.redisson;

import dev.weir.store.Overrides;
import dev.weir.store.Page;
import dev.weir.store.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is set at run time, in Redis: a hash for each shard, of clients and of buckets, that never expires.
 *
 * @param scripts the connection
 * @param keys which hash
 */
record RedisOverrides(ScriptRunner scripts, RedisKeys keys) {

    private static final String START = "0";

    /**
     * One page looks no further, and may be empty: thousands of shards one after the other outlast every deadline.
     */
    private static final int MOST_SHARDS = 64;

    private static final int MOST_ENTRIES = 1_000;
    private static final Pattern NEXT = Pattern.compile("([0-9]{1,5}):([0-9]{1,20})");

    /** @param published is notified why the change was not published; of an empty text if it was */
    CompletableFuture<Boolean> replace(Subject subject, long expected, Overrides next, Consumer<String> published) {
        List<String> changed = subject.kind() == Subject.Kind.BUCKET
                ? List.of(keys.overrides(subject), keys.usage(subject.id(), Overrides.BUCKET))
                : List.of(keys.overrides(subject));
        return scripts.run(
                LuaScript.REPLACE,
                changed,
                reply -> {
                    boolean isSet = (Long) reply.get(0) == 1;
                    if (isSet) {
                        published.accept((String) reply.get(1));
                    }
                    return isSet;
                },
                subject.id(),
                Long.toString(expected),
                OverridesText.of(next),
                Announcements.channel(scripts.redisson(), keys),
                Announcements.message(subject));
    }

    /** @param from shard and cursor, with a colon between; empty to begin */
    CompletableFuture<Page> list(Subject.Kind kind, String from, int most) {
        Matcher next = NEXT.matcher(from.isEmpty() ? "0:" + START : from);
        if (!next.matches() || Integer.parseInt(next.group(1)) >= keys.shards()) {
            throw new IllegalArgumentException("'%s' is not where a page can begin".formatted(from));
        }
        int shard = Integer.parseInt(next.group(1));
        int end = Math.min(keys.shards(), shard + MOST_SHARDS);
        return list(kind, shard, end, next.group(2), Math.min(most, MOST_ENTRIES), new ArrayList<>());
    }

    private CompletableFuture<Page> list(
            Subject.Kind kind, int shard, int end, String cursor, int most, List<Map.Entry<String, Overrides>> found) {
        return scripts.run(
                        LuaScript.LIST,
                        List.of(keys.overrides(kind, shard)),
                        reply -> reply,
                        cursor,
                        Integer.toString(most))
                .thenCompose(reply -> {
                    for (int i = 1; i < reply.size(); i += 2) {
                        found.add(Map.entry((String) reply.get(i), OverridesText.read((String) reply.get(i + 1))));
                    }
                    boolean isShardRead = reply.get(0).equals(START);
                    int nextShard = isShardRead ? shard + 1 : shard;
                    String nextCursor = (String) reply.get(0);
                    if (nextShard == keys.shards()) {
                        return CompletableFuture.completedFuture(new Page(found, Optional.empty()));
                    }
                    return found.size() >= most || nextShard == end
                            ? CompletableFuture.completedFuture(
                                    new Page(found, Optional.of(nextShard + ":" + nextCursor)))
                            : list(kind, nextShard, end, nextCursor, most, found);
                });
    }
}
