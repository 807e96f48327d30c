package dev.weir.redisson;

import dev.weir.store.ChangeListener;
import dev.weir.store.Subject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.redisson.api.RTopic;
import org.redisson.api.RedissonClient;
import org.redisson.api.listener.StatusListener;

/**
 * The topic of Redis on which {@code replace.lua} publishes each change of what is set at run time.
 *
 * <p>Redis publishes to whoever is subscribed at that moment, and keeps nothing: whenever a subscription is made, after
 * a connection was lost too, changes may have been missed, and the listeners are notified of a gap. A subscription that
 * fails is tried again later; until there is one, changes hold by their versions alone. Thread-safe.
 *
 * <p>Redisson subscribes again by itself after a connection was lost, but does not look at the answer: a user whose
 * rights were taken away meanwhile is announced nothing more. So a subscription whose connection broke and that Redis
 * has not confirmed since is made anew, which shows why it cannot be.
 */
final class Announcements {

    private static final Logger LOG = System.getLogger(RedissonStore.class.getName());
    private static final long BETWEEN_ATTEMPTS_NANOS = Duration.ofSeconds(5).toNanos();

    /** Redisson connects again within a second. */
    private static final long UNTIL_SUBSCRIBED_AGAIN_NANOS =
            Duration.ofSeconds(2).toNanos();

    private static final String SEPARATOR = " ";

    private final String channel;
    private final List<ChangeListener> listeners = new CopyOnWriteArrayList<>();

    /** By what Redisson knows this subscription: the application's client may have others. */
    private final List<Integer> ids = new ArrayList<>();

    private @Nullable RTopic subscribed;
    private long attemptedNanos;
    private boolean isSaid;
    private boolean isUnpublishedSaid;
    private @Nullable RedissonClient redisson;

    /** How many connections had broken when Redis last confirmed the subscription. */
    private long breaksBefore;

    /** Since when a broken connection is known of that is not confirmed again; 0 if there is none. */
    private long brokenNanos;

    private boolean isClosed;

    private final StatusListener status = new StatusListener() {
        @Override
        public void onSubscribe(String name) {
            confirmed();
            listeners.forEach(ChangeListener::onGap);
        }

        @Override
        public void onUnsubscribe(String name) {} // Redisson subscribes again by itself.
    };

    /** @param channel {@link RedisKeys#changes} */
    Announcements(String channel) {
        this.channel = channel;
    }

    private static RTopic topic(RedissonClient redisson, String channel) {
        return redisson.getTopic(channel, TextCodec.INSTANCE);
    }

    /** The name of the topic for a script, which Redisson does not map itself. */
    static String channel(RedissonClient redisson, RedisKeys keys) {
        return topic(redisson, keys.changes()).getChannelNames().get(0);
    }

    /** What is published of a change. */
    static String message(Subject subject) {
        return subject.kind().name().toLowerCase(Locale.ROOT) + SEPARATOR + subject.id();
    }

    void add(ChangeListener listener) {
        listeners.add(listener);
    }

    /** Subscribes if there are listeners and no subscription, made or under way. Does not block. */
    synchronized void subscribe(RedissonClient redisson) {
        long nowNanos = System.nanoTime();
        this.redisson = redisson;
        endIfLost(nowNanos);
        boolean isTooSoon = isSaid && nowNanos - attemptedNanos < BETWEEN_ATTEMPTS_NANOS;
        if (subscribed != null || isClosed || listeners.isEmpty() || isTooSoon) {
            return;
        }
        attemptedNanos = nowNanos;
        RTopic topic = topic(redisson, channel);
        subscribed = topic;
        NettyThreads.run(redisson, () -> subscribe(topic));
    }

    /** Ends a subscription whose connection broke, if Redisson has had the time to make it again, and has not. */
    private void endIfLost(long nowNanos) {
        RTopic topic = subscribed;
        if (topic == null || breaks() == breaksBefore) {
            brokenNanos = 0;
        } else if (brokenNanos == 0) {
            brokenNanos = nowNanos;
        } else if (nowNanos - brokenNanos > UNTIL_SUBSCRIBED_AGAIN_NANOS) {
            brokenNanos = 0;
            unsubscribe(topic);
        }
    }

    /** Of a client of the application's own it is not known: 0. */
    private long breaks() {
        return redisson != null && redisson.getConfig().getNettyHook() instanceof BrokenSubscriptions broken
                ? broken.count().get()
                : 0;
    }

    private synchronized void confirmed() {
        breaksBefore = breaks();
        brokenNanos = 0;
        if (isSaid) {
            LOG.log(Level.INFO, "changes at run time are announced to this instance again: {0}", channel);
        }
        isSaid = false;
    }

    /** Says once that changes are not published, and once that they are again. */
    synchronized void published(String whyNot) {
        boolean isPublished = whyNot.isEmpty();
        if (isPublished && isUnpublishedSaid) {
            LOG.log(Level.INFO, "this instance announces changes again: {0}", channel);
        } else if (!isPublished && !isUnpublishedSaid) {
            LOG.log(
                    Level.WARNING,
                    "a change was made, but not announced: it holds on every instance within a second ({0}); the user of Redis needs +publish &{1}",
                    whyNot,
                    channel);
        }
        isUnpublishedSaid = !isPublished;
    }

    /** The status first: no subscription may go unnoticed. */
    private void subscribe(RTopic topic) {
        try {
            topic.addListenerAsync(status)
                    .thenCompose(id -> {
                        keep(topic, id);
                        return topic.addListenerAsync(String.class, (name, message) -> announce(message));
                    })
                    .thenAccept(id -> {
                        keep(topic, id);
                        listeners.forEach(ChangeListener::onGap);
                    })
                    .exceptionally(failure -> {
                        failed(topic, failure);
                        return null;
                    });
        } catch (Throwable e) { // An Error as well, or no later attempt would be made.
            failed(topic, e);
        }
    }

    /** A client of the application's own goes on after this is closed. */
    private synchronized void keep(RTopic topic, int id) {
        if (isClosed) {
            topic.removeListenerAsync(id);
        } else {
            ids.add(id);
        }
    }

    private synchronized void failed(RTopic topic, Throwable failure) {
        if (isClosed) {
            return;
        }
        unsubscribe(topic);
        if (!isSaid) {
            LOG.log(
                    Level.WARNING,
                    "changes at run time are not announced to this instance and hold within a second: no subscription of {0} ({1}); the user of Redis needs +subscribe +unsubscribe +publish &{0}",
                    channel,
                    RedisFailure.reason(failure));
        }
        isSaid = true;
    }

    private void announce(String message) {
        Subject subject = read(message);
        if (subject == null) {
            return;
        }
        listeners.forEach(listener -> listener.onChange(subject));
    }

    /** Null if it is none of ours, or of a later version. */
    private static @Nullable Subject read(String message) {
        for (Subject.Kind kind : Subject.Kind.values()) {
            String prefix = message(new Subject(kind, ""));
            if (message.startsWith(prefix)) {
                return new Subject(kind, message.substring(prefix.length()));
            }
        }
        return null;
    }

    /** Of a connection that may go on without the store. */
    synchronized void close() {
        isClosed = true;
        RTopic topic = subscribed;
        if (topic != null) {
            unsubscribe(topic);
        }
    }

    private void unsubscribe(RTopic topic) {
        subscribed = null;
        if (!ids.isEmpty()) {
            topic.removeListenerAsync(ids.toArray(Integer[]::new));
            ids.clear();
        }
    }
}
