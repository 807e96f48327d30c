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

    /** What was to be sent. */
    private interface Sending {

        void to(HttpServletResponse response) throws IOException;
    }

    private @Nullable Sending deferred;
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
            deferred.to((HttpServletResponse) getResponse());
        }
    }

    private void sendOrDefer(Sending sending) throws IOException {
        if (isOver) {
            sending.to((HttpServletResponse) getResponse());
        } else {
            deferred = sending;
        }
    }

    @Override
    public void sendError(int status, String message) throws IOException {
        sendOrDefer(response -> response.sendError(status, message));
    }

    @Override
    public void sendError(int status) throws IOException {
        sendOrDefer(response -> response.sendError(status));
    }

    @Override
    public void sendRedirect(String location) throws IOException {
        sendOrDefer(response -> response.sendRedirect(location));
    }
}
