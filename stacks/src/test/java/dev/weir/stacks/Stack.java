package dev.weir.stacks;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * A server or framework with an application on it that Weir limits.
 *
 * @param name as the table shows it
 * @param door how the requests are limited: the filter, the annotation
 * @param isInCi whether every build tries it, or only the profile {@code stacks}
 * @param leastJava the first version of Java that it runs on
 * @param server what is started
 * @param application what is on it
 * @param without the checks that do not apply to it: JAX-RS knows no FORWARD, and without servlets neither delay nor
 *     addresses; few applications register the admin resource, or have CDI inject a limiter
 * @param known the checks that are known to fail on it, and why
 */
record Stack(
        String name,
        String door,
        boolean isInCi,
        int leastJava,
        Server server,
        Application application,
        Set<Check> without,
        Map<Check, String> known) {

    static Stack of(String name, String door, Server server, Application application) {
        return new Stack(name, door, false, 17, server, application, Set.of(Check.ADMIN, Check.INJECTED), Map.of());
    }

    Stack inCi() {
        return new Stack(name, door, true, leastJava, server, application, without, known);
    }

    Stack sinceJava(int version) {
        return new Stack(name, door, isInCi, version, server, application, without, known);
    }

    Stack without(Check... checks) {
        return new Stack(name, door, isInCi, leastJava, server, application, Set.of(checks), known);
    }

    /** A check that fails on it does not fail the run. */
    Stack failing(Check check, String why) {
        Map<Check, String> all = new HashMap<>(known);
        all.put(check, why);
        return new Stack(name, door, isInCi, leastJava, server, application, without, Map.copyOf(all));
    }
}
