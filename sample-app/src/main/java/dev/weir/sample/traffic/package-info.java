/** Made-up clients and how they behave; used by the demo and by {@code --load}. */
@NullMarked
package dev.weir.sample.traffic;

import org.jspecify.annotations.NullMarked;
