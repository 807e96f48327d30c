package dev.weir.filter;

/** The algorithms by the names that configuration has for them. */
enum Algorithm {
    TOKEN_BUCKET,
    FIXED_WINDOW
}
