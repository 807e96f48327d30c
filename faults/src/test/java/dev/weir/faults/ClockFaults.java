package dev.weir.faults;

import static dev.weir.faults.Allowance.losses;
import static dev.weir.faults.Allowance.none;
import static dev.weir.faults.Arrangement.ONE;
import static dev.weir.faults.Fault.of;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The wall clock of the second instance is an hour away from that of Redis and of the first, or jumps so far. Redis'
 * own is the machine's, and stays so: only the difference of two clocks can be seen.
 */
final class ClockFaults {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final Pattern SHOWN = Pattern.compile("\"at\":(\\d+)");
    private static final Pattern REASON = Pattern.compile("\"reason\":\"(\\w+)\"");

    private ClockFaults() {}

    static List<Fault<?>> all() {
        return List.of(
                off("the clock of an instance is an hour ahead", HOUR),
                off("the clock of an instance is an hour behind", HOUR.negated()),
                jumping("the clock of an instance jumps an hour ahead and back", HOUR),
                jumping("the clock of an instance jumps an hour back and ahead", HOUR.negated()),
                jumpingAlone("the clock of an instance jumps an hour ahead, Redis stopped for 3 s", HOUR),
                jumpingAlone("the clock of an instance jumps an hour back, Redis stopped for 3 s", HOUR.negated()));
    }

    private static Fault<?> off(String name, Duration ahead) {
        return of(name, ONE, none(), (scene, redis) -> {
                    Scene.pause(3);
                    assertJudgedByRedis(scene.instances().get(1), ahead);
                })
                .secondWith(Clock.options(ahead));
    }

    private static Fault<?> jumping(String name, Duration ahead) {
        return of(name, ONE, none(), (scene, redis) -> {
                    Instance instance = scene.instances().get(1);
                    instance.setClock(ahead);
                    Scene.pause(3);
                    assertJudgedByRedis(instance, ahead);
                    instance.setClock(Duration.ZERO);
                    Scene.pause(1);
                    assertJudgedByRedis(instance, Duration.ZERO);
                })
                .secondWith(Clock.options(Duration.ZERO));
    }

    /** Shares of limits, and all deadlines, are counted by the instance alone meanwhile. */
    private static Fault<?> jumpingAlone(String name, Duration ahead) {
        return of(name, ONE, losses(1), (scene, redis) -> {
                    Instance instance = scene.instances().get(1);
                    redis.pause();
                    try {
                        Scene.pause(1.5);
                        instance.setClock(ahead);
                        Scene.pause(1.5);
                        assertJudgedByItself(instance, ahead);
                    } finally {
                        redis.resume();
                    }
                })
                .secondWith(Clock.options(Duration.ZERO));
    }

    /** A request is as old as Redis says. */
    private static void assertJudgedByRedis(Instance instance, Duration ahead) {
        assertClock(instance, ahead);
        assertThat(reason(instance, Duration.ZERO)).isEqualTo("OK");
        assertThat(reason(instance, HOUR)).isEqualTo("FUTURE");
        assertThat(reason(instance, HOUR.negated())).isEqualTo("STALE");
    }

    /** Without Redis the instance has no other clock than its own. */
    private static void assertJudgedByItself(Instance instance, Duration ahead) {
        assertClock(instance, ahead);
        assertThat(reason(instance, ahead)).isEqualTo("OK");
        assertThat(reason(instance, Duration.ZERO)).isEqualTo(ahead.isNegative() ? "FUTURE" : "STALE");
    }

    private static void assertClock(Instance instance, Duration ahead) {
        Matcher shown = SHOWN.matcher(instance.get("/activity"));
        assertThat(shown.find()).as("the instance shows its clock").isTrue();
        assertThat(Long.parseLong(shown.group(1)) - System.currentTimeMillis())
                .as("milliseconds ahead")
                .isCloseTo(ahead.toMillis(), within(5_000L));
    }

    /** Why a request is decided as it is whose timestamp is so far ahead of the machine's clock. */
    private static String reason(Instance instance, Duration ahead) {
        long atMillis = System.currentTimeMillis() + ahead.toMillis();
        Matcher reason = REASON.matcher(instance.get("/try/light?client=stamped&at=" + atMillis));
        assertThat(reason.find()).as("the instance gives a reason").isTrue();
        return reason.group(1);
    }
}
