package dev.weir.filter;

/** What becomes of a request above the limit of a policy. */
enum AtLimit {
    REJECT,
    DELAY
}
