package dev.weir.redisson;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/** The scripts that Redis runs; the head of each file says what stands where. */
enum LuaScript {
    ACQUIRE,
    GIVE_BACK,
    OWE,
    POOL,
    POOL_GIVE_BACK,
    POOL_OWE,
    HEARTBEAT,
    LEAVE,
    INSTANCES,
    LIST,
    REPLACE;

    private final String word = name().toLowerCase(Locale.ROOT);
    private final String text = LuaSource.script(file());
    private final String sha1 = sha1(text);

    /** What it is called in a library. */
    String word() {
        return word;
    }

    /** The entry file. */
    String file() {
        return word.replace('_', '-') + ".lua";
    }

    /** As {@code EVAL} takes it. */
    String text() {
        return text;
    }

    /** By what {@code EVALSHA} knows the text. */
    String sha1() {
        return sha1;
    }

    static String sha1(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }
}
