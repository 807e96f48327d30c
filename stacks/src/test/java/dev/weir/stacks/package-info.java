/** Weir on the servers and frameworks that it is used with. Start with {@code Stacks}, which lists them. */
package dev.weir.stacks;
