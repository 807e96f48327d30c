package dev.weir.filter.admin;

import dev.weir.limit.Limit;
import dev.weir.limit.Split;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The fields of a request's JSON object; each reader refuses what is wrong with a problem that names the field.
 *
 * @param fields as {@link JsonReader} read them
 */
record AdminBody(Map<String, Object> fields) {

    private static final Pattern SEGMENT = Pattern.compile("(?!\\.{1,2}$)[^/\\\\%;\\p{Cntrl}]+");

    /** @param known the fields that mean something */
    static AdminBody of(@Nullable Map<String, Object> fields, Set<String> known) {
        if (fields == null) {
            throw AdminProblem.thrown(AdminStatus.BAD_REQUEST, "a JSON object with " + known + " is needed");
        }
        for (String field : fields.keySet()) {
            if (!known.contains(field)) {
                throw wrong(field, "is not known; known are " + new TreeSet<>(known));
            }
        }
        return new AdminBody(fields);
    }

    /** Whether a field is there, be it null. */
    boolean has(String field) {
        return fields.containsKey(field);
    }

    Optional<String> text(String field) {
        Object value = fields.get(field);
        if (value == null || value instanceof String) {
            return Optional.ofNullable((String) value);
        }
        throw wrong(field, "must be a string");
    }

    /** Whether a text can be asked for as a segment of a path, in the way that servers read paths. */
    static boolean isSegment(String text) {
        return SEGMENT.matcher(text).matches();
    }

    /** An id. */
    String id(String field) {
        String text = text(field).filter(given -> !given.isEmpty()).orElseThrow(() -> wrong(field, "is missing"));
        return AdminIds.inField(field, text);
    }

    /** A whole number from {@code least} to {@link Limit#EXACT}. */
    Optional<Long> whole(String field, long least) {
        return whole(field, least, Limit.EXACT);
    }

    Optional<Long> whole(String field, long least, long most) {
        Object value = fields.get(field);
        return value == null ? Optional.empty() : Optional.of(whole(field, value, least, most));
    }

    long needed(String field, long least) {
        return whole(field, least).orElseThrow(() -> wrong(field, "is missing"));
    }

    Optional<Split> split(String field) {
        Object value = fields.get(field);
        if (value == null) {
            return Optional.empty();
        }
        if (!(value instanceof Collection<?> percents)) {
            throw wrong(field, "must be a list of percentages");
        }
        try {
            return Optional.of(new Split(percents.stream()
                    .map(percent -> (int) Math.min(Integer.MAX_VALUE, whole(field, percent, 0, Limit.EXACT)))
                    .toList()));
        } catch (IllegalArgumentException e) {
            throw wrong(field, "is refused: " + e.getMessage());
        }
    }

    private static long whole(String field, @Nullable Object value, long least, long most) {
        if (value instanceof Number number) {
            try {
                long whole = new BigDecimal(number.toString()).longValueExact();
                if (whole >= least && whole <= most) {
                    return whole;
                }
            } catch (ArithmeticException | NumberFormatException e) {
                // Reported below, like any other number that is not allowed.
            }
        }
        throw wrong(field, "must be a whole number from %d to %d, but is %s".formatted(least, most, value));
    }

    /** What each field may be, but not all of them with what is there. */
    String refused(IllegalArgumentException why) {
        if (fields.isEmpty()) {
            return String.valueOf(why.getMessage());
        }
        String names = fields.keySet().stream().sorted().map("'%s'"::formatted).collect(Collectors.joining(", "));
        return (fields.size() == 1 ? "field %s is refused: %s" : "the fields %s are refused: %s")
                .formatted(names, why.getMessage());
    }

    static AdminProblem wrong(String field, String why) {
        return AdminProblem.thrown(AdminStatus.BAD_REQUEST, "field '%s' %s".formatted(field, why));
    }
}
