package dev.weir.filter.config;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Which values a log must not show, by the names of their keys; and what is cut out of any other text. */
final class Secrets {

    private static final Set<String> WORDS = Set.of("uri", "url", "dsn", "key", "auth", "pwd", "pass", "pw");
    private static final List<String> PARTS = List.of("passw", "passphrase", "secret", "token", "credential", "apikey");
    private static final Pattern WORD_BORDER = Pattern.compile("[^\\p{L}\\p{N}]+|(?<=\\p{Ll})(?=\\p{Lu})");

    /**
     * From the slashes to the last at sign: in the first word, or, after a colon, which a password follows, anywhere.
     * Such a password may hold all characters, for the address may be wrong.
     */
    private static final Pattern USER_INFO = Pattern.compile("//(?:[^/@]*:.*|[^/\\s]*)@", Pattern.DOTALL);

    /** Keys of these have names that the user has chosen; what they hold are numbers and the names of plans. */
    private static final List<String> NAMED_BY_USERS = List.of("weir.policy.", "weir.client.", "weir.pool.");

    private Secrets() {}

    /** Whether the value of a key is a secret. Of a key with names of the user's own, only its end decides that. */
    static boolean isSecret(String key) {
        String telling =
                NAMED_BY_USERS.stream().anyMatch(key::startsWith) ? key.substring(key.lastIndexOf('.') + 1) : key;
        for (String word : WORD_BORDER.split(telling)) {
            String lower = word.toLowerCase(Locale.ROOT);
            if (WORDS.contains(lower) || PARTS.stream().anyMatch(lower::contains)) {
                return true;
            }
        }
        return false;
    }

    /** A text without the user and the password of an address in it. */
    static String withoutUserInfo(String text) {
        return USER_INFO.matcher(text).replaceAll("//***@");
    }
}
