/**
 * From the sources of a configuration to the settings in force.
 *
 * <pre>
 *   Sources --> ConfigSnapshot --> Settings --> LiveConfig
 *   (file, MicroProfile Config)    (compiled by ConfigKeys)
 * </pre>
 *
 * <p>May use {@link dev.weir.filter.client} and {@link dev.weir.filter.metrics}. Read first: {@code LiveConfig}, which
 * follows the sources, then {@code ConfigKeys}, which lists every key.
 */
@NullMarked
package dev.weir.filter.config;

import org.jspecify.annotations.NullMarked;
