package dev.weir.filter.admin;

import dev.weir.filter.client.Addresses;
import dev.weir.limit.Names;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The ids of clients and buckets that requests to the admin resource name. Each reader refuses an id that cannot be one
 * with a problem that names where the id is.
 */
final class AdminIds {

    private AdminIds() {}

    static String inPath(String parameter, String id) {
        return required("'%s' in the path".formatted(parameter), id);
    }

    /** An id that the query must name. */
    static String inQuery(String parameter, @Nullable String id) {
        if (id == null) {
            throw wrong("the query must name '%s'".formatted(parameter));
        }
        return required("'%s' in the query".formatted(parameter), id);
    }

    /** An id in a field of a request's JSON object, which may hold characters that no URL can. */
    static String inField(String field, String id) {
        String what = "field '%s'".formatted(field);
        required(what, id);
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(id) || id.chars().anyMatch(Character::isISOControl)) {
            throw wrong(what + " must be Unicode text without control characters");
        }
        return id;
    }

    /** The client that an id means: an address means the one that has it, whose id is its network for IPv6. */
    static String client(String id) {
        return Addresses.parse(id).map(Addresses::id).orElse(id);
    }

    private static String required(String what, String id) {
        try {
            return Names.requireId(what, id);
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    private static RuntimeException wrong(String why) {
        return AdminProblem.thrown(AdminStatus.BAD_REQUEST, why);
    }
}
