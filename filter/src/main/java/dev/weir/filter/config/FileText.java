package dev.weir.filter.config;

import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What the bytes of a properties file say.
 *
 * @param values the keys under {@code weir.} with their values, those of profiles among them; empty if the bytes are
 * not a properties file at all
 * @param problems what is wrong before any value is judged
 */
record FileText(Optional<Map<String, String>> values, List<String> problems) {

    static final int MAX_BYTES = 1 << 20;

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    /** As {@code %dev.weir.store}: MicroProfile Config reads it while that profile is active. */
    static final Pattern OF_A_PROFILE = Pattern.compile("%[^.]+\\.(weir\\..*)");

    private static final Pattern NAMES_THE_FILE = Pattern.compile(
            "(%[^.]+\\.)?" + Pattern.quote(ConfigKeys.CONFIG_FILE.pattern().toString()));

    /** How many characters may be wrong in a key that is taken to be misspelt. */
    private static final int MISSPELT = 3;

    /** Reads the content of {@code file}. */
    static FileText parse(Path file, byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            return unreadable(file, "larger than %d bytes".formatted(MAX_BYTES));
        }
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            boolean marked = !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK;
            return of(file, marked ? text.substring(1) : text);
        } catch (CharacterCodingException e) {
            return unreadable(file, "not UTF-8");
        } catch (IllegalArgumentException | IOException e) {
            return unreadable(file, "not a properties file: " + e.getMessage());
        }
    }

    /** Properties that know which keys are given more than once, where the last would silently win. */
    private static final class Entries extends Properties {

        private final transient Set<String> repeated = new TreeSet<>();

        @Override
        public synchronized @Nullable Object put(Object key, Object value) {
            if (containsKey(key)) {
                repeated.add(String.valueOf(key));
            }
            return super.put(key, value);
        }
    }

    private static FileText of(Path file, String text) throws IOException {
        Entries properties = new Entries();
        properties.load(new StringReader(text));
        ConfigProblems problems = new ConfigProblems();
        properties.repeated.forEach(key -> problems.add(() ->
                "%s is given more than once (%s): which of them is meant?".formatted(ConfigProblems.shown(key), file)));
        KeyCatalog catalog = KeyCatalog.with(List.of());
        Map<String, String> values = new TreeMap<>();
        for (String key : properties.stringPropertyNames()) {
            if (NAMES_THE_FILE.matcher(key).matches()) {
                problems.add(
                        () -> "%s cannot be set in that file itself (%s)".formatted(ConfigProblems.shown(key), file));
            } else if (key.startsWith(ConfigKeys.PREFIX)
                    || OF_A_PROFILE.matcher(key).matches()) {
                values.put(key, properties.getProperty(key));
            } else {
                problems.add(() -> foreign(file, key, properties.getProperty(key), catalog.nearest(key)));
            }
        }
        return new FileText(Optional.of(values), problems.list());
    }

    /** The value is shown only if the key is nearly one of Weir's: any other may be a secret, whatever it is called. */
    private static String foreign(Path file, String key, String value, String nearest) {
        boolean isMisspelt = KeyCatalog.distance(ConfigProblems.shown(key), nearest) <= MISSPELT;
        return "%s = '%s' (%s): not a key of Weir; the nearest is %s"
                .formatted(
                        ConfigProblems.shown(key),
                        isMisspelt ? ConfigProblems.shown(key, nearest, value) : ConfigProblems.HIDDEN,
                        file,
                        nearest);
    }

    private static FileText unreadable(Path file, String why) {
        return new FileText(
                Optional.empty(), List.of("%s = '%s': %s".formatted(ConfigKeys.CONFIG_FILE.pattern(), file, why)));
    }
}
