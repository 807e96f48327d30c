package dev.weir.dashboard;

import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;

/**
 * Tells requests that a page of another site has made a browser send. Where the container knows a user by a cookie or
 * by Basic authentication, a browser sends that along.
 */
final class OtherSites {

    private OtherSites() {}

    static boolean sent(HttpServletRequest request) {
        String site = request.getHeader("Sec-Fetch-Site");
        if (site != null) {
            return !site.equals("same-origin");
        }
        // Browsers leave that field out where there is no TLS, but not this one.
        String origin = request.getHeader("Origin");
        return origin != null && !host(origin).equals(request.getHeader("Host"));
    }

    private static String host(String origin) {
        try {
            return String.valueOf(URI.create(origin).getRawAuthority());
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
