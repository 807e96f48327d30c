package dev.weir;

import dev.weir.limit.Algorithm;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Runs some simulated clusters, and prints what tells each run from any other: a line for each. */
final class ClusterDigest {

    private static final int SEEDS = 13;

    private ClusterDigest() {}

    static String ofSomeRuns() {
        StringBuilder lines = new StringBuilder();
        for (Algorithm algorithm : Algorithm.values()) {
            for (long seed = 0; seed < SEEDS; seed++) {
                try (ClusterSimulation cluster = new ClusterSimulation(seed, algorithm)) {
                    cluster.run();
                    lines.append("%s %d: %d steps, %x%n".formatted(algorithm, seed, cluster.steps(), cluster.digest()));
                }
            }
        }
        return lines.toString();
    }

    public static void main(String[] arguments) {
        Logger.getLogger("dev.weir").setLevel(Level.OFF);
        System.out.print(ofSomeRuns());
    }
}
