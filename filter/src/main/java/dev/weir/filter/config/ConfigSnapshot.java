package dev.weir.filter.config;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigValue;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * What all sources together say under {@code weir.} at one moment, before anything is judged. Two that are equal say
 * the same.
 *
 * @param values of known keys, by their canonical names; a blank value counts as not set, as it does in MicroProfile
 * Config
 * @param problems unknown keys, and values that cannot be read
 * @param unknownVariables variables of the environment that look like ours and are not: perhaps another program's
 * @param isWhole whether no source has failed: one that has may answer the next time
 */
record ConfigSnapshot(
        SortedMap<String, Value> values, List<String> problems, Set<String> unknownVariables, boolean isWhole) {

    /** A value and where it comes from. */
    record Value(String text, String source) {}

    /** The value of a key, with the user's name in its place if it has one. */
    Optional<Value> value(KeyName key) {
        return Optional.ofNullable(values.get(key.toString()));
    }

    /**
     * Asks all sources.
     *
     * @param problems what is wrong already
     */
    static ConfigSnapshot read(Config config, KeyCatalog catalog, List<String> problems) {
        Reading reading = new Reading(config, catalog);
        reading.problems.addAll(problems);
        return reading.read();
    }

    /**
     * A walk through a {@link Config}.
     *
     * <p>A {@code Config} may list the names of its keys as they were when it was made, so its sources are asked too.
     * The environment is another matter: {@code WEIR_POLICY_MY_API_LIMIT} may be the limit of {@code my-api},
     * {@code my_api} or {@code my.api}. Its names are never cut; instead it is asked for every key that could be there.
     */
    private static final class Reading {

        private final Config config;
        private final KeyCatalog catalog;
        private final Set<String> inEnvironment = new TreeSet<>();
        private final Set<String> asked = new HashSet<>();
        private final SortedMap<String, Value> values = new TreeMap<>();
        private final ConfigProblems problems = new ConfigProblems();
        private boolean isWhole = true;

        Reading(Config config, KeyCatalog catalog) {
            this.config = config;
            this.catalog = catalog;
        }

        ConfigSnapshot read() {
            Map<String, KeyName> known = known(listed());
            Set<KeyName> subjects = new LinkedHashSet<>();
            for (KeyName key : known.values()) {
                catalog.pattern(key).map(key::subjects).ifPresent(subjects::addAll);
            }
            known.forEach(this::take);
            for (KeyName pattern : catalog.patterns()) {
                if (pattern.placeCount() == 0) {
                    take(pattern.toString(), pattern);
                }
            }
            for (String policy : value(ConfigKeys.POLICIES).orElse(List.of())) {
                subjects.add(new KeyName(List.of("weir", "policy", policy)));
            }
            for (KeyName pattern : catalog.patterns()) {
                subjects.forEach(subject -> pattern.about(subject).ifPresent(key -> takeUnlisted(pattern, key)));
            }
            return new ConfigSnapshot(values, problems.list(), Set.copyOf(inEnvironment), isWhole);
        }

        /**
         * There may be thousands of clients: of what is said about them, only the environment is asked for more than is
         * listed.
         */
        private void takeUnlisted(KeyName pattern, KeyName key) {
            boolean few = pattern.placeCount() == 1;
            if (few || !inEnvironment.isEmpty()) {
                String name = key.toString();
                if (few || variables(name).anyMatch(inEnvironment::contains)) {
                    take(name, key);
                }
            }
        }

        /** The variables in which MicroProfile Config looks for a key. */
        private static Stream<String> variables(String name) {
            return Stream.of(KeyName.inEnvironment(name), KeyName.word(name));
        }

        /** The names that sources list, without those that a source only guessed from its own variables. */
        private Set<String> listed() {
            Set<String> listed = new TreeSet<>();
            for (ConfigSource source : config.getConfigSources()) {
                Set<String> names = source.getPropertyNames();
                names.stream().filter(Reading::isVariable).forEach(inEnvironment::add);
                addUnguessed(names, names, listed);
                names.forEach(name -> ofProfile(name).ifPresent(listed::add));
            }
            Set<String> names = new HashSet<>();
            config.getPropertyNames().forEach(names::add);
            addUnguessed(names, inEnvironment, listed);
            return listed;
        }

        /**
         * The key of an active profile; that of another one says nothing. A Config may list only those that it had at
         * its start.
         */
        private Optional<String> ofProfile(String name) {
            Matcher matcher = FileText.OF_A_PROFILE.matcher(name);
            return matcher.matches()
                    ? Optional.of(matcher.group(1))
                            .filter(key -> config.getConfigValue(key).getRawValue() != null)
                    : Optional.empty();
        }

        private static void addUnguessed(Collection<String> names, Set<String> variables, Set<String> listed) {
            for (String name : names) {
                if (name.startsWith(ConfigKeys.PREFIX) && variables(name).noneMatch(variables::contains)) {
                    listed.add(name);
                }
            }
        }

        private static boolean isVariable(String name) {
            return name.startsWith("WEIR_") || name.startsWith("weir_");
        }

        private Map<String, KeyName> known(Set<String> listed) {
            Map<String, KeyName> known = new HashMap<>();
            for (String name : listed) {
                Optional<KeyName> key = KeyName.parse(name);
                if (key.flatMap(catalog::pattern).isPresent()) {
                    known.put(name, key.get());
                } else {
                    problems.add(() -> unknown(name));
                }
            }
            return known;
        }

        private String unknown(String name) {
            String nearest = catalog.nearest(name);
            String value;
            try {
                ConfigValue found = config.getConfigValue(name);
                value = " = '%s' (%s)"
                        .formatted(
                                ConfigProblems.shown(name, nearest, String.valueOf(found.getRawValue())),
                                source(found));
            } catch (RuntimeException e) {
                value = "";
            }
            return "%s%s: not a known key; the nearest is %s".formatted(ConfigProblems.shown(name), value, nearest);
        }

        private <T> Optional<T> value(Key<T> key) {
            Value value = values.get(key.pattern().toString());
            try {
                return Optional.ofNullable(value)
                        .map(Value::text)
                        .map(key.kind().read());
            } catch (IllegalArgumentException e) {
                return Optional.empty(); // It is reported when values are judged.
            }
        }

        /** A source may be called by its address. */
        private static String source(ConfigValue found) {
            return Secrets.withoutUserInfo(String.valueOf(found.getSourceName()));
        }

        private void take(String name, KeyName key) {
            if (!asked.add(name)) {
                return;
            }
            variables(name).forEach(inEnvironment::remove);
            ConfigValue found;
            try {
                found = config.getConfigValue(name);
            } catch (RuntimeException e) {
                isWhole = false;
                String why = Secrets.isSecret(name)
                        ? e.getClass().getSimpleName()
                        : ConfigProblems.shown(String.valueOf(e.getMessage()));
                problems.add(() -> "%s cannot be read: %s".formatted(ConfigProblems.shown(name), why));
                return;
            }
            String text = found.getValue();
            if (text == null) {
                if (found.getRawValue() != null) {
                    problems.add(() -> "%s = '%s' (%s): an expression in it has no value"
                            .formatted(
                                    ConfigProblems.shown(name),
                                    ConfigProblems.shown(name, found.getRawValue()),
                                    source(found)));
                }
                return;
            }
            if (!text.isBlank()) {
                Value value = new Value(text.strip(), source(found));
                Value other = values.put(key.toString(), value);
                if (other != null && !other.equals(value)) {
                    problems.add(() -> "%s is given twice, once with quotes".formatted(ConfigProblems.shown(name)));
                }
            }
        }
    }
}
