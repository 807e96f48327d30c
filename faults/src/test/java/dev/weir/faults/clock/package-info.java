/** A wall clock of a process that a test sets. {@code ClockAgent} runs in that process, and uses nothing of this one. */
package dev.weir.faults.clock;
