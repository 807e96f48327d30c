package dev.weir.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is judged wrong would be found. */
class JudgementTest {

    private static final long MILLI = 1_000_000;
    private static final long LONGEST_MILLIS = Trial.DEADLINE_MILLIS + 50;
    private static final int INSTANCE = 8080;
    private static final long END_NANOS = 0;
    private static final List<Traffic> ABOVE_THEIR_RATE = List.of(Traffic.HOT, Traffic.SMALL, Traffic.SEVERAL);

    /** Answers of all traffic at its limit, in a second, each after a millisecond; some are rejected. */
    private static List<Answer> allWell() {
        List<Answer> answers = new ArrayList<>();
        for (Traffic traffic : Traffic.UNDER_FAULTS) {
            int permitted = ABOVE_THEIR_RATE.contains(traffic) ? 50 : 10;
            for (int i = 0; i < permitted; i++) {
                answers.add(answer(traffic, i * 1_000 / permitted, 1, 200));
            }
        }
        ABOVE_THEIR_RATE.forEach(traffic -> answers.add(answer(traffic, 500, 1, 429)));
        return answers;
    }

    private static Answer answer(Traffic traffic, long atMillis, long millis, int status) {
        return new Answer(traffic, INSTANCE, 0, atMillis * MILLI, (atMillis + millis) * MILLI, status);
    }

    private static List<String> wrongs(Answer... more) {
        List<Answer> answers = allWell();
        answers.addAll(List.of(more));
        return wrongs(answers, Optional.of(Duration.ZERO), 0);
    }

    private static List<String> wrongs(List<Answer> answers, Optional<Duration> shared, int lines) {
        return Verdict.of(Allowance.none(), answers, END_NANOS, shared, lines, grown(0, 0), true, 0, List.of())
                .wrongs();
    }

    @Test
    void allWell_nothingIsWrong() {
        assertThat(wrongs()).isEmpty();
    }

    /** 60 permits within 0.1 s, of a limit that has 50 at once and 50 a second: 55. */
    @Test
    void tooMany_inAPartOfTheTime_isWrong() {
        Answer[] burst = new Answer[60];
        for (int i = 0; i < burst.length; i++) {
            burst[i] = answer(Traffic.SMALL, 1_100 + i, 1, 200);
        }

        assertThat(wrongs(burst)).singleElement().asString().startsWith("small: 7 more than allowed in 0.059");
    }

    @Test
    void lightClientRejected_isWrong() {
        assertThat(wrongs(answer(Traffic.LIGHT, 5, 1, 429)))
                .containsExactly("1 requests of light clients were rejected");
    }

    @Test
    void otherErrors_areWrong() {
        assertThat(wrongs(
                        answer(Traffic.HOT, 5, 1, 500),
                        answer(Traffic.LIGHT, 5, 1, 503),
                        answer(Traffic.FREE, 5, 1, Answer.BROKEN)))
                .containsExactly("3 wrong answers");
    }

    @Test
    void wait_isTooLong_unlessARequestWithoutALimitWaitsToo() {
        Answer slow = answer(Traffic.SMALL, 1_000, LONGEST_MILLIS + 50, 200);

        assertThat(wrongs(slow)).hasSize(1);
        assertThat(wrongs(slow, answer(Traffic.FREE, 1_100, 30, 200)))
                .containsExactly("a request took: small %d ms (30)".formatted(LONGEST_MILLIS + 50));
        assertThat(wrongs(slow, answer(Traffic.FREE, 1_100, 60, 200))).isEmpty();
    }

    /** No instance is excused for having just started: only what it took at the same moment counts. */
    @Test
    void wait_onAnInstanceThatHasJustStarted_isComparedWithTheSameMoment() {
        Answer first = onJoined(Traffic.FREE, 2_000, 60);

        assertThat(wrongs(first, onJoined(Traffic.LIGHT, 2_500, LONGEST_MILLIS + 2)))
                .hasSize(1);
        assertThat(wrongs(first, onJoined(Traffic.LIGHT, 2_030, LONGEST_MILLIS + 2)))
                .isEmpty();
    }

    private static Answer onJoined(Traffic traffic, long atMillis, long millis) {
        return new Answer(traffic, INSTANCE + 1, 0, atMillis * MILLI, (atMillis + millis) * MILLI, 200);
    }

    @Test
    void queuedRequest_mayWaitForItsTurn() {
        assertThat(wrongs(answer(Traffic.DELAYED, 5_000, Traffic.MAX_DELAY_MILLIS + LONGEST_MILLIS, 200)))
                .isEmpty();
        assertThat(wrongs(answer(Traffic.DELAYED, 5_000, Traffic.MAX_DELAY_MILLIS + LONGEST_MILLIS + 1, 200)))
                .hasSize(1);
    }

