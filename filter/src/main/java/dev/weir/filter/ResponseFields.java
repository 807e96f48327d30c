package dev.weir.filter;

import jakarta.servlet.http.HttpServletResponse;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The header fields of a response at one moment.
 *
 * @param fields values by name, as the container spells it
 */
record ResponseFields(Map<String, List<String>> fields) {

    static ResponseFields of(HttpServletResponse response) {
        Map<String, List<String>> fields = new LinkedHashMap<>();
        for (String name : response.getHeaderNames()) {
            fields.put(name, List.copyOf(response.getHeaders(name)));
        }
        return new ResponseFields(fields);
    }

    /** Those that have other values than in {@code before}. */
    ResponseFields changedSince(ResponseFields before) {
        Map<String, List<String>> changed = new LinkedHashMap<>(fields);
        changed.entrySet().removeIf(field -> field.getValue().equals(before.fields.get(field.getKey())));
        return new ResponseFields(changed);
    }

    /** Sets these fields; others of the response stay. */
    void writeTo(HttpServletResponse response) {
        fields.forEach((name, values) -> {
            response.setHeader(name, values.get(0));
            values.subList(1, values.size()).forEach(value -> response.addHeader(name, value));
        });
    }
}
