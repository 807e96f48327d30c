package dev.weir.faults;

import java.util.List;
import java.util.stream.Stream;

/**
 * What clients that ask for more than their rate were given of it, the fault included: neither a call that is charged
 * twice nor a request that is rejected without need lets through as much.
 *
 * @param part of their rate, of the one that got the least; 1 is all of it
 */
record Served(double part) {

    static final double LEAST = 0.85;

    private static final double SECOND_NANOS = 1e9;

    /** Each from its first request to its last answer. */
    static Served of(List<Answer> answers) {
        return new Served(Stream.of(Traffic.HOT, Traffic.SMALL, Traffic.SEVERAL)
                .mapToDouble(traffic -> part(
                        traffic,
                        answers.stream()
                                .filter(each -> each.traffic() == traffic)
                                .toList()))
                .min()
                .orElseThrow());
    }

    private static double part(Traffic traffic, List<Answer> answers) {
        long fromNanos = answers.stream().mapToLong(Answer::sentNanos).min().orElseThrow();
        long toNanos = answers.stream().mapToLong(Answer::receivedNanos).max().orElseThrow();
        long permits =
                traffic.cost() * answers.stream().filter(Answer::isAdmitted).count();
        return permits / (traffic.limit() * (toNanos - fromNanos) / SECOND_NANOS);
    }

    boolean isTooLittle() {
        return part < LEAST;
    }

    @Override
    public String toString() {
        return "%.0f %%".formatted(100 * part);
    }
}
