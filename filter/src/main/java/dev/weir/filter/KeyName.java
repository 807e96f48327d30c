package dev.weir.filter;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a key, cut at its dots. A segment that has dots itself is quoted: {@code client."a.b".weight}.
 *
 * <p>In a pattern, a segment in capitals stands for a name of the user's: {@code weir.policy.P.limit}.
 */
record KeyName(List<String> segments) {

    private static final Pattern SEGMENT = Pattern.compile("\"([^\"]+)\"|([^.\"]+)");
    private static final Pattern PLACE = Pattern.compile("[A-Z]+");

    KeyName {
        segments = List.copyOf(segments);
    }

    /** The segments of a key, or empty if it cannot be cut: a segment is empty, or a quote is not closed. */
    static Optional<KeyName> parse(String key) {
        List<String> segments = new ArrayList<>();
        Matcher matcher = SEGMENT.matcher(key);
        int at = 0;
        while (matcher.region(at, key.length()).lookingAt()) {
            segments.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
            at = matcher.end();
            if (at == key.length()) {
                return Optional.of(new KeyName(segments));
            }
            if (key.charAt(at) != '.') {
                return Optional.empty();
            }
            at++;
        }
        return Optional.empty();
    }

    /** Whether this key is one of those that the pattern stands for. */
    boolean matches(KeyName pattern) {
        if (segments.size() != pattern.segments.size()) {
            return false;
        }
        for (int i = 0; i < segments.size(); i++) {
            String expected = pattern.segments.get(i);
            if (!isPlace(expected) && !expected.equals(segments.get(i))) {
                return false;
            }
        }
        return true;
    }

    /** The user's name in this key, if it has one by this pattern. */
    Optional<String> name(KeyName pattern) {
        for (int i = 0; i < pattern.segments.size() && pattern.segments.size() <= segments.size(); i++) {
            if (isPlace(pattern.segments.get(i))) {
                return Optional.of(segments.get(i));
            }
        }
        return Optional.empty();
    }

    /** This pattern with a name of the user's in its place. */
    KeyName with(String name) {
        return new KeyName(segments.stream()
                .map(segment -> isPlace(segment) ? name : segment)
                .toList());
    }

    boolean hasPlace() {
        return segments.stream().anyMatch(KeyName::isPlace);
    }

    private static boolean isPlace(String segment) {
        return PLACE.matcher(segment).matches();
    }

    /** What MicroProfile Config asks the environment for on behalf of a key. */
    static String inEnvironment(String key) {
        return key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
    }

    /** The key as it is written, quoted only where it must be. */
    @Override
    public String toString() {
        return String.join(
                ".",
                segments.stream()
                        .map(segment -> segment.contains(".") ? '"' + segment + '"' : segment)
                        .toList());
    }
}
