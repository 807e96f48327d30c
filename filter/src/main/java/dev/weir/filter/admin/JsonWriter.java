package dev.weir.filter.admin;

import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes maps, collections, strings, numbers, booleans and null as JSON (RFC 8259), in the order that they are in. Of
 * any other object it writes the text.
 */
public final class JsonWriter {

    private final StringBuilder json = new StringBuilder();

    private JsonWriter() {}

    /** The JSON of a value, in UTF-8, without line breaks. */
    public static byte[] bytes(Object value) {
        JsonWriter writer = new JsonWriter();
        writer.write(value);
        return writer.json.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void write(@Nullable Object value) {
        if (value instanceof Map<?, ?> fields) {
            json.append('{');
            String separator = "";
            for (Map.Entry<?, ?> field : fields.entrySet()) {
                json.append(separator);
                string(String.valueOf(field.getKey()));
                json.append(':');
                write(field.getValue());
                separator = ",";
            }
            json.append('}');
        } else if (value instanceof Collection<?> elements) {
            json.append('[');
            String separator = "";
            for (Object element : elements) {
                json.append(separator);
                write(element);
                separator = ",";
            }
            json.append(']');
        } else if (value == null || value instanceof Number || value instanceof Boolean) {
            json.append(value);
        } else {
            string(value.toString());
        }
    }

    private void string(String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            character(text.charAt(i));
        }
        json.append('"');
    }

    private void character(char c) {
        switch (c) {
            case '"', '\\' -> json.append('\\').append(c);
            case '\n' -> json.append("\\n");
            case '\r' -> json.append("\\r");
            case '\t' -> json.append("\\t");
            default -> {
                if (c < ' ') {
                    json.append("\\u%04x".formatted((int) c));
                } else {
                    json.append(c);
                }
            }
        }
    }
}