    @Test
    void sharedLateOrNever_andLines_areWrong() {
        assertThat(wrongs(allWell(), Optional.of(Duration.ofMillis(2_100)), 0))
                .containsExactly("shared again after PT2.1S", "0 % of the rate was permitted after that");
        assertThat(wrongs(allWell(), Optional.empty(), 0)).containsExactly("not shared again");
        assertThat(wrongs(allWell(), Optional.of(Duration.ZERO), 1)).containsExactly("1 messages logged of 0");
    }

    /** Of 50 requests in one second, 35 come in the last 0.7 s of it, and none after it. */
    @Test
    void lessThanTheRate_inTheSecondAfterIt_isWrong() {
        assertThat(wrongs(allWell(), Optional.of(Duration.ofMillis(200)), 0)).isEmpty();
        assertThat(wrongs(allWell(), Optional.of(Duration.ofMillis(300)), 0))
                .containsExactly("70 % of the rate was permitted after that");
    }

    /** It is the least that one of them is given, and of that second alone. */
    @Test
    void lessThanTheRate_ofOneClientAlone_isWrong() {
        List<Answer> answers = allWell();
        answers.removeIf(
                each -> each.traffic() == Traffic.SMALL && each.isAdmitted() && each.sentNanos() < 600 * MILLI);
        answers.add(answer(Traffic.SMALL, 1_000, 1, 200));

        assertThat(wrongs(answers, Optional.of(Duration.ZERO), 0))
                .contains("40 % of the rate was permitted after that");
    }

    @Test
    void lessThanTheRate_inAllOfTheTime_isWrong() {
        List<Answer> answers = allWell();
        answers.add(answer(Traffic.SEVERAL, 1_260, 1, 429));

        assertThat(wrongs(answers, Optional.of(Duration.ZERO), 0))
                .containsExactly("79 % of the rate was permitted, the fault included");
    }

    @Test
    void busyMachine_excusesWhatTakesLong_andNothingElse() {
        assertThat(onBusyMachine(answer(Traffic.SMALL, 1_000, 1_000, 200)).isMachineBusy())
                .isTrue();
        assertThat(onBusyMachine(answer(Traffic.SMALL, 1_000, 1_000, 500)).isMachineBusy())
                .isFalse();
        assertThat(onBusyMachine(answer(Traffic.LIGHT, 5_000, 1, 429)).isMachineBusy())
                .isFalse();
    }

    private static Verdict onBusyMachine(Answer more) {
        List<Answer> answers = allWell();
        answers.add(more);
        return Verdict.of(
                Allowance.none(), answers, END_NANOS, Optional.of(Duration.ZERO), 0, grown(0, 0), true, 0.5, List.of());
    }

    @Test
    void coldInstances_areWrong() {
        Verdict cold = Verdict.of(
                Allowance.none(),
                allWell(),
                END_NANOS,
                Optional.of(Duration.ZERO),
                0,
                grown(0, 0),
                false,
                0,
                List.of());
        assertThat(cold.wrongs()).hasSize(1);
    }

    @Test
    void threadOrHeapThatStays_isWrong_onABusyMachineToo() {
        assertThat(withGrowth(grown(1, 0)).isWell()).isFalse();
        assertThat(withGrowth(grown(0, 2_000_001)).isWell()).isFalse();
        assertThat(withGrowth(grown(1, 0)).isMachineBusy()).isFalse();
        assertThat(withGrowth(grown(-1, 2_000_000)).isWell()).isTrue();
    }

    /** Redisson's, of two threads: an instance that starts without Redis has not needed both. */
    @Test
    void threadOfAPool_isWrongOnceThePoolIsFull() {
        Footprint half = new Footprint(Map.of("redisson-netty--", 1L), 0);
        assertThat(Growth.of(half, new Footprint(Map.of("redisson-netty--", 2L), 0))
                        .isTooMuch())
                .isFalse();
        assertThat(Growth.of(half, new Footprint(Map.of("redisson-netty--", 3L), 0))
                        .isTooMuch())
                .isTrue();
    }

    private static Growth grown(int threads, long bytes) {
        return Growth.of(
                new Footprint(Map.of("netty--", 2L), 0),
                new Footprint(Map.of("netty--", 2L + threads, "worker", 1L), bytes));
    }

    private static Verdict withGrowth(Growth growth) {
        return Verdict.of(
                Allowance.none(), allWell(), END_NANOS, Optional.of(Duration.ZERO), 0, growth, true, 0.5, List.of());
    }

    @Test
    void loadThatIsTooSmall_isWrong() {
        List<Answer> answers = allWell();
        answers.removeIf(each -> each.status() == 429);

        assertThat(wrongs(answers, Optional.of(Duration.ZERO), 0)).hasSize(ABOVE_THEIR_RATE.size());
    }
}
