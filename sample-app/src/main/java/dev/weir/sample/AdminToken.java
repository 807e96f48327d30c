package dev.weir.sample;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.Properties;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jspecify.annotations.Nullable;

/**
 * A token if none is configured: the admin resource can be tried without choosing one, and no other client can use it.
 */
final class AdminToken {

    private static final String KEY = "weir.admin.token";
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private AdminToken() {}

    /** Empty if one is configured. */
    static Optional<String> make(@Nullable Path config) throws IOException {
        Properties file = new Properties();
        if (config != null) {
            try {
                String text = Files.readString(config);
                file.load(new StringReader(text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text));
            } catch (IllegalArgumentException | CharacterCodingException e) {
                return Optional
                        .empty(); // Reported, with every other mistake in the file, when the configuration is read.
            }
        }
        boolean isSet = !file.getProperty(KEY, "").isBlank()
                || ConfigProvider.getConfig()
                        .getOptionalValue(KEY, String.class)
                        .isPresent();
        return isSet ? Optional.empty() : Optional.of(makeAlways());
    }

    /** One that holds whatever is configured. */
    static String makeAlways() {
        byte[] random = new byte[24];
        new SecureRandom().nextBytes(random);
        String token = Base64.getUrlEncoder().encodeToString(random);
        System.setProperty(KEY, token);
        return token;
    }
}
