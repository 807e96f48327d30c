package dev.weir.filter.admin;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is wrong with a request to the admin resource: an answer that is a problem document (RFC 9457), thrown where it
 * is seen.
 */
final class AdminProblem extends RuntimeException {

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

    static AdminProblem thrown(AdminStatus status, String detail) {
        return new AdminProblem(detail, of(status, detail));
    }
}
