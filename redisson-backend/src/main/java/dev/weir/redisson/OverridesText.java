package dev.weir.redisson;

import dev.weir.limit.Limit;
import dev.weir.limit.Rate;
import dev.weir.limit.Split;
import dev.weir.limit.Terms;
import dev.weir.store.Overrides;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What is set at run time, as Redis keeps it: its version, and a text that people can read too.
 *
 * <pre>1763696400123456 plan=gold;search rate=500/1000000/500 weight=3 split=50,30,20;export weight=0</pre>
 *
 * A rate is permits, period in microseconds and burst. Names of policies and plans have no character that means
 * something here.
 */
final class OverridesText {

    private static final String PLAN = "plan=";
    private static final Pattern VERSIONED = Pattern.compile("([0-9]{1,16}) (.*)", Pattern.DOTALL);

    private OverridesText() {}

    /** The text of overrides, without their version; empty if nothing is set. */
    static String of(Overrides overrides) {
        List<String> parts = new ArrayList<>();
        if (overrides.plan() != null) {
            parts.add(PLAN + overrides.plan());
        }
        new TreeMap<>(overrides.terms()).forEach((policy, terms) -> parts.add(policy + text(terms)));
        return String.join(";", parts);
    }

    private static String text(Terms terms) {
        StringBuilder text = new StringBuilder();
        Rate rate = terms.rate();
        if (rate != null) {
            long periodMicros = rate.period().toNanos() / 1_000;
            text.append(" rate=")
                    .append(rate.permits())
                    .append('/')
                    .append(periodMicros)
                    .append('/')
                    .append(rate.burst());
        }
        if (terms.weight() != null) {
            text.append(" weight=").append(terms.weight());
        }
        Split split = terms.split();
        if (split != null) {
            text.append(" split=")
                    .append(split.percents().stream().map(String::valueOf).collect(Collectors.joining(",")));
        }
        return text.toString();
    }

    /**
     * Overrides of what Redis keeps. What cannot be read in it, because another program wrote it, is left out: a client
     * must not fail for ever because of that, and the next change writes it anew.
     *
     * @param versioned version and text, or empty if nothing is set
     */
    static Overrides read(String versioned) {
        Matcher parts = VERSIONED.matcher(versioned);
        long version = parts.matches() ? Long.parseLong(parts.group(1)) : Overrides.NO_VERSION;
        if (version == Overrides.NO_VERSION || version >= Limit.EXACT) {
            return Overrides.NONE; // As overrides.lua says.
        }
        @Nullable String plan = null;
        Map<String, Terms> terms = new TreeMap<>();
        for (String part : parts.group(2).split(";")) {
            if (part.startsWith(PLAN)) {
                plan = part.substring(PLAN.length());
                continue;
            }
            String[] words = part.split(" ");
            Terms some = terms(words);
            if (!some.equals(Terms.NONE)) {
                terms.put(words[0], some);
            }
        }
        return new Overrides(version, plan, terms);
    }

    private static Terms terms(String[] words) {
        @Nullable Rate rate = null;
        @Nullable Long weight = null;
        @Nullable Split split = null;
        for (int i = 1; i < words.length; i++) {
            String value = words[i].substring(words[i].indexOf('=') + 1);
            try {
                switch (words[i].substring(0, words[i].length() - value.length())) {
                    case "rate=" -> rate = rate(value.split("/"));
                    case "weight=" -> weight = new Terms(null, Long.valueOf(value), null).weight();
                    case "split=" ->
                        split = new Split(List.of(value.split(",")).stream()
                                .map(Integer::valueOf)
                                .toList());
                    default -> {} // Of a later version: what it means is not known here.
                }
            } catch (IllegalArgumentException | ArithmeticException | IndexOutOfBoundsException e) {
                continue; // Not a number, or out of its range.
            }
        }
        return new Terms(rate, weight, split);
    }

    private static Rate rate(String[] numbers) {
        Duration period = Duration.of(Long.parseLong(numbers[1]), ChronoUnit.MICROS);
        return new Rate(Long.parseLong(numbers[0]), period, Long.parseLong(numbers[2]));
    }
}
