package dev.weir.faults;

import static dev.weir.faults.Allowance.losses;
import static dev.weir.faults.Allowance.none;
import static dev.weir.faults.Arrangement.KEEPING;
import static dev.weir.faults.Arrangement.ONE;
import static dev.weir.faults.Fault.of;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** All faults, in the order of the table. */
final class Faults {

    private static final List<Fault<?>> ALL =
            Stream.of(redis()).flatMap(List::stream).toList();

    private Faults() {}

    /** @param wanted {@code ci}, {@code all}, or parts of names, separated by commas */
    static List<Fault<?>> chosen(String wanted) {
        List<Fault<?>> chosen = ALL.stream()
                .filter(fault -> switch (wanted) {
                    case "all" -> true;
                    case "ci" -> fault.isInCi();
                    default -> Stream.of(wanted.split(",")).anyMatch(part -> has(fault.name(), part.strip()));
                })
                .toList();
        if (chosen.isEmpty()) {
            throw new IllegalArgumentException("-Dfaults=%s: no name has a part like this; there are %s"
                    .formatted(wanted, ALL.stream().map(Fault::name).toList()));
        }
        return chosen;
    }

    private static boolean has(String name, String part) {
        return name.toLowerCase(Locale.ROOT).contains(part.toLowerCase(Locale.ROOT));
    }

    private static List<Fault<?>> redis() {
        return List.of(
                of("nothing", ONE, none(), (scene, redis) -> Scene.pause(3)),
                of("kill -9 of Redis, 3 s", ONE, losses(1).stateLost(), (scene, redis) -> {
                            redis.kill();
                            Scene.pause(3);
                            redis.restart();
                        })
                        .inCi(),
                of("kill -9 of Redis with AOF, 3 s", KEEPING, losses(1), (scene, redis) -> {
                    redis.kill();
                    Scene.pause(3);
                    redis.restart();
                }),
                of("SIGSTOP of Redis, 0.7 s", ONE, losses(1), (scene, redis) -> {
                            redis.pause();
                            Scene.pause(0.7);
                            redis.resume();
                        })
                        .inCi());
    }
}
