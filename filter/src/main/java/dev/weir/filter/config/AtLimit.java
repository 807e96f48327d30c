package dev.weir.filter.config;

/** What becomes of a request above the limit of a policy. */
enum AtLimit {
    REJECT,
    DELAY
}
