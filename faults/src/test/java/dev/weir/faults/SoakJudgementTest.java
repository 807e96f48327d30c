package dev.weir.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is judged wrong in a soak would be found, though limits change and faults have their cost. */
class SoakJudgementTest {

    private static final long MILLI = 1_000_000;
    private static final int SECONDS = 60;
    private static final int KNOWN_SECONDS = 2 + (int) (Trial.SLACK_MILLIS / 1_000);

    private static Stream<Traffic> limited() {
        return SoakTraffic.limited().stream();
    }

    /** A limiter that lets through so many times the limit: the burst, and then evenly. */
    private static List<Answer> limiter(Traffic traffic, double times, int fromSecond, int toSecond, double perSecond) {
        List<Answer> answers = new ArrayList<>();
        long burst = (long) (times * traffic.burst() / traffic.cost());
        for (long i = 0; i < burst; i++) {
            answers.add(answer(traffic, fromSecond * 1_000L, 1));
        }
        double millisBetween = 1_000 * traffic.cost() / (perSecond * times);
        double atMillis = fromSecond * 1_000 + millisBetween;
        for (; atMillis < toSecond * 1_000; atMillis += millisBetween) {
            answers.add(answer(traffic, (long) atMillis, 1));
        }
        return answers;
    }

    private static Answer answer(Traffic traffic, long atMillis, long millis) {
        return new Answer(traffic, 8080, 0, atMillis * MILLI, (atMillis + millis) * MILLI, 200);
    }

    private static Admissions judged(Entitlements entitlements, Traffic traffic, List<Answer> answers) {
        Bound bound = entitlements.bound(traffic, answers, 0, SECONDS * 1_000 * MILLI);
        return Verdict.admissions(traffic, answers, bound, 0, SECONDS * 1_000 * MILLI);
    }

    /** As many faults as a minute has, and twenty calls that failed by themselves. */
    private static Entitlements afterFaults() {
        Entitlements entitlements = new Entitlements();
        for (int second : List.of(10, 30)) {
            entitlements.lose(second * 1_000 * MILLI);
            entitlements.delay(second * 1_000 * MILLI, (second + 3) * 1_000 * MILLI);
            entitlements.fault(
                    second * 1_000 * MILLI,
                    (second + 3) * 1_000 * MILLI,
                    Allowance.losses(1).stateLost());
        }
        entitlements.fault(20_000 * MILLI, 21_500 * MILLI, Allowance.losses(1));
        entitlements.failed(40_000 * MILLI, 41_000 * MILLI, 10);
        entitlements.failed(50_000 * MILLI, 51_000 * MILLI, 10);
        return entitlements;
    }

    @ParameterizedTest
    @MethodSource("limited")
    void theLimit_isWell_halfAsMuchAgainIsNot(Traffic traffic) {
        List<Answer> right = limiter(traffic, 1, 0, SECONDS, traffic.limit());
        List<Answer> wrong = limiter(traffic, 1.5, 0, SECONDS, traffic.limit());

        assertThat(judged(new Entitlements(), traffic, right).isExceeded()).isFalse();
        assertThat(judged(afterFaults(), traffic, right).isExceeded()).isFalse();
        assertThat(judged(afterFaults(), traffic, wrong).isExceeded()).isTrue();
    }

    /** Between two faults, where nothing is granted, a twentieth more is enough. */
    @Test
    void tooManyBetweenFaults_areFound() {
        Traffic traffic = SoakTraffic.HOT;
        Entitlements entitlements = afterFaults();

        assertThat(judged(entitlements, traffic, limiter(traffic, 1, 33, 40, 800))
                        .isExceeded())
                .isFalse();
        assertThat(judged(entitlements, traffic, limiter(traffic, 1.05, 34, 39, 800))
                        .isExceeded())
                .isTrue();
    }

    @Test
    void aLoweredLimit_holdsFromWhenItIsKnown() {
        Traffic traffic = SoakTraffic.LEAKY;
        Entitlements entitlements = new Entitlements();
        entitlements.of(traffic).attempt(12, 20_000 * MILLI);
        entitlements.of(traffic).succeed(20_000 * MILLI);
        List<Answer> known = limiter(traffic, 1, 0, 20 + KNOWN_SECONDS, 24);
        known.addAll(later(traffic, 20 + KNOWN_SECONDS, 12));
        List<Answer> ignored = limiter(traffic, 1, 0, SECONDS, 24);

        assertThat(judged(entitlements, traffic, known).isExceeded()).isFalse();
        assertThat(judged(entitlements, traffic, ignored).isExceeded()).isTrue();
    }

