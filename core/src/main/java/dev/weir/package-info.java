/**
 * The rate limiter itself: what a limit is, how a request is decided, where the shared state lives.
 *
 * <p>Reading order: {@link dev.weir.Limit} and its algorithms ({@link dev.weir.TokenBucket}, {@link dev.weir.FixedWindow})
 * are pure arithmetic on a {@link dev.weir.State}. A {@link dev.weir.Policy} gives a limit a name. A {@link dev.weir.Store}
 * decides {@link dev.weir.Charge}s atomically and answers {@link dev.weir.Decision}s; {@link dev.weir.MemoryStore} is the
 * one for a single process. A {@link dev.weir.Pool} is a limit that clients share; {@code FairPool} explains how. {@link dev.weir.Weir} joins policies and store, and hands out a
 * {@link dev.weir.RateLimiter} for each policy. {@code Decider} resolves what a request wants into {@code Claim}s, and asks. {@link dev.weir.Limits} changes numbers at run time. {@code StoreLadder} is what happens when the store does not answer,
 * {@code AllOrNone} how a request is charged on its client and on buckets, {@code Waiting} how it waits for its {@code Turn}; {@code LeasingStore} is how requests are decided
 * without asking the store: then {@code Footing}, {@code Lease}, {@code Purse}, {@code Refusal} and, on the store's side, {@code Lending}.
 *
 * <p>This package depends on the JDK alone: it knows no HTTP, no Redis and no configuration API.
 */
@NullMarked
package dev.weir;

import org.jspecify.annotations.NullMarked;
