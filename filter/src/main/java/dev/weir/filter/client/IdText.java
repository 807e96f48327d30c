package dev.weir.filter.client;

import dev.weir.limit.Names;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Makes a client id of a value that came with a request. A plain value stays as it is; one that might do harm as it is
 * becomes {@code sha256:} and a digest, which is still this client's alone:
 *
 * <ul>
 *   <li>longer than {@link Names#MAX_ID_BYTES}, prefix included: no client fills the store with long ids;
 *   <li>control characters or broken surrogates: no client breaks a log line, or shares the id that remains when they
 *       are lost;
 *   <li>what looks like another resolver's id, an address or a digest: no client is mistaken for another.
 * </ul>
 *
 * @param resolver the resolver's name in configuration, as {@code header:X-API-Key}
 * @param plain whether its ids go without that name in front
 */
record IdText(String resolver, boolean plain) {

    /** The id of a client whose address is unknown; no other resolver can produce it. */
    static final String UNKNOWN_ADDRESS = "address:unknown";

    private static final String DIGEST = "sha256:";
    private static final List<String> RESERVED =
            List.of(DIGEST, "address:", "header:", "cookie:", "principal:", "class:");
    private static final Pattern ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}|[0-9a-f:.]+/64");

    String id(String value) {
        String id = plain ? value : resolver + ':' + value;
        boolean harmless = Names.isId(id) && printable(value) && !(plain && looksLikeAnother(value));
        return harmless ? id : digest(value);
    }

    private static boolean printable(String value) {
        int c;
        for (int i = 0; i < value.length(); i += Character.charCount(c)) {
            c = value.codePointAt(i);
            if (Character.isISOControl(c) || Character.getType(c) == Character.SURROGATE) {
                return false;
            }
        }
        return true;
    }

    private static boolean looksLikeAnother(String value) {
        for (String reserved : RESERVED) {
            if (value.startsWith(reserved)) {
                return true;
            }
        }
        // Each way to write an address has one or the other: mostly the pattern need not be asked.
        boolean mayBeAddress = value.indexOf('.') >= 0 || value.endsWith("/64");
        return mayBeAddress && ADDRESS.matcher(value).matches();
    }

    /** Over the UTF-16 units, because an encoder would map all broken surrogates to one and the same character. */
    private String digest(String value) {
        String text = resolver + '\0' + value;
        ByteBuffer units = ByteBuffer.allocate(text.length() * Character.BYTES);
        units.asCharBuffer().put(text);
        byte[] digest = sha256().digest(units.array());
        return DIGEST + Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every Java platform has SHA-256", impossible);
        }
    }
}
