package dev.weir.filter.config;

import java.util.List;

/** The configuration is wrong. The message lists every problem, one line each. */
public final class ConfigurationException extends RuntimeException {

    private final List<String> problems;

    ConfigurationException(List<String> problems) {
        super("Weir's configuration has %d error%s:%n  %s"
                .formatted(
                        problems.size(), problems.size() == 1 ? "" : "s", String.join("%n  ".formatted(), problems)));
        this.problems = List.copyOf(problems);
    }

    /** Each thing that is wrong: key, value, and what is allowed. */
    public List<String> problems() {
        return problems;
    }
}
