package dev.weir.filter;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** Answers a request with a {@link Problem}, where servlets write the response. */
final class ProblemResponse {

    private ProblemResponse() {}

    /**
     * Writes status and document; but nothing into a response that is committed, or that a page includes.
     *
     * <p>Not with {@code sendError}, which would replace the document by the container's error page.
     */
    static void write(HttpServletRequest request, HttpServletResponse response, Problem problem) throws IOException {
        boolean ownsResponse = request.getDispatcherType() != DispatcherType.INCLUDE && !response.isCommitted();
        if (ownsResponse) {
            response.resetBuffer();
            response.setStatus(problem.status());
            response.setContentType(Problem.MEDIA_TYPE);
            response.setCharacterEncoding("UTF-8");
            write(response, problem.body());
        }
    }

    /** A filter in front may have taken the output stream: the writer cannot be had then. */
    private static void write(HttpServletResponse response, String body) throws IOException {
        PrintWriter writer;
        try {
            writer = response.getWriter();
        } catch (IllegalStateException streamIsTaken) {
            response.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
            return;
        }
        writer.write(body);
    }
}
