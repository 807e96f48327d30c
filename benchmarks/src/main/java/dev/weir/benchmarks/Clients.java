package dev.weir.benchmarks;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.apache.commons.rng.UniformRandomProvider;
import org.apache.commons.rng.sampling.distribution.DiscreteSampler;
import org.apache.commons.rng.sampling.distribution.DiscreteUniformSampler;
import org.apache.commons.rng.sampling.distribution.RejectionInversionZipfSampler;
import org.apache.commons.rng.simple.RandomSource;

/**
 * Which clients ask, in which order: drawn in advance and always the same, so that drawing costs no contender anything
 * and all contenders are asked alike.
 */
final class Clients {

    /** How many different clients there are where there are many. */
    static final int MANY = 100_000;

    static final String HOT = "client-1";

    /** A power of two, and much more than clients. */
    private static final int DRAWS = 1 << 20;

    private static final double ZIPF_EXPONENT = 1.0;
    private static final long SEED = 20_261_121;

    private final String[] draws;

    private Clients(String[] draws) {
        this.draws = draws;
    }

    /** One client, again and again. */
    static Clients hot() {
        return new Clients(new String[] {HOT});
    }

    /** Many clients, all equally often. */
    static Clients uniform() {
        return drawn(DiscreteUniformSampler.of(random(), 1, MANY));
    }

    /** Many clients, the n-th of them 1/n times as often as the first. */
    static Clients zipf() {
        return drawn(RejectionInversionZipfSampler.of(random(), MANY, ZIPF_EXPONENT));
    }

    private static UniformRandomProvider random() {
        return RandomSource.XO_SHI_RO_256_PP.create(SEED);
    }

    private static Clients drawn(DiscreteSampler ranks) {
        String[] ids = new String[MANY + 1];
        Arrays.setAll(ids, rank -> "client-" + rank);
        String[] draws = new String[DRAWS];
        Arrays.setAll(draws, i -> ids[ranks.sample()]);
        return new Clients(draws);
    }

    /** All clients that are asked for. */
    Set<String> distinct() {
        return new HashSet<>(Arrays.asList(draws));
    }

    /** The way of one of {@code threads} through the draws; each starts elsewhere. Not thread-safe. */
    Walk walk(int thread, int threads) {
        return new Walk(draws, (int) ((long) draws.length * thread / threads));
    }

    /** A thread's way through the draws, round and round. */
    static final class Walk {

        private final String[] draws;
        private int next;

        private Walk(String[] draws, int start) {
            this.draws = draws;
            this.next = start;
        }

        /** The next to ask. */
        String next() {
            return draws[next++ & draws.length - 1];
        }
    }
}
