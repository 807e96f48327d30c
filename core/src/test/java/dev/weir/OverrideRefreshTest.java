package dev.weir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.weir.store.StoreException;
import dev.weir.store.StoreException.Kind;
import dev.weir.store.Subject;
import dev.weir.store.VirtualScheduler;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** When the store is asked for what was set, on virtual time. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // What asks for ever fails.
class OverrideRefreshTest {

    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

    private final VirtualScheduler time = new VirtualScheduler();
    private final List<String> learnt = new ArrayList<>();
    private final Set<String> failing = new HashSet<>();
    private boolean isAnswering = true;
    private Runnable meanwhile = () -> {};
    private final OverrideRefresh refresh = new OverrideRefresh(this::learn, () -> isAnswering, time);

    private void learn(Subject subject) {
        if (failing.contains(subject.id())) {
            throw new StoreException(Kind.TIMEOUT, "on purpose", new IllegalStateException());
        }
        learnt.add(subject.id());
        meanwhile.run();
    }

    private void changed(String... clients) {
        for (String client : clients) {
            refresh.changed(Subject.client(client));
        }
    }

    @AfterEach
    void close() {
        refresh.close();
    }

    @Test
    void announced_isAskedForOnce_andNotOnTheThreadThatAnnounces() {
        changed("alice", "alice", "bob");
        assertThat(learnt).isEmpty();

        time.advance(10 * SECOND);

        assertThat(learnt).containsExactlyInAnyOrder("alice", "bob");
    }

    @Test
    void noThreadCanBeStarted_aLaterAnnouncementStartsIt() {
        time.isExhausted = true;
        assertThatThrownBy(() -> changed("alice")).isInstanceOf(InternalError.class);
        time.isExhausted = false;

        changed("alice");
        time.advance(SECOND);

        assertThat(learnt).containsExactly("alice");
    }

    @Test
    void storeIsAway_nothingIsAsked_untilItAnswers() {
        isAnswering = false;
        changed("alice");
        time.advance(60 * SECOND);
        assertThat(learnt).isEmpty();

        isAnswering = true;
        time.advance(SECOND);

        assertThat(learnt).containsExactly("alice");
    }

    /** The master of a cluster that keeps one of them may be away. */
    @Test
    void noAnswerForOne_othersAreLearnt_andItIsAskedForAgain() {
        failing.add("alice");
        changed("alice", "bob", "carol");
        time.advance(10 * SECOND);
        assertThat(learnt).containsExactlyInAnyOrder("bob", "carol");

        failing.clear();
        time.advance(SECOND);

        assertThat(learnt).hasSize(3).endsWith("alice");
    }

    /** The same of many: none of them is asked for twice before all others were. */
    @Test
    void noAnswerForMany_othersAreLearnt() {
        for (int i = 0; i < 1_000; i++) {
            failing.add("away-" + i);
            changed("away-" + i, "there-" + i);
        }

        time.advance(SECOND);

        assertThat(learnt).hasSize(1_000).allMatch(id -> id.startsWith("there-"));
    }

    /** The answer may be from before that. */
    @Test
    void changedWhileItIsAskedFor_isAskedForAgain() {
        meanwhile = () -> {
            meanwhile = () -> {};
            changed("alice");
        };
        changed("alice");

        time.advance(SECOND);

        assertThat(learnt).containsExactly("alice", "alice");
    }

    @Test
    void storeIsAway_whatIsDueIsBounded() {
        isAnswering = false;
        for (int i = 0; i < KnownOverrides.MOST + 1_000; i++) {
            changed("client-" + i);
        }
        isAnswering = true;
        time.advance(SECOND);

        assertThat(learnt).hasSize(KnownOverrides.MOST);
    }

    @Test
    void closed_nothingIsAskedAnyMore() {
        meanwhile = refresh::close;
        changed("alice", "bob");

        time.advance(10 * SECOND);

        assertThat(learnt).hasSize(1);
    }
}
