package dev.weir.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * A {@link Soak}: one minute, or as many as the property {@code soak.minutes} says. What is made, and in which order,
 * is the same again with the same {@code soak.seed}; when, is the machine's doing.
 */
class SoakIT {

    private static final Path TARGET = Path.of("target");
    private static final int MINUTES = Integer.getInteger("soak.minutes", 1);

    /** Of the minute that every build makes, so that what a build finds comes from its changes. The profile draws one. */
    private static final int SEED_OF_BUILDS = 821_292;

    private static final int PROGRESS_SECONDS = 10;
    private static final double AFTER_SECONDS = 2;

    /** A pool's keys stay for a minute after its last use. */
    private static final Duration EXPIRED = Duration.ofSeconds(MINUTES > 1 ? 90 : 20);

    /** What a fault takes. The last one begins so long before the end. */
    private static final Duration FAULT = Duration.ofSeconds(6);

    private static final Duration RESTED = Duration.ofSeconds(20);

    @Test
    void manyThingsGoWrong_andAllPromisesHold() throws Exception {
        int drawn = MINUTES > 1 ? ThreadLocalRandom.current().nextInt(1_000_000) : SEED_OF_BUILDS;
        long seed = Long.getLong("soak.seed", drawn);
        System.out.printf("soak: %d min, -Dsoak.seed=%d%n", MINUTES, seed);
        SoakReport report;
        try (Soak soak = new Soak(TARGET.resolve("soak").toAbsolutePath())) {
            report = run(soak, seed);
        }
        Files.writeString(TARGET.resolve("soak.md"), report.markdown());
        System.out.println(report.markdown());
        assertThat(report.wrongs()).as("-Dsoak.seed=%d", seed).isEmpty();
        assumeTrue(report.late().isEmpty() || !report.isMachineBusy(), "the machine is too busy: " + report.late());
        assertThat(report.late()).as("-Dsoak.seed=%d", seed).isEmpty();
    }

    private static SoakReport run(Soak soak, long seed) throws Exception {
        Scene scene = soak.scene();
        soak.start();
        int keysBefore = Keys.of(soak.redis()).count();
        Stalls stalls = Stalls.start();
        soak.warmUp();
        long endNanos = System.nanoTime() + Duration.ofMinutes(MINUTES).toNanos();
        Map<Instance, SoakReport.Held> before = held(scene);
        soak.begin();
        disturb(soak, seed, endNanos);
        Scene.pause(AFTER_SECONDS);
        List<Answer> answers = scene.stopLoad();
        double stalled = stalls.stop();
        Keys keys = Keys.of(soak.redis());
        List<String> failures = new ArrayList<>(soak.failures());
        keys.immortal().forEach(key -> failures.add("it never expires: " + key));
        try {
            soak.settle();
            assertAgreed(scene);
            scene.awaitInstances(Soak.INSTANCES);
        } catch (AssertionError e) {
            failures.add("in the end: " + e.getMessage());
        }
        Set<String> left = awaitKeys(soak);
        if (!left.equals(soak.kept())) {
            failures.add("keys that should be gone, or there: %s, not %s".formatted(left, soak.kept()));
        }
        scene.instances().forEach(each -> each.errors().forEach(System.out::println));
        System.out.printf(
                "disturbances %s%nkeys before %d, under load %d, after %d; calls that failed by themselves %d%n",
                soak.made(),
                keysBefore,
                keys.count(),
                left.size(),
                soak.losses().calls());
        List<String> late = new ArrayList<>(soak.late());
        notMade(soak).forEach(each -> late.add("it was not made: " + each));
        return SoakReport.of(
                soak.entitlements(), answers, soak.sharedAfter(), holdings(scene, before), stalled, late, failures);
    }