    @Test
    void aRaisedLimit_holdsAtOnce_andNotBefore() {
        Traffic traffic = SoakTraffic.BUCKET;
        Entitlements entitlements = new Entitlements();
        entitlements.of(traffic).attempt(36, 30_000 * MILLI);
        entitlements.of(traffic).succeed(31_000 * MILLI);
        List<Answer> right = limiter(traffic, 1, 0, 30, 18);
        right.addAll(later(traffic, 30, 36));
        List<Answer> early = limiter(traffic, 1, 0, 20, 18);
        early.addAll(later(traffic, 20, 36));

        assertThat(judged(entitlements, traffic, right).isExceeded()).isFalse();
        assertThat(judged(entitlements, traffic, early).isExceeded()).isTrue();
    }

    /** What was charged at a lower rate drains at the higher one since then, not since the change alone. */
    @Test
    void aRaisedLimit_countsFromTheLastChargeBeforeIt() {
        Traffic traffic = SoakTraffic.BUCKET;
        Entitlements entitlements = new Entitlements();
        entitlements.of(traffic).attempt(36, 30_050 * MILLI);
        entitlements.of(traffic).succeed(30_050 * MILLI);
        List<Answer> right = limiter(traffic, 1, 0, 30, 18);
        for (int i = 0; i < 18; i++) {
            right.add(answer(traffic, 30_050, 1)); // By how much the burst is larger.
        }
        later(traffic, 30, 36)
                .forEach(each -> right.add(answer(traffic, Math.max(30_050, each.sentNanos() / MILLI), 1)));
        List<Answer> more = new ArrayList<>(right);
        more.add(answer(traffic, 30_050, 1));
        more.add(answer(traffic, 30_050, 1));

        assertThat(judged(entitlements, traffic, right).isExceeded()).isFalse();
        assertThat(judged(entitlements, traffic, more).isExceeded()).isTrue();
    }

    /** Of a raised limit, what its client can use comes back by the new numbers. */
    @Test
    void aRaisedLimit_thatIsIgnored_isTooLittle() {
        Traffic traffic = SoakTraffic.BUCKET;
        Entitlements entitlements = new Entitlements();
        entitlements.of(traffic).attempt(36, 10_000 * MILLI);
        entitlements.of(traffic).succeed(10_000 * MILLI);
        List<Answer> right = limiter(traffic, 1, 0, 13, 18);
        right.addAll(later(traffic, 13, 36));
        List<Answer> ignored = limiter(traffic, 1, 0, SECONDS, 18);

        assertThat(late(entitlements, traffic, right)).isEmpty();
        assertThat(late(entitlements, traffic, ignored)).hasSize(1);
        assertThat(late(new Entitlements(), traffic, limiter(traffic, 0.7, 0, SECONDS, 18)))
                .hasSize(1);
    }

    /** What the report finds of one traffic, all others being well. */
    private static List<String> late(Entitlements entitlements, Traffic traffic, List<Answer> answers) {
        List<Answer> all = new ArrayList<>(answers);
        SoakTraffic.ALL.stream()
                .filter(each -> each != traffic)
                .forEach(each -> all.addAll(limiter(each, 1, 0, SECONDS, Math.max(1, each.limit()))));
        return SoakReport.of(entitlements, all, Duration.ZERO, List.of(), 0, List.of(), List.of())
                .late();
    }

    private static List<Answer> later(Traffic traffic, int fromSecond, double perSecond) {
        return limiter(traffic, 1, fromSecond, SECONDS, perSecond).stream()
                .filter(each -> each.sentNanos() > fromSecond * 1_000 * MILLI)
                .toList();
    }

    /** A change that was refused may have been made; one that Redis had not written down may be lost. */
    @Test
    void aChangeOfUnknownOutcome_countsWithTheNumbersBefore() {
        Traffic traffic = SoakTraffic.PLANNED;
        List<Answer> before = limiter(traffic, 1, 0, SECONDS, 15);
        Entitlements refused = new Entitlements();
        refused.of(traffic).attempt(9, 10_000 * MILLI);
        Entitlements lost = new Entitlements();
        lost.of(traffic).attempt(9, 10_000 * MILLI);
        lost.of(traffic).succeed(10_000 * MILLI);
        lost.lose(11_000 * MILLI);
        Entitlements madeAgain = new Entitlements();
        madeAgain.of(traffic).attempt(9, 10_000 * MILLI);
        madeAgain.of(traffic).attempt(9, 12_000 * MILLI);
        madeAgain.of(traffic).succeed(12_000 * MILLI);

        assertThat(judged(refused, traffic, before).isExceeded()).isFalse();
        assertThat(judged(lost, traffic, before).isExceeded()).isFalse();
        assertThat(judged(madeAgain, traffic, before).isExceeded()).isTrue();
    }

