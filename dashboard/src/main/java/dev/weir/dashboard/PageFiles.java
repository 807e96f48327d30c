package dev.weir.dashboard;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * The page and its files, which hold no data, and the fields that responses with them carry. Each file has its name
 * here: a request names nothing else on the class path.
 */
public final class PageFiles {

    /**
     * Header fields for every response of the page: scripts, styles and data come from the page's own origin, no other
     * site frames it, and nothing is kept.
     */
    public static final Map<String, String> FIELDS = Map.of(
            "Content-Security-Policy",
            "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options",
            "nosniff",
            "X-Frame-Options",
            "DENY",
            "Referrer-Policy",
            "no-referrer",
            "Cross-Origin-Resource-Policy",
            "same-origin",
            "Cache-Control",
            "no-store");

    static final String PAGE = "dashboard/index.html";

    static final Set<String> NAMES = Set.copyOf(List.of(
            PAGE,
            "dashboard/app.js",
            "dashboard/charts.js",
            "dashboard/dom.js",
            "dashboard/icon.svg",
            "dashboard/limits.js",
            "dashboard/live.js",
            "dashboard/panels.js",
            "dashboard/session.js",
            "dashboard/style.css",
            "dashboard/uplot/LICENSE",
            "dashboard/uplot/uPlot.esm.js",
            "dashboard/uplot/uPlot.min.css"));

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html;charset=UTF-8",
            "js", "text/javascript;charset=UTF-8",
            "css", "text/css;charset=UTF-8",
            "svg", "image/svg+xml");

    private PageFiles() {}

    /** The page: its scripts and styles are at {@code dashboard/} beside it. */
    public static byte[] page() throws IOException {
        return find(PAGE).orElseThrow();
    }

    /** A file; empty if the page has none of this name. */
    static Optional<byte[]> find(String name) throws IOException {
        if (!NAMES.contains(name)) {
            return Optional.empty();
        }
        try (InputStream file = Objects.requireNonNull(PageFiles.class.getResourceAsStream("web/" + name), name)) {
            return Optional.of(file.readAllBytes());
        }
    }

    static String type(String name) {
        return TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), "text/plain;charset=UTF-8");
    }
}