    /** Changes and faults come side by side. */
    private static void disturb(Soak soak, long seed, long endNanos) throws Exception {
        long startNanos = System.nanoTime();
        Schedule faults = new Schedule(seed, Disturbance.FAULTS, 1, 3);
        Schedule changes = new Schedule(~seed, Disturbance.CHANGES, 0.5, 2);
        List<Thread> lanes = List.of(
                new Thread(() -> soak.disturb(faults, endNanos - FAULT.toNanos()), "faults"),
                new Thread(() -> soak.disturb(changes, endNanos), "changes"));
        lanes.forEach(Thread::start);
        for (int looks = 1; lanes.stream().anyMatch(Thread::isAlive); looks++) {
            Scene.pause(1);
            soak.losses().look();
            if (looks % PROGRESS_SECONDS == 0) {
                System.out.printf(
                        "soak: %d s, %s, %d calls failed%n",
                        (System.nanoTime() - startNanos) / 1_000_000_000,
                        soak.made(),
                        soak.losses().calls());
            }
        }
        Files.write(TARGET.resolve("soak").resolve("journal.txt"), soak.journal());
    }

    /** A machine that does other things may not come to all of them in a minute. */
    private static List<String> notMade(Soak soak) {
        return Stream.of(Disturbance.FAULTS, Disturbance.CHANGES)
                .flatMap(List::stream)
                .map(Disturbance::name)
                .filter(each -> !soak.made().containsKey(each))
                .toList();
    }

    private static Map<Instance, SoakReport.Held> held(Scene scene) {
        Map<Instance, SoakReport.Held> held = new LinkedHashMap<>();
        scene.running().forEach(each -> held.put(each, SoakReport.Held.of(each)));
        return held;
    }

    /** Idle threads end by themselves, and so do idle connections: they are given time. */
    private static List<SoakReport.Holdings> holdings(Scene scene, Map<Instance, SoakReport.Held> before)
            throws InterruptedException {
        long endNanos = System.nanoTime() + RESTED.toNanos();
        List<SoakReport.Holdings> holdings = compared(scene, before);
        while (holdings.stream().anyMatch(SoakReport.Holdings::isTooMuch) && System.nanoTime() < endNanos) {
            Scene.pause(1);
            holdings = compared(scene, before);
        }
        return holdings;
    }

    /** With what each held before; one that has started since, with what the first one held. */
    private static List<SoakReport.Holdings> compared(Scene scene, Map<Instance, SoakReport.Held> before) {
        SoakReport.Held first = before.get(scene.instances().get(0));
        return scene.running().stream()
                .map(each -> new SoakReport.Holdings(
                        Integer.toString(scene.instances().indexOf(each) + 1),
                        before.getOrDefault(each, first),
                        SoakReport.Held.of(each)))
                .toList();
    }

    /** A client that no instance knows is admitted once, not once by each. */
    private static void assertAgreed(Scene scene) throws IOException {
        long startNanos = System.nanoTime();
        int admitted = 0;
        for (int i = 0; i < SoakTraffic.FRESH; i++) {
            for (Instance each : scene.running()) {
                try (Connection connection = new Connection(each.port())) {
                    admitted +=
                            connection.get("/try/fresh?client=fresh", "fresh").status() == 200 ? 1 : 0;
                }
            }
        }
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        int back = (int) (seconds * SoakTraffic.FRESH / SoakTraffic.FRESH_SECONDS);
        assertThat(admitted)
                .as("permits of a fresh client, in %.2f s", seconds)
                .isBetween(SoakTraffic.FRESH, SoakTraffic.FRESH + back);
    }

    /** The keys that are left when all usage has expired. In a minute's soak a pool's are not waited for. */
    private static Set<String> awaitKeys(Soak soak) throws InterruptedException {
        long endNanos = System.nanoTime() + EXPIRED.toNanos();
        Set<String> left = keys(soak);
        while (!left.equals(soak.kept()) && System.nanoTime() < endNanos) {
            Scene.pause(0.5);
            left = keys(soak);
        }
        return left;
    }

    private static Set<String> keys(Soak soak) {
        Keys keys = Keys.of(soak.redis());
        return (MINUTES > 1 ? keys : keys.withoutPools()).ttls().keySet();
    }
}
