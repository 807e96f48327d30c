package dev.weir.filter.admin;

import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response;
import java.util.LinkedHashMap;
import java.util.Map;

/** Answers of the admin resource that say what is wrong: problem documents (RFC 9457). */
final class AdminProblem {

    private static final String MEDIA_TYPE = "application/problem+json";

    private AdminProblem() {}

    static Response of(Response.Status status, String detail) {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("title", status.getReasonPhrase());
        problem.put("status", status.getStatusCode());
        problem.put("detail", detail);
        return Response.status(status)
                .type(MEDIA_TYPE)
                .header("Cache-Control", "no-store")
                .entity(JsonWriter.bytes(problem))
                .build();
    }

    static WebApplicationException thrown(Response.Status status, String detail) {
        return new WebApplicationException(of(status, detail));
    }
}
