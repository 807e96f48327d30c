package dev.weir.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What is held is counted, and nothing else. */
class FootprintTest {

    @Test
    void of_countsJavaThreadsButThoseThatFollowTheLoad() {
        Footprint seen = Footprint.of("""
                "main" #1 prio=5 os_prio=0
                   java.lang.Thread.State: RUNNABLE
                "weir-store-probe" #14 [123] daemon prio=5
                "netty-1-1" #15 prio=5
                "netty-1-2" #16 prio=5
                "qtp1855026648-17" #17 prio=5
                "C1 CompilerThread1" #18 daemon
                "Attach Listener" #27 daemon
                "G1 Conc#0" os_prio=0
                """, """
                 num     #instances         #bytes  class name (module)
                   1:             7            112  java.lang.Object
                Total            10            160
                """);

        assertThat(seen).isEqualTo(new Footprint(Map.of("main", 1L, "weir-store-probe", 1L, "netty--", 2L), 160));
    }

    /** What is made in between is seen: a thread, and 3 MB. */
    @Test
    void of_aProcess_seesAThreadAndItsHeap() throws InterruptedException {
        long pid = ProcessHandle.current().pid();
        CountDownLatch end = new CountDownLatch(1);
        Footprint before = Footprint.of(pid);
        byte[] held = new byte[3_000_000];
        Thread thread = new Thread(() -> awaitEnd(end), "looked-at");
        thread.start();
        Footprint after = Footprint.of(pid);
        end.countDown();
        thread.join();

        assertThat(after.threads()).containsEntry("looked-at", 1L);
        assertThat(before.threads()).doesNotContainKey("looked-at");
        assertThat(after.heapBytes() - before.heapBytes()).isGreaterThan(2_500_000);
        assertThat(held).hasSize(3_000_000);
    }

    private static void awaitEnd(CountDownLatch end) {
        try {
            end.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
