package dev.weir.filter.admin;

import dev.weir.BucketExistsException;
import dev.weir.LimitAdmin;
import dev.weir.UnknownBucketException;
import dev.weir.UnknownPolicyException;
import dev.weir.filter.config.ConfigProblems;
import dev.weir.filter.config.ValueType;
import dev.weir.store.Page;
import dev.weir.store.StoreException;
import dev.weir.store.Subject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What all admin resources do alike: they read and answer pages of lists, and answer with what went wrong. */
final class AdminAnswers {

    private static final long MOST_ENTRIES = 1_000;
    private static final String MOST_BY_DEFAULT = "100";

    private AdminAnswers() {}

    /** How many entries a page should have. */
    static int most(@Nullable String text) {
        try {
            return ValueType.wholeNumber("entries", 1, MOST_ENTRIES)
                    .read()
                    .apply(text == null ? MOST_BY_DEFAULT : text)
                    .intValue();
        } catch (IllegalArgumentException e) {
            throw wrong("'most' in the query must be a whole number from 1 to %d, but is '%s'"
                    .formatted(MOST_ENTRIES, ConfigProblems.shown(String.valueOf(text))));
        }
    }

    /** The page of a list that begins where the page before said. */
    static Page list(LimitAdmin limits, Subject.Kind kind, @Nullable String from, int most) {
        try {
            return limits.list(kind, from == null ? "" : from, most);
        } catch (IllegalArgumentException e) {
            throw wrong("'from' in the query is refused: " + e.getMessage());
        }
    }

    /** A page of a list, and where the next one begins. */
    static AdminAnswer page(String name, List<Map<String, Object>> entries, Page page) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put(name, entries);
        body.put("next", page.next().orElse(null));
        return AdminAnswer.ok(body);
    }

    private static RuntimeException wrong(String why) {
        return AdminProblem.thrown(AdminStatus.BAD_REQUEST, why);
    }

    static AdminAnswer answer(Supplier<AdminAnswer> work) {
        return answer(new AdminBody(Map.of()), work);
    }

    /** @param body what the request says, of which each field by itself may be as it is */
    static AdminAnswer answer(AdminBody body, Supplier<AdminAnswer> work) {
        try {
            return work.get();
        } catch (UnknownBucketException | UnknownPolicyException e) {
            return AdminProblem.of(AdminStatus.NOT_FOUND, String.valueOf(e.getMessage()));
        } catch (BucketExistsException e) {
            return AdminProblem.of(AdminStatus.CONFLICT, String.valueOf(e.getMessage()));
        } catch (IllegalArgumentException e) {
            return AdminProblem.of(AdminStatus.BAD_REQUEST, body.refused(e));
        } catch (StoreException e) {
            return AdminProblem.of(AdminStatus.SERVICE_UNAVAILABLE, "the store does not answer: " + e.getMessage());
        }
    }
}
