package dev.weir.spring;

import java.util.Optional;

/**
 * What the limiter counts in, by no type of Micrometer: it may be absent.
 *
 * @param registry the application's {@code MeterRegistry}; empty if it has none, or several of equal rank
 */
record MeterRegistryBean(Optional<Object> registry) {}
