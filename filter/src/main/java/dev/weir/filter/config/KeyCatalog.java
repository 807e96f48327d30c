package dev.weir.filter.config;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Every key that is known here: those of the table, and those of the stores on the class path.
 *
 * @param patterns the keys; capitals stand for a name of the user's
 */
public record KeyCatalog(List<KeyName> patterns) {

    private static final int LONGEST_COMPARED = 200;
    private static final int POLICY_AT = 2;

    public static KeyCatalog with(Collection<String> storeKeys) {
        return new KeyCatalog(Stream.concat(
                        ConfigKeys.ALL.stream().map(Key::pattern),
                        storeKeys.stream().sorted().flatMap(key -> KeyName.parse(key).stream()))
                .toList());
    }

    /** The pattern that a key follows. */
    Optional<KeyName> pattern(KeyName key) {
        return patterns.stream().filter(key::matches).findFirst();
    }

    /** The known key that a wrong one was most likely meant to be, with the user's name in it. */
    String nearest(String key) {
        String wrong = key.length() <= LONGEST_COMPARED ? key : key.substring(0, LONGEST_COMPARED);
        Optional<KeyName> cut = KeyName.parse(wrong);
        return patterns.stream()
                .map(pattern ->
                        cut.map(name -> meant(pattern, name)).orElse(pattern).toString())
                .min(Comparator.comparingInt(known -> distance(wrong, known)))
                .orElseThrow();
    }

    /** A pattern with the names of a key that may not quite follow it. */
    private static KeyName meant(KeyName pattern, KeyName wrong) {
        List<String> names = new ArrayList<>(unquoted(pattern, wrong).names(pattern));
        return names.isEmpty() ? pattern : pattern.with(names.toArray(String[]::new));
    }

    /** The key as it is if its last name, perhaps a client's address, has dots and should have been quoted. */
    private static KeyName unquoted(KeyName pattern, KeyName wrong) {
        int surplus = wrong.segments().size() - pattern.segments().size();
        int last = pattern.segments().size() - 2;
        // A policy's name has no dots.
        boolean dotted = surplus > 0 && last > POLICY_AT && pattern.placeCount() > 0
                || surplus > 0 && pattern.equals(ConfigKeys.PLAN_OF_CLIENT.pattern());
        if (!dotted) {
            return wrong;
        }
        List<String> segments = new ArrayList<>(wrong.segments().subList(0, last));
        segments.add(String.join(".", wrong.segments().subList(last, last + surplus + 1)));
        segments.addAll(
                wrong.segments().subList(last + surplus + 1, wrong.segments().size()));
        return new KeyName(segments);
    }

    /** The name that a wrong one was most likely meant to be. */
    static Optional<String> nearest(String wrong, Collection<String> known) {
        return known.stream().min(Comparator.comparingInt(name -> distance(wrong, name)));
    }

    /** Levenshtein's: how many characters must be inserted, deleted or replaced to make one text the other. */
    static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j <= to.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= to.length(); j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
