package dev.weir.filter;

import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.nio.charset.Charset;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A response as any other, until it is held back: then nothing gets through any more, for the request will be served
 * once again. What filters have written before stays, for they are not.
 */
final class DiscardableResponse extends HttpServletResponseWrapper {

    private static final String ATTRIBUTE = "dev.weir.filter.heldBack";

    private final Optional<DiscardableResponse> outer;
    private boolean isHeldBack;

    /** Lasts until {@link #end}. */
    DiscardableResponse(HttpServletRequest request, HttpServletResponse response) {
        super(response);
        outer = of(request);
        request.setAttribute(ATTRIBUTE, this);
    }

    /** The one in which a request is being served. */
    static Optional<DiscardableResponse> of(HttpServletRequest request) {
        return request.getAttribute(ATTRIBUTE) instanceof DiscardableResponse held
                ? Optional.of(held)
                : Optional.empty();
    }

    void end(HttpServletRequest request) {
        outer.ifPresentOrElse(
                response -> request.setAttribute(ATTRIBUTE, response), () -> request.removeAttribute(ATTRIBUTE));
    }

    void holdBack() {
        isHeldBack = true;
    }

    boolean isHeldBack() {
        return isHeldBack;
    }

    @Override
    public void addCookie(Cookie cookie) {
        if (!isHeldBack) {
            super.addCookie(cookie);
        }
    }

    @Override
    public void sendError(int status, String message) throws IOException {
        if (!isHeldBack) {
            super.sendError(status, message);
        }
    }

    @Override
    public void sendError(int status) throws IOException {
        if (!isHeldBack) {
            super.sendError(status);
        }
    }

    @Override
    public void sendRedirect(String location) throws IOException {
        if (!isHeldBack) {
            super.sendRedirect(location);
        }
    }

    // The next three are what Servlet 6.1 has added. On 6.0 they override nothing.

    public void sendRedirect(String location, int status) throws IOException {
        sendRedirect(location, status, true);
    }

    public void sendRedirect(String location, boolean clearsBuffer) throws IOException {
        sendRedirect(location, SC_FOUND, clearsBuffer);
    }

    public void sendRedirect(String location, int status, boolean clearsBuffer) throws IOException {
        if (!isHeldBack) {
            new Redirection(location, status, clearsBuffer).send((HttpServletResponse) getResponse());
        }
    }

    @Override
    public void setDateHeader(String name, long date) {
        if (!isHeldBack) {
            super.setDateHeader(name, date);
        }
    }

    @Override
    public void addDateHeader(String name, long date) {
        if (!isHeldBack) {
            super.addDateHeader(name, date);
        }
    }

    @Override
    public void setHeader(String name, String value) {
        if (!isHeldBack) {
            super.setHeader(name, value);
        }
    }

    @Override
    public void addHeader(String name, String value) {
        if (!isHeldBack) {
            super.addHeader(name, value);
        }
    }

    @Override
    public void setIntHeader(String name, int value) {
        if (!isHeldBack) {
            super.setIntHeader(name, value);
        }
    }

    @Override
    public void addIntHeader(String name, int value) {
        if (!isHeldBack) {
            super.addIntHeader(name, value);
        }
    }

    @Override
    public void setStatus(int status) {
        if (!isHeldBack) {
            super.setStatus(status);
        }
    }

    @Override
    public void setCharacterEncoding(String charset) {
        if (!isHeldBack) {
            super.setCharacterEncoding(charset);
        }
    }

    /** Since Servlet 6.1. */
    public void setCharacterEncoding(Charset charset) {
        setCharacterEncoding(charset.name());
    }

    @Override
    public void setTrailerFields(Supplier<Map<String, String>> fields) {
        if (!isHeldBack) {
            super.setTrailerFields(fields);
        }
    }

    @Override
    public void setContentLength(int length) {
        if (!isHeldBack) {
            super.setContentLength(length);
        }
    }

    @Override
    public void setContentLengthLong(long length) {
        if (!isHeldBack) {
            super.setContentLengthLong(length);
        }
    }

    @Override
    public void setContentType(String type) {
        if (!isHeldBack) {
            super.setContentType(type);
        }
    }

    @Override
    public void setLocale(Locale locale) {
        if (!isHeldBack) {
            super.setLocale(locale);
        }
    }

    @Override
    public void setBufferSize(int size) {
        if (!isHeldBack) {
            super.setBufferSize(size);
        }
    }

    @Override
    public void flushBuffer() throws IOException {
        if (!isHeldBack) {
            super.flushBuffer();
        }
    }

    @Override
    public void reset() {
        if (!isHeldBack) {
            super.reset();
        }
    }

    @Override
    public void resetBuffer() {
        if (!isHeldBack) {
            super.resetBuffer();
        }
    }

    @Override
    public ServletOutputStream getOutputStream() throws IOException {
        return isHeldBack ? new Nowhere() : super.getOutputStream();
    }

    @Override
    public PrintWriter getWriter() throws IOException {
        return isHeldBack ? new PrintWriter(Writer.nullWriter()) : super.getWriter();
    }

    /** Takes what is written, and forgets it. */
    private static final class Nowhere extends ServletOutputStream {

        private final OutputStream nothing = OutputStream.nullOutputStream();

        @Override
        public void write(int octet) throws IOException {
            nothing.write(octet);
        }

        @Override
        public void write(byte[] octets, int from, int count) throws IOException {
            nothing.write(octets, from, count);
        }

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setWriteListener(WriteListener listener) {
            throw new IllegalStateException("an answer that is held back takes no write listener");
        }
    }
}
