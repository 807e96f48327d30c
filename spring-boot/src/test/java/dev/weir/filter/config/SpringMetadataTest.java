package dev.weir.filter.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * What an editor shows for keys in application.yml is what the table of keys says. {@code -Dweir.metadata.write=true}
 * writes it anew.
 */
class SpringMetadataTest {

    private static final Path FILE =
            Path.of("src", "main", "resources", "META-INF", "spring-configuration-metadata.json");

    /** The names that an editor offers where a name is the user's. */
    private static final Map<String, String> NAMES =
            Map.of("P", "default", "O", "default", "C", "alice", "N", "gold", "A", "read");

    /** Keys of the Redisson store, which describes them in its own Javadoc. */
    private static final Map<String, String> OF_REDISSON = new TreeMap<>(Map.of(
            "weir.redis.prefix", "What all keys in Redis begin with, before a colon; it keeps applications apart.",
            "weir.redis.shard-secret",
                    "A secret, so that strangers cannot choose their shards; the same on every instance, for good.",
            "weir.redis.shards", "Over how many shards clients are spread; the same on every instance, for good.",
            "weir.redisson.config", "A Redisson YAML file, for a cluster, sentinels or certificates.",
            "weir.redisson.password-file",
                    "A file with the password, read for every new connection, so that it may change while the application runs.",
            "weir.redisson.uri",
                    "One server: redis://[[user]:password@]host[:port][/database], or rediss:// for TLS."));

    static boolean isInItsModule() {
        return Files.exists(FILE.getParent());
    }

    /** Where the tests run on another version of Spring Boot, the file is not at hand. */
    @Test
    @EnabledIf("isInItsModule")
    void metadata_sayWhatTheTableOfKeysSays() throws Exception {
        String expected = metadata();
        if (Boolean.getBoolean("weir.metadata.write")) {
            Files.writeString(FILE, expected);
        }
        assertThat(Files.readString(FILE)).isEqualTo(expected);
    }

    @Test
    void keysOfRedisson_areThoseOfTheStore() {
        assertThat(Stores.onClassPath().keys()).isEqualTo(OF_REDISSON.keySet());
    }

    private static String metadata() {
        List<String> properties = new ArrayList<>();
        Map<String, List<String>> hints = new TreeMap<>();
        for (Key<?> key : ConfigKeys.ALL) {
            if (key.pattern().placeCount() == 0) {
                properties.add(property(key));
            } else {
                List<String> segments = key.pattern().segments();
                hints.computeIfAbsent("weir." + segments.get(1), none -> new ArrayList<>())
                        .add(hint(String.join(".", segments.subList(2, segments.size())), key));
            }
        }
        OF_REDISSON.forEach((name, meaning) -> properties.add(property(name, "java.lang.String", meaning, null)));
        hints.keySet()
                .forEach(map -> properties.add(property(
                        map,
                        "java.util.Map<java.lang.String,java.lang.String>",
                        "Keys " + map + ".*: see docs/configuration.md.",
                        null)));
        List<String> maps = new ArrayList<>();
        hints.forEach((map, values) -> maps.add(
                "    {\"name\": \"%s.keys\", \"values\": [\n%s\n    ]}".formatted(map, String.join(",\n", values))));
        return "{\n  \"properties\": [\n%s\n  ],\n  \"hints\": [\n%s\n  ]\n}\n"
                .formatted(String.join(",\n", properties), String.join(",\n", maps));
    }

    private static String property(Key<?> key) {
        String meaning = "%s Allowed: %s. A change holds %s."
                .formatted(key.meaning(), key.kind().range(), key.live() ? "at once" : "at the next start");
        return property(key.pattern().toString(), "java.lang.String", meaning, key.standard());
    }

    private static String property(String name, String type, String meaning, String standard) {
        String end = standard == null ? "" : ", \"defaultValue\": \"%s\"".formatted(quoted(standard));
        return "    {\"name\": \"%s\", \"type\": \"%s\", \"description\": \"%s\"%s}"
                .formatted(name, type, quoted(meaning), end);
    }

    private static String hint(String pattern, Key<?> key) {
        String name = List.of(pattern.split("\\.")).stream()
                .map(segment -> NAMES.getOrDefault(segment, segment))
                .reduce((all, next) -> all + "." + next)
                .orElseThrow();
        return "      {\"value\": \"%s\", \"description\": \"%s\"}"
                .formatted(
                        name,
                        quoted("%s Allowed: %s."
                                .formatted(key.meaning(), key.kind().range())));
    }

    private static String quoted(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }
}
