package dev.weir.filter.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

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

    /**
     * The user's names that this key has in the places of a pattern, in their order; empty if it is too short for it.
     */
    List<String> names(KeyName pattern) {
        return pattern.segments.size() > segments.size()
                ? List.of()
                : pattern.places().mapToObj(segments::get).toList();
    }

    /** What this key, which follows a pattern, is about: what it begins with, up to each of the user's names. */
    List<KeyName> subjects(KeyName pattern) {
        return pattern.places()
                .mapToObj(place -> new KeyName(segments.subList(0, place + 1)))
                .toList();
    }

    /** The key that this pattern stands for and that is about exactly this subject, if it can be. */
    Optional<KeyName> about(KeyName subject) {
        int after = places().max().orElse(-1) + 1;
        if (after != subject.segments.size() || !subject.matches(new KeyName(segments.subList(0, after)))) {
            return Optional.empty();
        }
        List<String> filled = new ArrayList<>(subject.segments);
        filled.addAll(segments.subList(after, segments.size()));
        return Optional.of(new KeyName(filled));
    }

    /** This pattern with names of the user's in its places, one for each. */
    KeyName with(String... names) {
        List<String> filled = new ArrayList<>(segments);
        int[] places = places().toArray();
        for (int i = 0; i < places.length; i++) {
            filled.set(places[i], names[i]);
        }
        return new KeyName(filled);
    }

    /** How many names of the user's this pattern has places for. */
    int placeCount() {
        return (int) places().count();
    }

    private IntStream places() {
        return IntStream.range(0, segments.size()).filter(i -> isPlace(segments.get(i)));
    }

    private static boolean isPlace(String segment) {
        return PLACE.matcher(segment).matches();
    }

    /** What MicroProfile Config asks the environment for on behalf of a key. */
    static String inEnvironment(String key) {
        return word(key).toUpperCase(Locale.ROOT);
    }

    /** A key as it stands in the environment, in its own case. */
    static String word(String key) {
        return key.replaceAll("[^A-Za-z0-9]", "_");
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
