package dev.weir.filter.admin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** The JSON of the admin resource against a library that reads the same. */
class JsonTest {

    private static final ObjectMapper JACKSON = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    @Provide
    Arbitrary<Map<String, Object>> objects() {
        Arbitrary<Object> scalars = Arbitraries.oneOf(
                Arbitraries.strings().map(text -> (Object) text),
                Arbitraries.longs().map(number -> (Object) number),
                Arbitraries.of(Boolean.TRUE, Boolean.FALSE));
        Arbitrary<Object> values = Arbitraries.oneOf(
                scalars,
                scalars.list().ofMaxSize(3).map(list -> (Object) list),
                Arbitraries.maps(Arbitraries.strings(), scalars).ofMaxSize(3).map(map -> (Object) map));
        return Arbitraries.maps(Arbitraries.strings(), values.injectNull(0.1)).ofMaxSize(5);
    }

    @Property(tries = 500)
    void whatIsWritten_isReadByOthers_andHere(@ForAll("objects") Map<String, Object> object) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>(object);
        byte[] json = JsonWriter.bytes(fields);

        String text = new String(json, StandardCharsets.UTF_8);

        assertThat(JACKSON.readTree(json)).isEqualTo(JACKSON.readTree(JACKSON.writeValueAsBytes(fields)));
        assertThat(JACKSON.readTree(JsonWriter.bytes(JsonReader.object(text)))).isEqualTo(JACKSON.readTree(json));
    }

    @Provide
    Arbitrary<String> almostJson() {
        return Arbitraries.of(
                        "{",
                        "}",
                        "[",
                        "]",
                        ",",
                        ":",
                        "\"a\"",
                        "\"\\u00e4\\n\"",
                        "\"",
                        "\\",
                        "0",
                        "-1",
                        "1.5e3",
                        ".",
                        "true",
                        "null",
                        "nul",
                        " ",
                        "\n")
                .list()
                .ofMaxSize(8)
                .map(parts -> "{\"a\":" + String.join("", parts) + "}");
    }

    @Property(tries = 5_000)
    void anyText_isReadOrRefused_asByOthers(@ForAll("almostJson") String text) {
        String ours;
        try {
            ours = new String(JsonWriter.bytes(JsonReader.object(text)), StandardCharsets.UTF_8);
        } catch (JsonReader.SyntaxException refused) {
            assertThatThrownBy(() -> JACKSON.readValue(text, Map.class)).isInstanceOf(JacksonException.class);
            return;
        }
        assertThat(read(ours)).isEqualTo(read(text));
    }

    private static Object read(String json) {
        try {
            return JACKSON.readTree(json);
        } catch (IOException refused) {
            throw new AssertionError("others refuse " + json, refused);
        }
    }

    @Example
    void nestedTooDeep_isRefused() {
        String deep = "{\"a\":" + "[".repeat(100_000);

        assertThatThrownBy(() -> JsonReader.object(deep)).isInstanceOf(JsonReader.SyntaxException.class);
    }

    @Example
    void whatNoStringMayHold_isEscaped() {
        assertThat(JsonWriter.bytes(List.of("\"\\\n\r\t\u0000\u001f", "\u00fc")))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("[\"\\\"\\\\\\n\\r\\t\\u0000\\u001f\",\"\u00fc\"]");
    }
}
