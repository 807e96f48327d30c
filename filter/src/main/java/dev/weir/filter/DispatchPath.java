package dev.weir.filter;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where a request is dispatched that has waited: to the servlet in front of which it was parked.
 *
 * <p>A plain dispatch goes by the URI that the request shows. Filters may have wrapped the request so that it shows
 * another one, with a prefix that a proxy has taken off for instance: by that, the dispatch would come to another
 * servlet, past filters that guard it. Then it goes by the path by which the container has found the servlet, and the
 * request shows the other URI again.
 *
 * <p>Not for a request that the application itself has dispatched: the container wraps it as well, and does not say
 * where to.
 *
 * @param path below that of the context; null if the request shows the URI that it came with
 * @param shown what the request shows
 */
record DispatchPath(@Nullable String path, HttpServletRequest shown) {

    private static final Pattern PARAMETERS = Pattern.compile(";[^/]*");
    private static final Pattern NOT_PLAIN = Pattern.compile("[^A-Za-z0-9/._~!$&'*+,=:@()-]");

    static DispatchPath of(HttpServletRequest request) {
        HttpServletRequest innermost = innermost(request);
        String uri = innermost.getRequestURI();
        boolean isShownAsItCame = uri.equals(request.getRequestURI())
                && innermost.getContextPath().equals(request.getContextPath());
        return isShownAsItCame ? new DispatchPath(null, request) : new DispatchPath(path(innermost, uri), request);
    }

    private static HttpServletRequest innermost(ServletRequest request) {
        ServletRequest innermost = request;
        while (innermost instanceof ServletRequestWrapper wrapper) {
            innermost = wrapper.getRequest();
        }
        return (HttpServletRequest) innermost;
    }

    /** With the parameters that it came with, unless the container read it in another way. */
    private static String path(HttpServletRequest innermost, String uri) {
        String info = innermost.getPathInfo();
        String found = innermost.getServletPath() + (info == null ? "" : info);
        String context = innermost.getContextPath();
        String raw = uri.startsWith(context) ? uri.substring(context.length()) : uri;
        return decoded(raw).equals(found) ? raw : encoded(found);
    }

    private static String decoded(String path) {
        String withoutParameters = PARAMETERS.matcher(path).replaceAll("");
        try {
            return URLDecoder.decode(withoutParameters.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException malformed) {
            return "";
        }
    }

    /** Without {@link java.net.URI}: it composes letters, and leaves a semicolon, which begins a parameter. */
    private static String encoded(String path) {
        return NOT_PLAIN
                .matcher(path)
                .replaceAll(part ->
                        URLEncoder.encode(part.group(), StandardCharsets.UTF_8).replace("+", "%20"));
    }

    void dispatch(AsyncContext context) {
        if (path == null) {
            context.dispatch();
        } else {
            context.dispatch(shown.getServletContext(), path);
        }
    }

    /** The request after its dispatch, as it was shown before. */
    HttpServletRequest restored(HttpServletRequest dispatched) {
        return path == null ? dispatched : new AsItWasShown(dispatched, shown);
    }

    private static final class AsItWasShown extends HttpServletRequestWrapper {

        private final String uri;
        private final String url;
        private final String context;
        private final String servletPath;
        private final @Nullable String pathInfo;

        AsItWasShown(HttpServletRequest request, HttpServletRequest shown) {
            super(request);
            uri = shown.getRequestURI();
            url = shown.getRequestURL().toString();
            context = shown.getContextPath();
            servletPath = shown.getServletPath();
            pathInfo = shown.getPathInfo();
        }

        @Override
        public String getRequestURI() {
            return uri;
        }

        @Override
        public StringBuffer getRequestURL() {
            return new StringBuffer(url);
        }

        @Override
        public String getContextPath() {
            return context;
        }

        @Override
        public String getServletPath() {
            return servletPath;
        }

        @Override
        public @Nullable String getPathInfo() {
            return pathInfo;
        }
    }
}
