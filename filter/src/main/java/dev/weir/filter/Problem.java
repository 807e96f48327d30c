package dev.weir.filter;

import dev.weir.limit.Decision;
import dev.weir.limit.Decision.Rejected;
import dev.weir.limit.Decisions;
import dev.weir.limit.Limit;
import dev.weir.limit.Names;
import dev.weir.limit.Reason;
import java.time.Duration;
import java.util.stream.Collectors;

/**
 * A rejection that explains itself: an RFC 9457 problem document of one of the types that the RateLimit fields' draft
 * registers. Policies' names need no escaping in JSON.
 *
 * @param status 429, or 503 when it is the store that does not answer; 400 or 404 when the request names no bucket, or
 *     none that exists
 * @param body the document, in ASCII
 */
record Problem(int status, String body) {

    static final String MEDIA_TYPE = "application/problem+json";

    private static final int BAD_REQUEST = 400;
    private static final int NOT_FOUND = 404;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVICE_UNAVAILABLE = 503;
    private static final String NO_CAPACITY =
            "Request cannot be satisfied due to temporary server capacity constraints";

    /** The problem of decisions of which at least one is a rejection; the binding one decides its type. */
    static Problem of(Decisions decisions) {
        Decision binding = decisions.binding();
        boolean unavailable = binding.reason() == Reason.STORE_UNAVAILABLE;
        int status = unavailable ? SERVICE_UNAVAILABLE : TOO_MANY_REQUESTS;
        String violated = decisions.each().stream()
                .filter(decision -> !decision.permitted())
                .map(decision -> '"' + decision.policy() + '"')
                .collect(Collectors.joining(","));
        return new Problem(status, """
                {"type":"https://iana.org/assignments/http-problem-types#%s","title":"%s","status":%d,\
                "detail":"%s","violated-policies":[%s]}
                """.formatted(
                        unavailable ? "temporary-reduced-capacity" : "quota-exceeded",
                        unavailable ? NO_CAPACITY : "Request cannot be satisfied as assigned quota has been exceeded",
                        status,
                        "Policy '%s': %s.".formatted(binding.policy(), why(binding)),
                        violated));
    }

    /** The problem of a request whose turn has come when the application is being stopped. */
    static Problem stopped() {
        return new Problem(SERVICE_UNAVAILABLE, """
                {"type":"https://iana.org/assignments/http-problem-types#temporary-reduced-capacity","title":"%s",\
                "status":503,"detail":"The application is being stopped."}
                """.formatted(NO_CAPACITY));
    }

    /** The problem of a request that does not name the bucket that it has to be charged to. */
    static Problem namelessBucket(String source) {
        return plain(
                BAD_REQUEST,
                "Bad Request",
                "The request must name by %s the bucket that it is charged to: one, in 1 to %d bytes."
                        .formatted(source, Names.MAX_ID_BYTES));
    }

    /** The problem of a request that names a bucket that does not exist. */
    static Problem unknownBucket(String sources) {
        return plain(
                NOT_FOUND, "Not Found", "There is no bucket that is named as the request does by " + sources + ".");
    }

    /** Sources need no escaping: names of fields are tokens, and those of classes identifiers. */
    private static Problem plain(int status, String title, String detail) {
        return new Problem(status, """
                {"title":"%s","status":%d,"detail":"%s"}
                """.formatted(title, status, detail));
    }

    private static String why(Decision decision) {
        Limit limit = decision.limit();
        String reason = switch (decision.reason()) {
            case COST_ABOVE_LIMIT ->
                isNothing(decision)
                        ? "the client is permitted nothing%s; the request can never pass".formatted(part(decision))
                        : "the request costs more than can ever be had at once of a capacity of %d; it can never pass"
                                .formatted(limit.capacity());
            case STALE -> "the request's timestamp is too old";
            case FUTURE -> "the request's timestamp is too far ahead";
            case STORE_UNAVAILABLE -> "the limit cannot be checked at the moment";
            case SHARE ->
                "the client's fair share of the capacity of %d per %s is used up"
                        .formatted(limit.permits(), words(limit.period()));
            case CAPACITY ->
                "the capacity of %d per %s that clients share is used up"
                        .formatted(limit.permits(), words(limit.period()));
            case QUEUE_FULL -> "too many requests wait for their turn already";
            case OK, LIMIT ->
                "the limit of %d per %s leaves %d, less than the request costs"
                        .formatted(limit.permits(), words(limit.period()), decision.remaining());
        };
        return reason + wait(decision);
    }

    /**
     * A limit leaves a client with nothing in use its whole capacity: one that does not is none, as for a weight of 0.
     */
    private static boolean isNothing(Decision decision) {
        return decision.remaining() == 0 && decision.resetAfterMicros() == 0;
    }

    private static String part(Decision decision) {
        return decision.subBucket().isPresent()
                ? " in sub-bucket " + decision.subBucket().getAsInt()
                : "";
    }

    private static String wait(Decision decision) {
        return decision instanceof Rejected rejected
                ? rejected.retryAfter()
                        .map(wait ->
                                "; try again in " + words(Duration.ofSeconds(RateLimitHeaders.retryAfterSeconds(wait))))
                        .orElse("")
                : "";
    }

    private static String words(Duration duration) {
        long micros = duration.toNanos() / 1_000;
        if (micros % 1_000_000 == 0) {
            return micros == 1_000_000 ? "1 second" : micros / 1_000_000 + " seconds";
        }
        return micros % 1_000 == 0 ? micros / 1_000 + " milliseconds" : micros + " microseconds";
    }
}
