package dev.weir.limit;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** What names and ids may look like, wherever one is read. */
public final class Names {

    /** The longest id of a client or a bucket, in bytes of UTF-8. */
    public static final int MAX_ID_BYTES = 256;

    /** The policy that decisions on named buckets report, whichever bucket it is; no policy can be called so. */
    public static final String BUCKET = "bucket";

    private static final Pattern POLICY = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,63}");

    /** What actions and plans may be called: the names of actions are parts of keys in the store. */
    private static final Pattern PART = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    private Names() {}

    /**
     * Whether {@code name} can be the name of a policy or a pool: 1 to 64 letters, digits, {@code -} and {@code _},
     * starting with a letter or a digit. It appears in configuration keys, Redis keys, HTTP fields and metrics without
     * being quoted.
     */
    public static boolean isPolicyName(String name) {
        return POLICY.matcher(name).matches();
    }

    /**
     * Whether {@code name} can be the name of an action or a plan: 1 to 64 letters, digits, {@code .}, {@code -} and
     * {@code _}, starting with a letter or a digit.
     */
    public static boolean isPartName(String name) {
        return PART.matcher(name).matches();
    }

    /**
     * Checks the name of an action or a plan: 1 to 64 letters, digits, {@code .}, {@code -} and {@code _}, starting
     * with a letter or a digit.
     *
     * @return the name
     * @throws IllegalArgumentException if it is not such a name
     */
    public static String requirePartName(String name) {
        if (!isPartName(name)) {
            throw new IllegalArgumentException(
                    ("an action or a plan must be named by 1 to 64 letters, digits, '.', '-' and '_', "
                                    + "starting with a letter or digit, but is '%s'")
                            .formatted(name));
        }
        return name;
    }

    /** Whether {@code id} can be the id of a client or a bucket: 1 to {@link #MAX_ID_BYTES} bytes in UTF-8. */
    public static boolean isId(String id) {
        return !id.isEmpty() && fits(id);
    }

    /**
     * Checks the id of a client or a bucket.
     *
     * @param what names it in the error: "a client id"
     * @return the id
     * @throws IllegalArgumentException if it is empty or longer than {@link #MAX_ID_BYTES} bytes
     */
    public static String requireId(String what, String id) {
        if (!isId(id)) {
            throw new IllegalArgumentException("%s must have 1 to %d bytes in UTF-8, but has %d"
                    .formatted(what, MAX_ID_BYTES, id.getBytes(StandardCharsets.UTF_8).length));
        }
        return id;
    }

    /** No character of a Java string takes more than three bytes of UTF-8, and none less than one. */
    private static boolean fits(String id) {
        return id.length() <= MAX_ID_BYTES / 3
                || id.length() <= MAX_ID_BYTES && id.getBytes(StandardCharsets.UTF_8).length <= MAX_ID_BYTES;
    }
}
