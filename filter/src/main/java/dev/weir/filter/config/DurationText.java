package dev.weir.filter.config;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as people write them: {@code 100ms}, {@code 1s}, {@code 5m}, {@code 2h}, {@code 1d}, or ISO-8601. For
 * applications that let their users give a period: what configuration reads, they read too.
 */
public final class DurationText {

    private static final Pattern SHORT = Pattern.compile("([0-9]{1,18})(ms|s|m|h|d)");
    private static final Pattern NUMBER = Pattern.compile("[+-]?[0-9.]+");
    private static final Map<String, ChronoUnit> UNITS = Map.of(
            "ms", ChronoUnit.MILLIS,
            "s", ChronoUnit.SECONDS,
            "m", ChronoUnit.MINUTES,
            "h", ChronoUnit.HOURS,
            "d", ChronoUnit.DAYS);

    private DurationText() {}

    /**
     * The duration that a text means; it may be negative or 0.
     *
     * @throws IllegalArgumentException if that is no duration in whole microseconds; the message says why
     */
    public static Duration parse(String text) {
        Duration duration = exact(text);
        if (duration.getNano() % 1_000 != 0) {
            throw new IllegalArgumentException("finer than a microsecond");
        }
        return duration;
    }

    private static Duration exact(String text) {
        if (NUMBER.matcher(text).matches()) {
            throw new IllegalArgumentException("a number without a unit");
        }
        Matcher matcher = SHORT.matcher(text);
        try {
            return matcher.matches()
                    ? Duration.of(Long.parseLong(matcher.group(1)), UNITS.get(matcher.group(2)))
                    : Duration.parse(text);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("not a duration such as 100ms, 1s, 5m, 2h, 1d or PT1.5S", e);
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("too large", e);
        }
    }
}
