package dev.weir.faults;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What clients that ask for more than their rate were given of it in the second after decisions were shared again.
 *
 * @param part of their rate, of the one that got the least; 1 is all of it
 */
record Recovery(double part) {

    /** Neither shut out for what was permitted without the store, nor still held to a part of the limit. */
    static final double LEAST = 0.75;

    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** @param fromNanos when decisions were shared again */
    static Recovery of(List<Answer> answers, long fromNanos) {
        return new Recovery(Stream.of(Traffic.HOT, Traffic.SMALL, Traffic.SEVERAL)
                .mapToDouble(traffic -> (double) permits(traffic, answers, fromNanos) / traffic.limit())
                .min()
                .orElseThrow());
    }

    private static long permits(Traffic traffic, List<Answer> answers, long fromNanos) {
        return traffic.cost()
                * answers.stream()
                        .filter(each -> each.traffic() == traffic && each.isAdmitted())
                        .mapToLong(each -> each.sentNanos() - fromNanos)
                        .filter(after -> after >= 0 && after < SECOND_NANOS)
                        .count();
    }

    boolean isTooLittle() {
        return part < LEAST;
    }

    @Override
    public String toString() {
        return "%.0f %%".formatted(100 * part);
    }
}
