package dev.weir.filter;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.util.LinkedHashMap;
import java.util.Map;
import org.greenbytes.http.sfv.ListElement;
import org.greenbytes.http.sfv.OuterList;
import org.greenbytes.http.sfv.Parser;

/** Reads the RateLimit fields by an independent parser of structured fields. */
final class Fields {

    private Fields() {}

    /** A field's items with their parameters, by policy. The field must be there exactly once. */
    static Map<String, Map<String, Object>> parse(HttpResponse<?> response, String field) {
        assertThat(response.headers().allValues(field)).as(field).hasSize(1);
        return parse(response.headers().firstValue(field).orElseThrow());
    }

    static Map<String, Map<String, Object>> parse(String value) {
        OuterList list = Parser.parseList(value);
        Map<String, Map<String, Object>> items = new LinkedHashMap<>();
        for (ListElement<?> item : list.get()) {
            assertThat(item.get()).isInstanceOf(String.class);
            Map<String, Object> parameters = new LinkedHashMap<>();
            item.getParams().forEach((name, parameter) -> parameters.put(name, parameter.get()));
            assertThat(items.put((String) item.get(), parameters)).isNull();
        }
        return items;
    }

    static long remaining(HttpResponse<?> response, String policy) {
        return (Long) parse(response, "RateLimit").get(policy).get("r");
    }
}
