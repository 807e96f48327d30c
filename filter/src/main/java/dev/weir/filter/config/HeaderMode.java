package dev.weir.filter.config;

/** Which response fields report its limits to a client. */
public enum HeaderMode {
    /** {@code RateLimit-Policy} and {@code RateLimit} of draft-ietf-httpapi-ratelimit-headers-10. */
    DRAFT,
    /** {@code X-RateLimit-Limit}, {@code X-RateLimit-Remaining} and {@code X-RateLimit-Reset}. */
    LEGACY,
    /** None but {@code Retry-After}. */
    NONE
}
