package dev.weir.filter;

import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import org.jspecify.annotations.Nullable;

/**
 * A redirection with a status of its own, which responses have since Servlet 6.1. This library is compiled with Servlet
 * 6.0, and finds the method where it is there. Where it is not, no caller can ask for such a redirection.
 *
 * @see <a href="https://jakarta.ee/specifications/servlet/6.1/">Jakarta Servlet 6.1</a>
 */
record Redirection(String location, int status, boolean clearsBuffer) {

    private static final @Nullable MethodHandle SEND = find();

    private static @Nullable MethodHandle find() {
        MethodType type = MethodType.methodType(void.class, String.class, int.class, boolean.class);
        try {
            return MethodHandles.publicLookup().findVirtual(HttpServletResponse.class, "sendRedirect", type);
        } catch (NoSuchMethodException | IllegalAccessException servlet60) {
            return null;
        }
    }

    /** Sends it by a response of Servlet 6.1 or later. */
    void send(HttpServletResponse response) throws IOException {
        if (SEND == null) {
            throw new UnsupportedOperationException("a redirection with a status needs Servlet 6.1");
        }
        try {
            SEND.invokeExact(response, location, status, clearsBuffer);
        } catch (IOException | RuntimeException | Error e) {
            throw e;
        } catch (Throwable undeclared) {
            throw new IOException(undeclared);
        }
    }
}
