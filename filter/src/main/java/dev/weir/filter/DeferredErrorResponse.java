package dev.weir.filter;

import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The response of a request that is to wait for its turn, as the filters in front of the place where it waits see it.
 * What they send as an error or a redirection is kept, because it could not be replaced any more: {@link #send} sends
 * it.
 */
final class DeferredErrorResponse extends HttpServletResponseWrapper {

    private interface Sending {

        void to(HttpServletResponse response) throws IOException;
    }

    /** What was to be sent. */
    private record Deferred(int status, Sending sending) {}

    private @Nullable Deferred deferred;
    private boolean isOver;

    DeferredErrorResponse(HttpServletResponse response) {
        super(response);
    }

    /** From now on, nothing is kept any more. */
    void end() {
        isOver = true;
    }

    /** Sends what was kept, if anything was. */
    void send() throws IOException {
        end();
        if (deferred != null) {
            deferred.sending().to((HttpServletResponse) getResponse());
        }
    }

    /** As if it had been sent. */
    @Override
    public int getStatus() {
        return deferred == null || isOver ? super.getStatus() : deferred.status();
    }

    private void sendOrDefer(int status, Sending sending) throws IOException {
        if (isOver) {
            sending.to((HttpServletResponse) getResponse());
        } else {
            deferred = new Deferred(status, sending);
        }
    }

    @Override
    public void sendError(int status, String message) throws IOException {
        sendOrDefer(status, response -> response.sendError(status, message));
    }

    @Override
    public void sendError(int status) throws IOException {
        sendOrDefer(status, response -> response.sendError(status));
    }

    @Override
    public void sendRedirect(String location) throws IOException {
        sendOrDefer(SC_FOUND, response -> response.sendRedirect(location));
    }

    // From here on, what Servlet 6.1 has added. On 6.0 it overrides nothing.

    public void sendRedirect(String location, int status) throws IOException {
        sendRedirect(location, status, true);
    }

    public void sendRedirect(String location, boolean clearsBuffer) throws IOException {
        sendRedirect(location, SC_FOUND, clearsBuffer);
    }

    public void sendRedirect(String location, int status, boolean clearsBuffer) throws IOException {
        sendOrDefer(status, new Redirection(location, status, clearsBuffer)::send);
    }
}
