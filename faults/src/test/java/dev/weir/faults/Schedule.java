package dev.weir.faults;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Disturbances at random, the same again for the same seed. Each is made once before any is made again. */
final class Schedule {

    /** What is made next, after a pause. */
    record Step(double pauseSeconds, Disturbance disturbance, int draw) {}

    private final Random random;
    private final List<Disturbance> all;
    private final double shortest;
    private final double longest;
    private final List<Disturbance> left = new ArrayList<>();

    /**
     * @param shortest the shortest pause, in seconds
     * @param longest the longest
     */
    Schedule(long seed, List<Disturbance> all, double shortest, double longest) {
        this.random = new Random(seed);
        this.all = all;
        this.shortest = shortest;
        this.longest = longest;
    }

    Step next() {
        if (left.isEmpty()) {
            left.addAll(all);
            Collections.shuffle(left, random);
        }
        double pause = shortest + random.nextDouble() * (longest - shortest);
        return new Step(pause, left.remove(left.size() - 1), random.nextInt(Integer.MAX_VALUE));
    }
}
