package dev.weir.filter;

/** Which response fields report its limits to a client. */
enum HeaderMode {
    /** {@code RateLimit-Policy} and {@code RateLimit} of draft-ietf-httpapi-ratelimit-headers-10. */
    DRAFT,
    /** {@code X-RateLimit-Limit}, {@code X-RateLimit-Remaining} and {@code X-RateLimit-Reset}. */
    LEGACY,
    /** None but {@code Retry-After}. */
    NONE
}
