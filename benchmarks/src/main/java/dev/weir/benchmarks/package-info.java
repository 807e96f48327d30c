/**
 * What a decision costs, by itself and beside what others ask for one. {@link dev.weir.benchmarks.Benchmarks} is the
 * command line; {@link dev.weir.benchmarks.Compare} is the comparison: it measures
 * {@link dev.weir.benchmarks.Scenario}s, in each of which several {@link dev.weir.benchmarks.Contender}s do the same,
 * and {@link dev.weir.benchmarks.Report} writes what came out. {@link dev.weir.benchmarks.Simulate} and
 * {@link dev.weir.benchmarks.Fair} hold what the clients of a pool got against what they should have, which
 * {@link dev.weir.benchmarks.FairShares} knows.
 *
 * <p>Not null-marked: the harness and the command line fill the fields.
 */
@NullUnmarked
package dev.weir.benchmarks;

import org.jspecify.annotations.NullUnmarked;
