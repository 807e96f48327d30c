package dev.weir.filter;

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
 * @param values the keys under {@code weir.} with their values, those of profiles among them; empty if the bytes are not a properties file at all
 * @param problems what is wrong before any value is judged
 */
record FileText(Optional<Map<String, String>> values, List<String> problems) {

    static final int MAX_BYTES = 1 << 20;

    private static final char BYTE_ORDER_MARK = '\uFEFF';

    /** As {@code %dev.weir.store}: MicroProfile Config reads it while that profile is active. */
    private static final Pattern OF_A_PROFILE = Pattern.compile("%[^.]+\\.weir\\.");

    /** Reads the content of {@code file}. */
    static FileText parse(Path file, byte[] bytes) {
        if (bytes.length > MAX_BYTES) {
            return unreadable(file, "larger than %d bytes".formatted(MAX_BYTES));
        }
        Entries properties = new Entries();
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            boolean marked = !text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK;
            properties.load(new StringReader(marked ? text.substring(1) : text));
        } catch (CharacterCodingException e) {
            return unreadable(file, "not UTF-8");
        } catch (IllegalArgumentException | IOException e) {
            return unreadable(file, "not a properties file: " + e.getMessage());
        }
        return of(file, properties);
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

    private static FileText of(Path file, Entries properties) {
        Catalog catalog = Catalog.with(List.of());
        Map<String, String> values = new TreeMap<>();
        ConfigProblems problems = new ConfigProblems();
        properties.repeated.forEach(key -> problems.add(() ->
                "%s is given more than once (%s): which of them is meant?".formatted(ConfigProblems.shown(key), file)));
        for (String key : properties.stringPropertyNames()) {
            if (key.equals(Keys.CONFIG_FILE.pattern().toString())) {
                problems.add(() -> "%s cannot be set in that file itself (%s)".formatted(key, file));
            } else if (key.startsWith(Keys.PREFIX) || OF_A_PROFILE.matcher(key).lookingAt()) {
                values.put(key, properties.getProperty(key));
            } else {
                problems.add(() -> "%s = '%s' (%s): not a key of Weir; the nearest is %s"
                        .formatted(
                                ConfigProblems.shown(key),
                                ConfigProblems.shown(key, properties.getProperty(key)),
                                file,
                                catalog.nearest(key)));
            }
        }
        return new FileText(Optional.of(values), problems.list());
    }

    private static FileText unreadable(Path file, String why) {
        return new FileText(
                Optional.empty(), List.of("%s = '%s': %s".formatted(Keys.CONFIG_FILE.pattern(), file, why)));
    }
}
