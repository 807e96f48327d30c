package dev.weir.faults;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The instances of one fault, under load. */
final class Scene implements AutoCloseable {

    private static final Duration START = Duration.ofSeconds(30);

    private final Path directory;
    private final Path settings;
    private final List<String> store;
    private final List<String> lines;
    private final List<Instance> instances = new CopyOnWriteArrayList<>();
    private final Map<Instance, Integer> loggedBefore = new HashMap<>();
    private final List<Traffic> kinds;
    private Load load;
    private Sharing sharing;

    /** @param lines settings that lead to the store */
    Scene(Path directory, List<String> lines) throws IOException {
        this(directory, lines, Traffic.UNDER_FAULTS, Traffic.settings());
    }

    /** @param limits the settings that all traffic is under */
    Scene(Path directory, List<String> lines, List<Traffic> kinds, List<String> limits) throws IOException {
        this.directory = directory;
        this.kinds = kinds;
        this.settings = directory.resolve("limits.properties");
        this.store = Stream.concat(
                        Stream.of("weir.store = redisson", "weir.store-deadline = " + Trial.DEADLINE_MILLIS + "ms"),
                        lines.stream())
                .toList();
        this.lines = Stream.concat(store.stream(), limits.stream()).toList();
        Files.write(settings, this.lines);
    }

    /** Other limits, at once for all that read the file. */
    void rewrite(List<String> limits) throws IOException {
        Path next = settings.resolveSibling("next.properties");
        Files.write(next, Stream.concat(store.stream(), limits.stream()).toList());
        Files.move(next, settings, StandardCopyOption.ATOMIC_MOVE);
    }

    /** The file of settings that all instances watch. */
    Path settings() {
        return settings;
    }

    /** What the file says at first. */
    List<String> lines() {
        return lines;
    }

    /** The instances in the order of their starts, with those that have ended. */
    List<Instance> instances() {
        return instances;
    }

    /**
     * Starts an instance, without load.
     *
     * @param options of its virtual machine
     */
    Instance launch(List<String> options) throws IOException {
        return launch(Instance.FREE_PORT, options);
    }

    private Instance launch(int port, List<String> options) throws IOException {
        Path base = directory.resolve("instance-" + (instances.size() + 1));
        Instance instance = Instance.start(settings, base, port, options);
        instances.add(instance);
        return instance;
    }

    /** Starts an instance beside those under load, and load on it. */
    Instance join() throws IOException {
        return underLoad(launch(List.of()));
    }

    /** The same on the port of an instance that has ended. */
    Instance joinInPlaceOf(Instance ended) throws IOException {
        return underLoad(launch(ended.port(), List.of()));
    }

    private Instance underLoad(Instance instance) {
        loggedBefore.put(instance, instance.messages());
        load.start(instance);
        return instance;
    }

    void awaitInstances(int count) {
        await().atMost(START).until(() -> running().stream().allMatch(each -> each.counted() == count));
    }

    /** Those that do not end. */
    List<Instance> running() {
        return instances.stream().filter(each -> !each.isLeaving()).toList();
    }

    /** Load on all that run; again, once it was stopped. */
    void startLoad() {
        load = new Load(kinds);
        running().forEach(load::start);
        sharing = new Sharing(instances);
    }

    /** What those hold that run. */
    Map<Instance, Footprint> footprints() {
        return running().stream().collect(Collectors.toMap(each -> each, Instance::footprint));
    }

    /** From now on messages are counted. */
    void markLogs() {
        instances.forEach(each -> loggedBefore.put(each, each.messages()));
    }

    /** As {@link Sharing#sharedAfter}. */
    Optional<Duration> sharedAfter(long nanos) {
        return sharing.sharedAfter(nanos);
    }

    /** What has been answered so far. */
    List<Answer> answers() {
        return load.answers();
    }

    List<Answer> stopLoad() throws InterruptedException {
        sharing.stop();
        return load.stop();
    }

    /** How many messages the instance has logged since the mark that has logged the most. */
    int mostMessages() {
        return loggedBefore.entrySet().stream()
                .mapToInt(each -> each.getKey().messages() - each.getValue())
                .max()
                .orElse(0);
    }

    /**
     * Lets real time pass under load: while a fault lasts or all is well, while requests are watched before they are
     * judged, and between two looks at what has become of them.
     */
    static void pause(double seconds) throws InterruptedException {
        Thread.sleep((long) (seconds * 1_000));
    }

    @Override
    public void close() {
        instances.forEach(Instance::close);
    }
}
