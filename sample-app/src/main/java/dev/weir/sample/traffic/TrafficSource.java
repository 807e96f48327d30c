package dev.weir.sample.traffic;

import java.util.List;

/**
 * A made-up client.
 *
 * @param client its id; that of a bucket, if {@code policy} is {@code bucket}
 * @param policy of the demo; empty if there is none
 * @param perSecond requests a second on average
 */
public record TrafficSource(String client, Manner manner, String policy, int perSecond) {

    private static final String BUCKET = "bucket";

    /** How a client behaves. */
    public enum Manner {
        /** Asks for no more than it needs, and stays away as long as a rejection says. */
        POLITE,
        /** Asks evenly, whatever the answers are. */
        STEADY,
        /** Always asks for more than there is. */
        GREEDY,
        /** Nothing for a while, and then everything at once. */
        BURSTY,
        /** Far above its limit, and never looks at an answer. */
        ABUSIVE
    }

    /** For the policies of {@code microprofile-config-demo.properties}. */
    public static final List<TrafficSource> OF_DEMO = List.of(
            new TrafficSource("alice", Manner.POLITE, "search", 8),
            new TrafficSource("bob", Manner.GREEDY, "search", 30),
            new TrafficSource("carol", Manner.GREEDY, "search", 45),
            new TrafficSource("dave", Manner.BURSTY, "api", 15),
            new TrafficSource("erin", Manner.STEADY, "report", 3),
            new TrafficSource("frank", Manner.STEADY, "feed", 80),
            new TrafficSource("grace", Manner.GREEDY, "quota", 15),
            new TrafficSource("mallory", Manner.ABUSIVE, "orders", 25),
            new TrafficSource("tenant-1", Manner.STEADY, BUCKET, 8));

    /** For an application of which nothing is known: a client of each manner. */
    public static final List<TrafficSource> MIXED = List.of(
            new TrafficSource("polite", Manner.POLITE, "", 5),
            new TrafficSource("steady", Manner.STEADY, "", 10),
            new TrafficSource("bursty", Manner.BURSTY, "", 10),
            new TrafficSource("greedy", Manner.GREEDY, "", 30),
            new TrafficSource("abusive", Manner.ABUSIVE, "", 60));

    /** Where the sample decides on it. */
    public String path() {
        return policy.equals(BUCKET) ? "/try/bucket/" + client : "/try/" + policy + "?client=" + client;
    }
}
