package dev.weir.filter;

import dev.weir.BucketCost;
import dev.weir.PolicyCost;
import dev.weir.limit.Decision;
import dev.weir.limit.Decisions;
import dev.weir.limit.Names;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reports the decisions of a gate: to the application in an attribute of the request
 * ({@link RateLimitFilter#DECISIONS}), and to the client in the fields of the response.
 *
 * @param limits the limiter that decides
 * @param exposed whether the fields of the response report these decisions; they never report those in shadow mode
 */
record DecisionReport(RateLimits limits, boolean exposed) {

    private static final String EXPOSED = "dev.weir.filter.exposed";

    /**
     * Adds decisions to those that have been reported of the request before.
     *
     * @param due what the decisions are on
     * @return why the request may not go on, if it may not
     */
    Optional<Problem> write(Decisions now, DueCosts due, Exchange request) {
        List<String> shown = shown(due);
        add(request, RateLimitFilter.DECISIONS, now);
        List<Decision> reported = reported(now, shown);
        if (!reported.isEmpty()) {
            RateLimitHeaders.describe(
                    request::setField, limits.http().headers(), add(request, EXPOSED, new Decisions(reported)));
        }
        if (now.permitted()) {
            return Optional.empty();
        }
        RateLimitHeaders.reject(request::setField, now);
        return Optional.of(Problem.of(now));
    }

    private List<String> shown(DueCosts due) {
        List<String> shown = new ArrayList<>(due.policies().size());
        for (PolicyCost cost : due.policies()) {
            if (!cost.shadow() && !limits.isShadow(cost.policy())) {
                shown.add(cost.policy());
            }
        }
        for (BucketCost bucket : due.buckets().values()) {
            if (!bucket.shadow()) {
                shown.add(Names.BUCKET);
            }
        }
        return shown;
    }

    private List<Decision> reported(Decisions now, List<String> shown) {
        List<Decision> reported = new ArrayList<>(now.each().size());
        for (Decision decision : now.each()) {
            if (exposed && shown.contains(decision.policy())) {
                reported.add(decision);
            }
        }
        return reported;
    }

    /** Adds decisions to those of an attribute, and returns all of them. */
    private static Decisions add(Exchange request, String attribute, Decisions now) {
        List<Decision> before = decisions(request, attribute);
        Decisions all = before.isEmpty() ? now : new Decisions(joined(before, now.each()));
        request.setAttribute(attribute, all);
        return all;
    }

    private static List<Decision> decisions(Exchange request, String attribute) {
        return request.attribute(attribute) instanceof Decisions decisions ? decisions.each() : List.of();
    }

    private static List<Decision> joined(List<Decision> before, List<Decision> now) {
        List<Decision> all = new ArrayList<>(before);
        all.addAll(now);
        return all;
    }
}
