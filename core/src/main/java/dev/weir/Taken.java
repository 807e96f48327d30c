package dev.weir;

import dev.weir.limit.Decision;
import java.util.List;

/** The outcome of a {@link RequestPart}: its claims as they were decided, and a decision for each. */
record Taken(Outcome outcome, List<ResolvedCost> claims, List<Decision> decisions) {}
