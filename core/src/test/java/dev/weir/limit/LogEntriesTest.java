package dev.weir.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.weir.limit.SlidingLogState.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LogEntriesTest {

    /** Lists that follow from each other in all directions, each beside a copy that shares nothing. */
    @Test
    void randomSteps_asCopiesThatShareNothing() {
        Random random = new Random(3);
        List<LogEntries> lists = new ArrayList<>(List.of(LogEntries.NONE));
        List<List<Entry>> models = new ArrayList<>(List.of(List.of()));
        for (int i = 0; i < 20_000; i++) {
            int parent = Math.max(0, lists.size() - 1 - random.nextInt(10));
            LogEntries list = lists.get(parent);
            List<Entry> model = models.get(parent);
            long last = model.isEmpty() ? 0 : model.get(model.size() - 1).atMicros();
            if (random.nextInt(3) > 0) {
                long at = last + random.nextInt(3);
                long cost = 1 + random.nextInt(3);
                lists.add(list.plus(at, cost));
                models.add(plus(model, at, cost));
            } else {
                long after = last - random.nextInt(i % 1_000 < 500 ? 200 : 20);
                lists.add(list.after(after));
                models.add(after(model, after));
            }
            assertSame(lists.get(lists.size() - 1), models.get(models.size() - 1), random);
            assertSame(list, model, random);
        }
    }

    private static List<Entry> plus(List<Entry> model, long at, long cost) {
        List<Entry> more = new ArrayList<>(model);
        int last = more.size() - 1;
        if (last >= 0 && more.get(last).atMicros() == at) {
            more.set(last, new Entry(at, more.get(last).cost() + cost));
        } else {
            more.add(new Entry(at, cost));
        }
        return more;
    }

    private static List<Entry> after(List<Entry> model, long micros) {
        return model.stream().filter(entry -> entry.atMicros() > micros).toList();
    }

    private static void assertSame(LogEntries list, List<Entry> model, Random random) {
        assertThat(list).isEqualTo(model);
        assertThat(list.isEmpty()).isEqualTo(model.isEmpty());
        long micros =
                model.isEmpty() ? 0 : model.get(random.nextInt(model.size())).atMicros() - random.nextInt(2);
        List<Entry> after = after(model, micros);
        long used = after.stream().mapToLong(Entry::cost).sum();
        assertThat(list.usedAfter(micros)).isEqualTo(used);
        if (used > 0) {
            long wanted = 1 + random.nextInt((int) used);
            long reached = 0;
            int i = -1;
            while (reached < wanted) {
                reached += after.get(++i).cost();
            }
            assertThat(list.reaches(wanted, micros)).isEqualTo(after.get(i).atMicros());
        }
    }

    @Test
    void of_listInOrder_theSameEntries() {
        List<Entry> entries = List.of(new Entry(1, 2), new Entry(4, 1), new Entry(9, 7));

        assertThat(LogEntries.of(entries)).isEqualTo(entries);
        assertThat(LogEntries.of(entries).plus(9, 1)).endsWith(new Entry(9, 8));
        assertThat(LogEntries.of(List.of())).isSameAs(LogEntries.NONE);
        assertThatIllegalArgumentException().isThrownBy(() -> LogEntries.of(List.of(new Entry(1, 0))));
    }

    /** A list is shared between threads; what they make of it must not meet. */
    @Test
    void manyThreadsFromOneList_noneSeesWhatAnotherWrote() throws Exception {
        LogEntries shared = LogEntries.NONE;
        for (int i = 1; i <= 1_000; i++) {
            shared = shared.plus(i, 1);
        }
        LogEntries base = shared;
        ExecutorService executor = Executors.newFixedThreadPool(4);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int thread = 1; thread <= 4; thread++) {
                long cost = thread;
                running.add(executor.submit(() -> {
                    for (int round = 0; round < 200; round++) {
                        LogEntries own = base;
                        for (int i = 1_001; i <= 1_100; i++) {
                            own = own.plus(i, cost);
                        }
                        assertThat(own.size()).isEqualTo(1_100);
                        assertThat(own.usedAfter(0)).isEqualTo(1_000 + 100 * cost);
                        assertThat(own.get(1_050)).isEqualTo(new Entry(1_051, cost));
                    }
                    return null;
                }));
            }
            for (Future<?> thread : running) {
                thread.get(60, TimeUnit.SECONDS);
            }
        } finally {
            executor.shutdownNow();
        }
    }
}
