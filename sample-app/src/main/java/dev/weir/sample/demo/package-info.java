/**
 * The demo: three instances, a Redis that can be killed, and traffic. Read first: {@link dev.weir.sample.demo.Demo}.
 */
@NullMarked
package dev.weir.sample.demo;

import org.jspecify.annotations.NullMarked;
