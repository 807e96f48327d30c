package dev.weir.filter;

/** A request does not name the bucket that it has to be charged to, or names one that does not exist. */
final class MissingBucketException extends RuntimeException {

    private final Problem problem;

    /** @param problem what the request is answered */
    MissingBucketException(Problem problem) {
        super(problem.body(), null, false, false);
        this.problem = problem;
    }

    /** Keeps caches from storing the answer, and returns the problem that it reports. */
    Problem report(Exchange request) {
        RateLimitHeaders.forget(request::setField);
        return problem;
    }
}
