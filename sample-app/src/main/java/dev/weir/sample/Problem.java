package dev.weir.sample;

import jakarta.ws.rs.core.Response;

/**
 * A problem document (RFC 9457) without a type of its own.
 *
 * @param title the status in words
 * @param status the HTTP status
 * @param detail what is wrong, naming the parameter or field
 */
public record Problem(String title, int status, String detail) {

    static Response of(Response.Status status, String detail) {
        return Response.status(status)
                .type("application/problem+json")
                .entity(new Problem(status.getReasonPhrase(), status.getStatusCode(), detail))
                .build();
    }
}
