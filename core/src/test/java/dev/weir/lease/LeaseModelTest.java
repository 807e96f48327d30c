package dev.weir.lease;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.lease.LeaseModel.Flaw;
import dev.weir.lease.LeaseModel.Setting;
import dev.weir.lease.LeaseSearch.Found;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every state of small settings is visited: the protocol holds in all of them, and without any one of its rules it does
 * not. {@code docs/decisions/0008-leases.md} says how many states those were, and how far away.
 */
class LeaseModelTest {

    private static final Path PAGE = Path.of("..", "docs", "decisions", "0008-leases.md");

    private static final Setting PAIR = Setting.of(2, 3, 2);
    private static final Setting LARGER_LEASES = Setting.of(2, 3, 3);
    private static final Setting TRIO = Setting.of(3, 2, 1);
    private static final Setting LAZY = Setting.of(2, 2, 2).late(0).lazily();
    private static final Setting SLOW_CLOCKS =
            Setting.of(2, 2, 2).late(0).epoch(3).drift(1);
    private static final Setting FAIL_OVER = Setting.of(2, 2, 2).late(0).losing(1);
    private static final Setting WAITING = PAIR.held(2).waiting(2);

    /** What a flaw needs beyond two instances, three permits and leases of two. */
    private static final Map<Flaw, Setting> REFUTED_IN = Map.of(
            Flaw.ONE_STEP, LAZY,
            Flaw.NO_MARGIN, PAIR.late(0).epoch(3).drift(1),
            Flaw.FORGETS_CARRIED, FAIL_OVER,
            Flaw.RENEWAL_TWICE, LARGER_LEASES,
            Flaw.MENTIONS_AFTER_UNKNOWN, LARGER_LEASES,
            Flaw.NEVER_CLOSED, WAITING,
            Flaw.CARRIES_WHILE_CLOSED, WAITING);

    private static final Set<Flaw> OF_USE =
            EnumSet.of(Flaw.HELD_FOR_EVER, Flaw.NEVER_CLOSED, Flaw.CARRIES_WHILE_CLOSED, Flaw.COUNTS_HELD_TWICE);

    static Stream<Setting> settings() {
        return Stream.of(
                PAIR,
                TRIO,
                LAZY,
                SLOW_CLOCKS,
                FAIL_OVER,
                PAIR.late(0).capacities(2, 3),
                PAIR.late(0).capacities(3, 2),
                Setting.of(2, 2, 2).late(0).capacities(2, 1, 2));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void protocol_everyReachableState_keepsThePromiseAndUsesAllOfIt(Setting setting) throws IOException {
        Found found = LeaseSearch.of(setting);

        assertThat(found.wrong()).isNull();
        assertThat(found.lowest()).as("the promise is tight").isZero();
        assertSearchIsOnThePage(setting, found);
    }

    private static void assertSearchIsOnThePage(Setting setting, Found found) throws IOException {
        assertThat(Files.readString(PAGE))
                .contains(String.format(
                        Locale.ROOT, " | %d | %,d | %d |\n", setting.late(), found.states(), found.steps()));
    }

    @Test
    void waitingCost_leasesInTheWay_chargedOnceTheyHaveEnded() throws IOException {
        Setting waitingForAll = PAIR.held(2).waiting(3);
        Found two = LeaseSearch.of(WAITING);
        Found all = LeaseSearch.of(waitingForAll);

        assertThat(two.wrong()).isNull();
        assertThat(all.wrong()).isNull();
        assertThat(two.longestWait()).as("leases are in its way").isPositive();
        assertThat(List.of(two.longestWait(), all.longestWait()))
                .as("the page says so")
                .containsExactly(3, 3);
        assertSearchIsOnThePage(WAITING, two);
        assertSearchIsOnThePage(waitingForAll, all);
    }

    @Test
    void stall_withoutReadingTheClock_overspendsByOneLeaseEach() throws IOException {
        Setting small = Setting.of(2, 2, 2).late(0);

        for (int stalls = 0; stalls <= 2; stalls++) {
            Found found = LeaseSearch.of(small.stalls(stalls, false));
            assertThat(found.lowest()).as("%d stalls", stalls).isEqualTo(-stalls * small.lease());
            if (stalls == 2) {
                assertSearchIsOnThePage(small, found);
            }
        }
    }

    @Test
    void stall_readingTheClock_overspendsNothing() {
        assertThat(LeaseSearch.of(Setting.of(2, 2, 2).late(0).stalls(2, true)).lowest())
                .isZero();
    }

    @ParameterizedTest
    @EnumSource(Flaw.class)
    void flaw_refuted(Flaw flaw) throws IOException {
        Setting setting = REFUTED_IN.getOrDefault(flaw, PAIR);

        Found found = LeaseSearch.of(setting.with(flaw));

        assertThat(found.wrong()).as("%s in %d states", flaw, found.states()).isNotNull();
        assertThat(found.lowest() < 0).as(found.wrong()).isEqualTo(!OF_USE.contains(flaw));
        assertThat(Files.readString(PAGE))
                .contains(String.format(Locale.ROOT, " | %d | %,d |\n", found.steps(), found.states()));
    }
}
