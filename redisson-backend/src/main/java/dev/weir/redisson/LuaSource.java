package dev.weir.redisson;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Lua out of resource files: entry files, and the parts that they stand on, those that their lines {@code needs} name
 * and what these need in turn, each once.
 *
 * <p>Every file is the body of a function of its own, so that none takes anything from the 200 local variables that Lua
 * grants to another. The names that all share are the parts' alone: {@code fixed-window.lua} is {@code fixed_window}.
 *
 * <p>A part is made when it is first used. A script that {@code EVALSHA} runs makes its parts with every call, which is
 * most of what a call takes; a function makes them once. What a part uses of another once or twice, it calls by the
 * other's name; an alias pays off only where it is used more often.
 */
final class LuaSource {

    private static final Pattern NEEDS = Pattern.compile("^-- needs +(.+)$", Pattern.MULTILINE);
    private static final String NOTHING = "none";

    /** Stands for a part until it is used, and then hands on what it is asked for. */
    private static final String PART = """
            local function part(make)
              local made = {}
              function made.__index(_, name)
                local module = make()
                made.__index = module
                return module[name]
              end
              return setmetatable({}, made)
            end
            """;

    private LuaSource() {}

    /** A script of its own: its entry file finds {@code KEYS} and {@code ARGV} as Redis sets them. */
    static String script(String entry) {
        return parts(List.of(entry)) + "return (function()\n" + read(entry) + "end)()\n";
    }

    /** The parts that all of some entry files stand on, each under its name. */
    static String parts(Collection<String> entries) {
        Map<String, String> parts = new LinkedHashMap<>();
        entries.forEach(entry -> needs(read(entry)).forEach(part -> add(part, parts)));
        return parts.entrySet().stream()
                .map(part -> "local %s = part(function()\n%send)\n".formatted(name(part.getKey()), part.getValue()))
                .collect(Collectors.joining("", PART, ""));
    }

    private static void add(String part, Map<String, String> parts) {
        if (!parts.containsKey(part)) {
            String source = read(part + ".lua");
            needs(source).forEach(need -> add(need, parts));
            parts.put(part, source);
        }
    }

    /** By what name the others call a part. */
    static String name(String part) {
        return part.replace('-', '_');
    }

    /** The parts that a file declares to need. */
    static List<String> needs(String source) {
        Matcher line = NEEDS.matcher(source);
        if (!line.find()) {
            throw new IllegalStateException("a file does not say what it needs: " + source);
        }
        return line.group(1).equals(NOTHING) ? List.of() : List.of(line.group(1).split(", "));
    }

    static String read(String file) {
        try (InputStream in = LuaSource.class.getResourceAsStream(file)) {
            return new String(Objects.requireNonNull(in, file).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