    /** Of every interval from one request to another, looked at one by one. */
    @Test
    void admissions_areThoseOfTheWorstInterval() {
        Random random = new Random(1);
        for (int history = 0; history < 200; history++) {
            List<Answer> answers = new ArrayList<>();
            for (int i = 1 + random.nextInt(30); i > 0; i--) {
                answers.add(answer(SoakTraffic.HOT, random.nextInt(1_000), 1 + random.nextInt(300)));
            }
            long begin = random.nextInt(1_000) * MILLI;
            Bound bound = new Bound(
                    random.nextInt(50),
                    List.of(new Bound.Rate(0, random.nextInt(300)), new Bound.Rate(begin, random.nextInt(300))),
                    List.of(new Bound.Grant(begin, begin + random.nextInt(300) * MILLI, random.nextInt(30))));

            assertThat(Admissions.of(SoakTraffic.HOT, answers, bound, 0, 0).tooMany())
                    .isEqualTo(worst(answers, bound));
        }
    }

    private static long worst(List<Answer> answers, Bound bound) {
        long worst = Long.MIN_VALUE;
        for (Answer first : answers) {
            for (Answer last : answers) {
                long count = answers.stream()
                        .filter(each -> each.sentNanos() >= first.sentNanos())
                        .filter(each -> each.receivedNanos() <= last.receivedNanos())
                        .count();
                long permits = count * first.traffic().cost();
                long allowed = Math.floorDiv(bound.allowed(first.sentNanos(), last.receivedNanos()), Bound.PERMIT);
                worst = count == 0 ? worst : Math.max(worst, permits - allowed);
            }
        }
        return worst;
    }

    private static SoakReport report(List<Answer> more, int handles, double stalled, Duration sharedAfter) {
        List<Answer> answers = new ArrayList<>(more);
        SoakTraffic.ALL.forEach(each -> answers.addAll(limiter(each, 1, 0, 6, Math.max(1, each.limit()))));
        Footprint footprint = new Footprint(Map.of("main", 1L), 0);
        List<SoakReport.Holdings> holdings = List.of(new SoakReport.Holdings(
                "1", new SoakReport.Held(footprint, 50), new SoakReport.Held(footprint, 50 + handles)));
        return SoakReport.of(new Entitlements(), answers, sharedAfter, holdings, stalled, List.of(), List.of());
    }

    @Test
    void whatElseIsWrong_isFoundOnAnyMachine() {
        Traffic light = SoakTraffic.LIGHT.stream()
                .min(Comparator.comparing(Traffic::title))
                .orElseThrow();
        Answer rejected = new Answer(light, 8080, 1, 0, MILLI, 429);
        Answer failed = new Answer(SoakTraffic.LOG, 8080, 0, 0, MILLI, 500);

        assertThat(report(List.of(), 0, 0.5, Duration.ZERO).wrongs()).isEmpty();
        assertThat(report(List.of(rejected), 0, 0.5, Duration.ZERO).wrongs())
                .containsExactly("1 requests of light clients were rejected");
        assertThat(report(List.of(failed), 0, 0.5, Duration.ZERO).wrongs())
                .containsExactly("wrong answers: {500 of sliding log from port 8080 at 0 s=1}");
        assertThat(report(List.of(), 9, 0.5, Duration.ZERO).wrongs()).hasSize(1);
    }

    @Test
    void whatIsLate_isFound_unlessTheMachineIsBusy() {
        // Requests without a limit take a millisecond meanwhile.
        Answer slow = answer(SoakTraffic.LOG, 5_000, Trial.DEADLINE_MILLIS + 50 + Trial.SLACK_MILLIS + 2);

        assertThat(report(List.of(slow), 0, 0, Duration.ZERO).late()).hasSize(1);
        assertThat(report(List.of(), 0, 0, Duration.ofSeconds(4)).late()).hasSize(1);
        assertThat(report(List.of(), 0, 0, Duration.ofSeconds(4)).isMachineBusy())
                .isFalse();
        assertThat(report(List.of(), 0, 0.5, Duration.ofSeconds(4)).isMachineBusy())
                .isTrue();
    }

    @Test
    void keysThatNeverExpire_areFound_butThoseThatMayStay() {
        Keys keys = new Keys(Map.of(
                "weir:{all}:instances", -1L,
                "weir:{3}:clients", -1L,
                "weir:{3}:orders:clients", -1L,
                "weir:{pool:backend}:weighted", 60_000L,
                "weir:{4}:log:light-1", 900L));

        assertThat(keys.immortal()).containsExactly("weir:{3}:orders:clients");
        assertThat(keys.withoutPools().count()).isEqualTo(4);
    }

    @Test
    void schedule_isTheSameForASeed_andMakesEachInTurn() {
        Schedule one = new Schedule(7, Disturbance.FAULTS, 1, 3);
        Schedule same = new Schedule(7, Disturbance.FAULTS, 1, 3);
        List<Schedule.Step> steps = Stream.generate(one::next).limit(8).toList();

        assertThat(Stream.generate(same::next).limit(8).toList()).isEqualTo(steps);
        assertThat(steps.stream().limit(4).map(Schedule.Step::disturbance))
                .containsExactlyInAnyOrderElementsOf(Disturbance.FAULTS);
    }
}
