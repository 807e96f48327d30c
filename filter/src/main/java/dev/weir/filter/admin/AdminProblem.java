package dev.weir.filter.admin;

import dev.weir.limit.Exact;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is wrong with a request to the admin resource: an answer that is a problem document (RFC 9457), thrown where it
 * is seen.
 */
final class AdminProblem extends RuntimeException {

    private static final long SECOND_MICROS = 1_000_000;

    private final transient AdminAnswer answer;

    private AdminProblem(String detail, AdminAnswer answer) {
        super(detail, null, false, false);
        this.answer = answer;
    }

    AdminAnswer answer() {
        return answer;
    }

    static AdminAnswer of(AdminStatus status, String detail) {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("title", status.phrase());
        problem.put("status", status.code());
        problem.put("detail", detail);
        return AdminAnswer.of(status, "application/problem+json", problem).with("Cache-Control", "no-store");
    }

    static AdminAnswer unauthorized() {
        return of(AdminStatus.UNAUTHORIZED, "Authorization: Bearer TOKEN is needed")
                .with("WWW-Authenticate", "Bearer realm=\"weir\"");
    }

    /** How to get a role, only the application knows: there is nothing to ask for. */
    static AdminAnswer forbidden() {
        return of(AdminStatus.FORBIDDEN, "the role of an administrator is needed");
    }

    static AdminAnswer tooManyGuesses(long retryAfterMicros) {
        return of(AdminStatus.TOO_MANY_REQUESTS, "too many wrong tokens have come from this address")
                .with("Retry-After", Long.toString(Exact.ceilDiv(retryAfterMicros, SECOND_MICROS)));
    }

    static AdminProblem thrown(AdminStatus status, String detail) {
        return new AdminProblem(detail, of(status, detail));
    }
}
