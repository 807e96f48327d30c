package dev.weir.redisson;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * How the scripts are put together. Lua grants 200 local variables to a function, and a script that needs one more does
 * not compile: so what comes next must have room in each of them.
 */
class LuaScriptTest {

    private static final int MOST_NAMES = 20;
    private static final int MOST_NAMES_IN_A_FILE = 40;

    /** Fewer than {@link #ROOM} are free in a layout where all names share one function, as they did once. */
    private static final int ROOM = 50;

    private static final String BEGIN = "(function()\n";
    private static final String END = "end)";
    private static final String LIMITS = "[1,0,1,1000,1000000,1000,2,0,0,1000000,1000000,100,3,0,0,1000000,1000000,100,"
            + "4,0,0,1000000,1000000,100]";
    private static final String NOW = "1700000000000000";

    @RegisterExtension
    static final RedisExtension redis = new RedisExtension();

    /**
     * @param keys how many of the words are keys
     * @param words keys and arguments of a call that goes through as much of the script as one call can
     */
    private record Script(LuaScript script, int keys, String... words) {

        private String text() {
            return script.text();
        }

        @Override
        public String toString() {
            return script.file();
        }
    }

    static Stream<Script> scripts() {
        return Stream.of(
                new Script(LuaScript.ACQUIRE, 7, acquireWords()),
                new Script(
                        LuaScript.GIVE_BACK,
                        5,
                        "set",
                        "k1",
                        "k2",
                        "k3",
                        "k4",
                        NOW,
                        LIMITS,
                        "[1,1,1,1]",
                        "id",
                        "0",
                        NOW),
                new Script(LuaScript.OWE, 4, "k1", "k2", "k3", "k4", NOW, LIMITS, "[1500,150,150,150]"),
                onPool(LuaScript.POOL_OWE, "1500", "id", "1"),
                onPool(LuaScript.POOL, "[1,3,1,1,0,0,0,0, 1,0,1,1,5,0,0,0]", "id", "id"),
                onPool(LuaScript.POOL_GIVE_BACK, "1", "id", NOW),
                new Script(LuaScript.HEARTBEAT, 2, "instances", "shards", "64", "1000000", ""),
                new Script(LuaScript.LEAVE, 1, "instances", "id"),
                new Script(LuaScript.INSTANCES, 1, "instances", "1000000"),
                new Script(LuaScript.LIST, 1, "set", "0", "10"),
                new Script(LuaScript.REPLACE, 1, "set", "id", "0", "", "channel", "text"));
    }

    /** @param more what follows the limits */
    private static Script onPool(LuaScript script, String... more) {
        String[] first = {"pool", "tags", "minimal", "members", "own", NOW, LIMITS};
        return new Script(
                script, 5, Stream.concat(Stream.of(first), Stream.of(more)).toArray(String[]::new));
    }

    /** A request under all kinds of limits, and one for a lease. */
    private static String[] acquireWords() {
        return new String[] {
            "set",
            "k1",
            "k2",
            "k3",
            "k4",
            "set",
            "k5",
            NOW,
            LIMITS,
            "[4,0,1,1,2,1,3,1,4,1, 0,0,1,1,5,0,0,0,1]",
            "id",
            "id"
        };
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void names_fewInScopeOfAll(Script script) {
        assertThat(names(script.text())).hasSizeLessThanOrEqualTo(MOST_NAMES);
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void names_eachFileHasRoomForMore(Script script) {
        assertThat(files(script.text()))
                .allSatisfy(file -> assertThat(names(file)).hasSizeLessThanOrEqualTo(MOST_NAMES_IN_A_FILE));
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void room_fiftyMoreNamesForAll_answersTheSame(Script script) {
        assertThat(answer(script, locals() + script.text())).isEqualTo(answer(script, script.text()));
    }

    @ParameterizedTest
    @MethodSource("scripts")
    void room_fiftyMoreNamesInEachFile_answersTheSame(Script script) {
        String wider = script.text().replace(BEGIN, BEGIN + locals());

        assertThat(wider).isNotEqualTo(script.text());
        assertThat(answer(script, wider)).isEqualTo(answer(script, script.text()));
    }

    /** Where a new kind of limit goes: a part beside the other algorithms. */
    @ParameterizedTest
    @MethodSource("scripts")
    void room_newPartOfFiftyNames_answersTheSame(Script script) {
        int last = script.text().lastIndexOf("return " + BEGIN);
        String wider = script.text().substring(0, last)
                + "local new_kind = part" + BEGIN + locals() + "return {}\n" + END + "\n"
                + script.text().substring(last);

        assertThat(answer(script, wider)).isEqualTo(answer(script, script.text()));
    }

    /** A name that no part declares to need is nil, and that shows only where it is used. */
    @Test
    void needs_areWhatIsUsed() {
        Set<String> parts = new TreeSet<>();
        scripts().forEach(script -> collect(LuaSource.read(script.toString()), parts));
        Stream.concat(scripts().map(Script::toString), parts.stream().map(part -> part + ".lua"))
                .forEach(file -> assertThat(LuaSource.needs(LuaSource.read(file)))
                        .as(file)
                        .containsAll(used(file, parts))
                        .doesNotHaveDuplicates()
                        .allMatch(part ->
                                file.equals("limits.lua") || used(file, parts).contains(part)));
    }

    private static void collect(String source, Set<String> parts) {
        for (String part : LuaSource.needs(source)) {
            if (parts.add(part)) {
                collect(LuaSource.read(part + ".lua"), parts);
            }
        }
    }

    private static List<String> used(String file, Set<String> parts) {
        String code = LuaSource.read(file).replaceAll("--.*", "").replaceAll("'[^'\n]*'", "''");
        return parts.stream()
                .filter(part -> !file.equals(part + ".lua"))
                .filter(part -> Pattern.compile(
                                "(?<![\\w.])" + LuaSource.name(part) + "(?=[.\\[)]|$)", Pattern.MULTILINE)
                        .matcher(code)
                        .find())
                .toList();
    }

    /** Fresh data, so that only the script makes a difference; loaded first, which is where Redis compiles it. */
    private static List<Object> answer(Script script, String text) {
        redis.send("FLUSHALL");
        String sha1 = (String) redis.send("SCRIPT", "LOAD", text);
        List<String> command = new ArrayList<>(List.of("EVALSHA", sha1, Integer.toString(script.keys)));
        command.addAll(List.of(script.words));
        Object answer = redis.send(command.toArray(String[]::new));
        assertThat(answer).asString().as("acquire.lua answers with its errors").doesNotContain("user_script");
        return List.of(answer);
    }

    private static String locals() {
        return IntStream.range(0, ROOM)
                .mapToObj(i -> "local more_%d = %d\n".formatted(i, i))
                .collect(Collectors.joining());
    }

    /** The local names of a text outside of all functions and blocks of it, whose lines begin at the margin. */
    private static List<String> names(String text) {
        List<String> names = new ArrayList<>();
        int depth = 0;
        for (String line : text.lines().toList()) {
            depth -= line.startsWith(END) ? 1 : 0;
            if (depth == 0 && line.startsWith("local ")) {
                String list = line.replaceFirst("^local (function )?", "").replaceFirst("[=(].*", "");
                names.addAll(Stream.of(list.split(",")).map(String::strip).toList());
            }
            depth += line.endsWith(BEGIN.strip()) ? 1 : 0;
        }
        return names;
    }

    private static List<String> files(String text) {
        return Stream.of(text.split(Pattern.quote(BEGIN)))
                .skip(1)
                .map(rest -> rest.substring(0, rest.lastIndexOf("\n" + END)))
                .toList();
    }
}
