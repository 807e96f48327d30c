/** Weir under faults that are really made. Start with {@code Faults}, which lists them. */
package dev.weir.faults;
