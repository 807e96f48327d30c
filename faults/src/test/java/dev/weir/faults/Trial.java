package dev.weir.faults;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Makes one fault, between a time in which all is well and one in which all should be well again. */
final class Trial {

    /** {@code weir.store-deadline} of all instances, in milliseconds. */
    static final long DEADLINE_MILLIS = Long.getLong("faults.deadline", 50);

    /** What every bound of time is given on top, in milliseconds: none but where a build runs beside others. */
    static final long SLACK_MILLIS = Long.getLong("faults.slack", 0);

    private static final int INSTANCES = 2;

    /**
     * Until classes are loaded and code is compiled, two instances keep two processors busy, and a healthy store is
     * late: half of the requests are slow. What comes in that time is not looked at. It is over when for so long no
     * more than one in a hundred was slow.
     */
    private static final double WARM_SECONDS = 2;

    private static final int WARM_PART = 100;

    private static final Duration WARM_UP = Duration.ofSeconds(60);

    /** Instances were stopped to be looked at; what came meanwhile is answered then. */
    private static final double SETTLE_SECONDS = 1;

    private static final double BEFORE_SECONDS = 1;
    private static final double AFTER_SECONDS = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(8);

    private Trial() {}

    @SuppressWarnings("try") // An AutoCloseable may throw an InterruptedException; none of these does.
    static <R extends AutoCloseable> Verdict of(Fault<R> fault, Path directory) throws Exception {
        Files.createDirectories(directory);
        try (R redis = fault.redis().start().get();
                Scene scene = new Scene(directory, fault.redis().settings().apply(redis, directory))) {
            scene.launch(List.of());
            scene.launch(fault.secondOptions().apply(redis));
            if (fault.redis().isThere()) {
                scene.awaitInstances(INSTANCES);
            }
            return underLoad(fault, redis, scene);
        }
    }

    private static <R extends AutoCloseable> Verdict underLoad(Fault<R> fault, R redis, Scene scene)
            throws InterruptedException {
        Stalls stalls = Stalls.start();
        scene.startLoad();
        boolean isWarm = warmUp(scene, WARM_UP);
        Map<Instance, Footprint> before = scene.footprints();
        Scene.pause(SETTLE_SECONDS);
        scene.markLogs();
        long fromNanos = System.nanoTime();
        Scene.pause(BEFORE_SECONDS);
        List<String> failures = new ArrayList<>();
        try {
            fault.act().run(scene, redis);
        } catch (Exception | AssertionError e) {
            failures.add(e.toString());
        }
        long endNanos = System.nanoTime();
        Optional<Duration> shared = awaitShared(scene, endNanos);
        Scene.pause(AFTER_SECONDS);
        List<Answer> answers = scene.stopLoad().stream()
                .filter(each -> each.sentNanos() >= fromNanos)
                .toList();
        double stalled = stalls.stop();
        Growth growth = Growth.of(before, scene.footprints());
        return Verdict.of(
                fault.allowance(), answers, endNanos, shared, scene.mostMessages(), growth, isWarm, stalled, failures);
    }

    /**
     * Waits until requests are fast, under load.
     *
     * @return whether they are warm in the end
     */
    static boolean warmUp(Scene scene, Duration atMost) throws InterruptedException {
        long endNanos = System.nanoTime() + atMost.toNanos();
        boolean isWarm = false;
        while (!isWarm && System.nanoTime() < endNanos) {
            long fromNanos = System.nanoTime();
            Scene.pause(WARM_SECONDS);
            List<Answer> lately = scene.answers().stream()
                    .filter(each -> each.receivedNanos() >= fromNanos)
                    .toList();
            long slow = lately.stream().filter(Answer::isSlow).count();
            isWarm = !lately.isEmpty() && slow * WARM_PART <= lately.size();
        }
        return isWarm;
    }

    /** How long after the end of a fault decisions were shared again; empty if they are not. */
    static Optional<Duration> awaitShared(Scene scene, long endNanos) throws InterruptedException {
        Optional<Duration> shared = Optional.empty();
        while (shared.isEmpty() && System.nanoTime() - endNanos < PATIENCE.toNanos()) {
            Scene.pause(0.1);
            shared = scene.sharedAfter(endNanos);
        }
        return shared;
    }
}
