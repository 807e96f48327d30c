package dev.weir.dashboard;

import dev.weir.filter.admin.JsonWriter;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** Answers that say what is wrong: problem documents (RFC 9457). */
final class Problems {

    private Problems() {}

    static void send(HttpServletResponse response, int status, String detail) throws IOException {
        Map<String, Object> problem = new LinkedHashMap<>();
        problem.put("status", status);
        problem.put("detail", detail);
        response.setStatus(status);
        response.setHeader("Cache-Control", "no-store");
        response.setContentType("application/problem+json");
        response.getOutputStream().write(JsonWriter.bytes(problem));
    }
}
