package dev.weir.filter.admin;

import java.util.Map;
import java.util.TreeMap;

/**
 * What the admin resource answers, whichever API of Java serves it.
 *
 * @param fields the header fields, by name
 * @param location where what was created is, below the resource; empty for nothing
 * @param body the body; empty for none
 */
record AdminAnswer(AdminStatus status, Map<String, String> fields, String location, byte[] body) {

    static final AdminAnswer NO_CONTENT = new AdminAnswer(AdminStatus.NO_CONTENT, Map.of(), "", new byte[0]);

    private static final String CONTENT_TYPE = "Content-Type";

    /** A body of JSON. */
    static AdminAnswer ok(Object body) {
        return of(AdminStatus.OK, "application/json", body);
    }

    static AdminAnswer of(AdminStatus status, String contentType, Object body) {
        return new AdminAnswer(status, Map.of(CONTENT_TYPE, contentType), "", JsonWriter.bytes(body));
    }

    static AdminAnswer created(Object body, String location) {
        AdminAnswer answer = ok(body);
        return new AdminAnswer(AdminStatus.CREATED, answer.fields, location, answer.body);
    }

    /** The methods that a path takes. */
    static AdminAnswer options(String allowed) {
        return new AdminAnswer(AdminStatus.OK, Map.of(), "", new byte[0]).with("Allow", allowed);
    }

    AdminAnswer with(String field, String value) {
        Map<String, String> more = new TreeMap<>(fields);
        more.put(field, value);
        return new AdminAnswer(status, more, location, body);
    }

    AdminAnswer withoutBody() {
        return new AdminAnswer(status, fields, location, new byte[0]);
    }
}
