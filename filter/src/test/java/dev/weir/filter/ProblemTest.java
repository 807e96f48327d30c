package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Permitted;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Decisions;
import dev.weir.limit.Limit;
import dev.weir.limit.Reason;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class ProblemTest {

    private static final Limit LIMIT = Limit.tokenBucket(20, Duration.ofMillis(1500), 30);

    private static Decision rejected(String policy, Reason reason, long retryAfterMicros) {
        return new Rejected(policy, LIMIT, 0, 1, reason, retryAfterMicros);
    }

    private static Problem problem(Decision... decisions) {
        return Problem.of(new Decisions(List.of(decisions)));
    }

    @Test
    void limit_tellsPolicyReasonAndWait() {
        Problem problem = problem(
                rejected("a", Reason.LIMIT, 1),
                new Permitted("b", LIMIT, 1, 1, Reason.OK),
                rejected("c", Reason.LIMIT, 1_000_001));
        assertThat(problem.status()).isEqualTo(429);
        assertThat(problem.body())
                .contains("#quota-exceeded")
                .contains("\"status\":429")
                .contains(
                        "\"detail\":\"Policy 'c': the limit of 20 per 1500 milliseconds leaves 0, less than the request costs;"
                                + " try again in 2 seconds.\"")
                .contains("\"violated-policies\":[\"a\",\"c\"]");
    }

    @Test
    void aSecond_isOne() {
        assertThat(problem(rejected("a", Reason.LIMIT, 1)).body()).contains("try again in 1 second.");
    }

    @Test
    void costAboveLimit_neverTellsToTryAgain() {
        Problem problem = problem(rejected("a", Reason.COST_ABOVE_LIMIT, Rejected.NEVER));
        assertThat(problem.status()).isEqualTo(429);
        assertThat(problem.body())
                .contains("more than can ever be had at once of a capacity of 30; it can never pass.\"");
    }

    @Test
    void nothingIsPermitted_saysSoInsteadOfBlamingTheCost() {
        assertThat(problem(new Rejected("a", LIMIT, 0, 0, Reason.COST_ABOVE_LIMIT, Rejected.NEVER))
                        .body())
                .contains("the client is permitted nothing; the request can never pass.\"");
        assertThat(problem(new Rejected("a", LIMIT, 0, 0, Reason.COST_ABOVE_LIMIT, Rejected.NEVER)
                                .withSubBucket(OptionalInt.of(2)))
                        .body())
                .contains("the client is permitted nothing in sub-bucket 2; the request can never pass.\"");
    }

    @Test
    void pool_saysWhetherTheShareOrTheCapacityIsUsedUp() {
        assertThat(problem(rejected("a", Reason.SHARE, 1)).body())
                .contains(
                        "#quota-exceeded",
                        "fair share of the capacity of 20 per",
                        "is used up; try again in 1 second.");
        assertThat(problem(rejected("a", Reason.CAPACITY, 1)).body())
                .contains("the capacity of 20 per", "that clients share is used up; try again in 1 second.");
    }

    @Test
    void timestampTooFarFromTheClock_saysSoAndWhenNotAnyMore() {
        Problem stale = problem(rejected("a", Reason.STALE, Rejected.NEVER));
        Problem future = problem(rejected("a", Reason.FUTURE, 2_000_001));

        assertThat(stale.status()).isEqualTo(429);
        assertThat(stale.body()).contains("#quota-exceeded", "the request's timestamp is too old.\"");
        assertThat(future.status()).isEqualTo(429);
        assertThat(future.body()).contains("the request's timestamp is too far ahead; try again in 3 seconds.\"");
    }

    @Test
    void storeUnavailable_is503() {
        Problem problem = problem(rejected("a", Reason.STORE_UNAVAILABLE, 500_000));
        assertThat(problem.status()).isEqualTo(503);
        assertThat(problem.body())
                .contains("#temporary-reduced-capacity")
                .contains("\"status\":503")
                .contains("cannot be checked at the moment; try again in 1 second.")
                .contains("\"violated-policies\":[\"a\"]");
    }
}
