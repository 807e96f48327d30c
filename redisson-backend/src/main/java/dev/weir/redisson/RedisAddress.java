package dev.weir.redisson;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The address of one server, {@code redis://[[user]:password@]host[:port][/database]}, or {@code rediss://} for TLS.
 *
 * @param server without user, password and database, as Redisson wants it
 * @param database from 0
 * @param user null if it has none
 * @param password null if it has none
 * @param shown the address without user and password, for messages
 */
record RedisAddress(
        String server,
        int database,
        @Nullable String user,
        @Nullable String password,
        String shown) {

    private static final int DEFAULT_PORT = 6379;
    private static final Pattern SCHEME = Pattern.compile("[a-z]+:/+");
    private static final Pattern SECRET_PARAMETER =
            Pattern.compile("([?&][^=&]*(?:pass|pwd|auth|secret|token)[^=&]*=)[^&]*", Pattern.CASE_INSENSITIVE);
    private static final Pattern NO_PORT = Pattern.compile(":(?!/)(?!\\d{1,5}(?:[/?#,]|$))[^/?#,]*");
    private static final Pattern DATABASE = Pattern.compile("(/\\d{1,4})?/?");

    /**
     * @param value as it is configured
     * @param isOfAUser whether what stands alone before the at sign is a user, because the password comes from
     *     elsewhere; else it is a password
     * @throws IllegalArgumentException if it is none; names the key, the form, and the value without its secrets
     */
    static RedisAddress of(String value, boolean isOfAUser) {
        URI uri = parsed(value);
        int port = uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort();
        String database = uri.getPath().replace("/", "");
        String userInfo = uri.getRawUserInfo();
        String[] parts = userInfo == null ? new String[] {""} : userInfo.split(":", 2);
        boolean isPair = parts.length == 2;
        return new RedisAddress(
                uri.getScheme() + "://" + uri.getHost() + ":" + port,
                database.isEmpty() ? 0 : Integer.parseInt(database),
                isPair || isOfAUser ? nullIfEmpty(decoded(parts[0])) : null,
                isOfAUser ? nullIfEmpty(decoded(isPair ? parts[1] : "")) : password(parts),
                redacted(value));
    }

    private static URI parsed(String value) {
        try {
            URI uri = new URI(value.trim());
            boolean isRedis = "redis".equals(uri.getScheme()) || "rediss".equals(uri.getScheme());
            boolean isServer = uri.getHost() != null
                    && uri.getPort() != 0
                    && uri.getPort() <= 65_535
                    && DATABASE.matcher(uri.getPath()).matches()
                    && uri.getQuery() == null
                    && uri.getFragment() == null;
            if (isRedis && isServer) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Reported below, without the password that this exception quotes.
        }
        throw new IllegalArgumentException(
                "%s must be redis://[[user]:password@]host[:port][/database], or rediss:// for TLS, but is '%s'"
                        .formatted(RedissonSettings.URI, redacted(value)));
    }

    /** An empty one is a password, too, where there is a user: one that needs none. */
    private static @Nullable String password(String[] parts) {
        String password = decoded(parts[parts.length - 1]);
        return parts.length == 2 && !parts[0].isEmpty() ? password : nullIfEmpty(password);
    }

    private static @Nullable String nullIfEmpty(String text) {
        return text.isEmpty() ? null : text;
    }

    private static String decoded(String part) {
        return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /**
     * Without what may be a password: all before the last at sign, but for the scheme; where there is none, all behind
     * a colon that is not a port; and such parameters.
     */
    static String redacted(String uri) {
        String open = SECRET_PARAMETER.matcher(uri).replaceAll("$1***");
        int at = open.lastIndexOf('@');
        if (at < 0) {
            return NO_PORT.matcher(open).replaceAll(":***");
        }
        Matcher scheme = SCHEME.matcher(open);
        return (scheme.lookingAt() ? scheme.group() : "") + "***" + open.substring(at);
    }

    /** No password in it. */
    @Override
    public String toString() {
        return shown;
    }
}
