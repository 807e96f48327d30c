/**
 * What a decision costs. Run with {@code java -jar benchmarks/target/benchmarks.jar}.
 *
 * <p>Not null-marked: the harness fills the fields.
 */
@NullUnmarked
package dev.weir.benchmarks;

import org.jspecify.annotations.NullUnmarked;
