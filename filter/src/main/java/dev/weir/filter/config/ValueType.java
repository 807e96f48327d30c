package dev.weir.filter.config;

import dev.weir.limit.Split;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * What the values of a key are like: how they are described to people, and how one is read.
 *
 * @param type what it is, in a word or two
 * @param unit what a bare value counts; {@code -} if it counts nothing
 * @param range what is allowed
 * @param read makes the value out of its text, or throws an {@link IllegalArgumentException} that says what is wrong
 */
public record ValueType<T>(String type, String unit, String range, Function<String, T> read) {

    private static final Pattern DIGITS = Pattern.compile("-?[0-9]+");
    private static final Pattern PERCENT = Pattern.compile("100|[0-9]{1,2}");

    public static ValueType<Long> wholeNumber(String unit, long min, long max) {
        return new ValueType<>("whole number", unit, min + " to " + max, text -> {
            // Not Long.parseLong alone: it takes a plus sign and the digits of every script.
            if (!DIGITS.matcher(text).matches()) {
                throw new IllegalArgumentException("not a whole number");
            }
            return within(min, max, number(text), text.startsWith("-"));
        });
    }

    private static long number(String digits) {
        try {
            return Long.parseLong(digits);
        } catch (NumberFormatException e) {
            return digits.startsWith("-") ? Long.MIN_VALUE : Long.MAX_VALUE;
        }
    }

    private static <V extends Comparable<V>> V within(V min, V max, V value, boolean negative) {
        if (value.compareTo(min) < 0) {
            throw new IllegalArgumentException(negative ? "negative" : "too small");
        }
        if (value.compareTo(max) > 0) {
            throw new IllegalArgumentException("too large");
        }
        return value;
    }

    static ValueType<Duration> duration(String min, String max) {
        Duration shortest = DurationText.parse(min);
        Duration longest = DurationText.parse(max);
        return new ValueType<>("duration", "ms, s, m, h or d", min + " to " + max, text -> {
            Duration duration = DurationText.parse(text);
            return within(shortest, longest, duration, duration.isNegative());
        });
    }

    /** The constants of an enum, in lower case with hyphens. */
    static <E extends Enum<E>> ValueType<E> oneOf(Class<E> constants) {
        Map<String, E> byName = new LinkedHashMap<>();
        for (E constant : constants.getEnumConstants()) {
            byName.put(constant.name().toLowerCase(Locale.ROOT).replace('_', '-'), constant);
        }
        String names = String.join(", ", byName.keySet());
        return new ValueType<>("choice", "-", names, text -> {
            E constant = byName.get(text);
            if (constant == null) {
                throw new IllegalArgumentException("none of them");
            }
            return constant;
        });
    }

    static ValueType<Boolean> flag() {
        return new ValueType<>("choice", "-", "true, false", text -> switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("none of them");
        });
    }

    /** Percentages with commas between. */
    static ValueType<Split> split() {
        String range =
                "1 to %d whole numbers from 0 to 100 that add up to 100; commas between".formatted(Split.MAX_PARTS);
        return new ValueType<>("list of percentages", "percent", range, text -> {
            List<Integer> percents = new ArrayList<>();
            for (String part : text.split(",", -1)) {
                if (!PERCENT.matcher(part.strip()).matches()) {
                    throw new IllegalArgumentException(
                            "'%s' is not such a number".formatted(ConfigProblems.shown(part.strip())));
                }
                percents.add(Integer.valueOf(part.strip()));
            }
            if (percents.size() > Split.MAX_PARTS) {
                throw new IllegalArgumentException("more than %d of them".formatted(Split.MAX_PARTS));
            }
            int sum = percents.stream().mapToInt(Integer::intValue).sum();
            if (sum != 100) {
                throw new IllegalArgumentException("they add up to " + sum);
            }
            return new Split(percents);
        });
    }

    static ValueType<String> text(String type, String range, Predicate<String> allowed) {
        return new ValueType<>(type, "-", range, text -> {
            if (!allowed.test(text)) {
                throw new IllegalArgumentException("not of that form");
            }
            return text;
        });
    }

    /** Text that other code reads: {@code check} throws if it cannot be read. */
    static ValueType<String> checked(String type, String range, Consumer<String> check) {
        return new ValueType<>(type, "-", range, text -> {
            check.accept(text);
            return text;
        });
    }

    static ValueType<Path> file() {
        return new ValueType<>("path", "-", "a file of at most 1 MiB, in UTF-8", Path::of);
    }

    /** Names with commas between them. */
    static ValueType<List<String>> names(String range, Predicate<String> name) {
        return new ValueType<>("list of names", "-", range, text -> {
            List<String> names = new ArrayList<>();
            for (String part : text.split(",", -1)) {
                if (!name.test(part.strip())) {
                    throw new IllegalArgumentException("'%s' is not such a name".formatted(ConfigProblems.shown(part)));
                }
                names.add(part.strip());
            }
            return List.copyOf(names);
        });
    }
}
