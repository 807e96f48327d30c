package dev.weir;

import dev.weir.lease.ClockCache;
import dev.weir.limit.Terms;
import dev.weir.store.Overrides;
import dev.weir.store.Scheduler;
import dev.weir.store.Subject;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What this instance knows of the {@link Overrides} that the store has. To forget is only to ask again: the store
 * compares versions before it decides. Thread-safe.
 *
 * <p>What is set takes room by the number of clients and buckets for which numbers were set. That nothing is set is
 * remembered for {@link #RECENT_NANOS} only, and apart from it: callers choose ids, and must not evict what is set for
 * others.
 */
final class KnownOverrides {

    /**
     * The most subjects whose overrides are remembered, at about 370 bytes each: 48 MB, if so many are in use. A
     * subject that is forgotten costs its next request one call more.
     */
    static final int MOST = 1 << 17;

    /** The most answers that are remembered for a short time: 3.5 MB. */
    static final int MOST_ANSWERS = 1 << 14;

    /** The most terms of which those that are equal are known. */
    private static final int MOST_TERMS = 1 << 12;

    /**
     * How long an answer counts where the store compares no version: for clients of pools, and for buckets that do not
     * exist.
     */
    static final long RECENT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final ClockCache<Subject, Overrides> set = new ClockCache<>(MOST);
    private final ClockCache<Terms, Terms> terms = new ClockCache<>(MOST_TERMS);
    private final ClockCache<Subject, Answer> answers = new ClockCache<>(MOST_ANSWERS);
    private final Scheduler scheduler;
    private volatile long changes;

    KnownOverrides(Scheduler scheduler) {
        this.scheduler = scheduler;
    }

    /**
     * A question to the store, from before it is asked.
     *
     * @param atNanos when, on the monotonic clock
     * @param changes how many this instance had been notified of by then
     */
    record Question(long atNanos, long changes) {}

    private record Answer(long askedNanos, Overrides overrides) {}

    /** What is set for a subject, as last known; {@link Overrides#NONE} if nothing is known. */
    Overrides of(Subject subject) {
        Overrides known = set.get(subject);
        return known == null ? Overrides.NONE : known;
    }

    /** {@link #of} a client, without a subject where nothing is set for any client. */
    Overrides ofClient(String client) {
        return isEmpty() ? Overrides.NONE : of(Subject.client(client));
    }

    /** Whether it is not known of any subject that something is set for it. */
    boolean isEmpty() {
        return set.isEmpty();
    }

    /** What the store answered, if it was asked so recently that the answer still counts. */
    Optional<Overrides> recent(Subject subject) {
        Answer answer = answers.get(subject);
        return answer != null && scheduler.nanoTime() - answer.askedNanos() < RECENT_NANOS
                ? Optional.of(answer.overrides())
                : Optional.empty();
    }

    /** Whether nothing was set for a subject a moment ago. */
    boolean isAbsent(Subject subject) {
        return recent(subject).filter(Overrides::isEmpty).isPresent();
    }

    Question question() {
        long before = changes;
        return new Question(scheduler.nanoTime(), before);
    }

    /**
     * Remembers an answer, and lets it count for a while, unless something has changed meanwhile: it may be from before
     * that.
     *
     * @return the same, for which limits may have been resolved already
     */
    synchronized Overrides remember(Subject subject, Overrides latest, Question question) {
        Overrides shared = remember(subject, latest);
        if (question.changes() == changes) {
            answers.put(subject, new Answer(question.atNanos(), shared));
        }
        return shared;
    }

    /** As {@link #remember(Subject, Overrides, Question)}, of what the store has said beside a decision. */
    Overrides remember(Subject subject, Overrides latest) {
        if (latest.isEmpty()) {
            set.remove(subject);
            return latest;
        }
        Overrides shared = withSharedTerms(latest);
        set.put(subject, shared);
        return shared;
    }

    /** Many subjects have the same terms: they are kept once, so that limits are resolved once. */
    private Overrides withSharedTerms(Overrides overrides) {
        Map<String, Terms> shared = new HashMap<>();
        overrides.terms().forEach((policy, own) -> {
            Terms known = terms.get(own);
            if (known == null) {
                terms.put(own, own);
            }
            shared.put(policy, known == null ? own : known);
        });
        return new Overrides(overrides.version(), overrides.plan(), shared);
    }

    /** Something was set for a subject: the store is asked again. */
    synchronized void forget(Subject subject) {
        changes++; // Under the lock: written by one thread at a time.
        answers.remove(subject);
    }

    /** Something may have been set for any subject. */
    synchronized void forgetAll() {
        changes++; // Under the lock: written by one thread at a time.
        answers.clear();
    }

    /** How many entries take room now. */
    int size() {
        return set.size() + answers.size();
    }
}
