package dev.weir.filter.client;

import inet.ipaddr.IPAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The field in which proxies write down whom they speak for, each at the right end of what it was given. */
enum ForwardedField {
    X_FORWARDED_FOR("X-Forwarded-For") {
        @Override
        Optional<IPAddress> address(String element) {
            return Addresses.parseNode(element);
        }
    },

    /** RFC 7239. Colons and brackets outside quotes are against it but common, and mean the same. */
    FORWARDED("Forwarded") {
        @Override
        Optional<IPAddress> address(String element) {
            return node(element).flatMap(Addresses::parseNode);
        }
    };

    /** Far above what a proxy writes of one hop; keeps the pattern below from deep recursion. */
    private static final int LONGEST_ELEMENT = 512;

    private static final Pattern PAIR = Pattern.compile("[ \\t]*(?<name>[A-Za-z0-9!#$%&'*+.^_`|~-]+)="
            + "(?:(?<plain>[A-Za-z0-9!#$%&'*+.^_`|~:\\[\\]-]+)|\"(?<quoted>(?:[^\"\\\\]|\\\\.)*)\")[ \\t]*(?:;|$)");

    private final String fieldName;

    ForwardedField(String fieldName) {
        this.fieldName = fieldName;
    }

    /** @throws IllegalArgumentException if it is neither of the two */
    static ForwardedField parse(String name) {
        return Stream.of(values())
                .filter(field -> field.fieldName.equalsIgnoreCase(name.strip()))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "'%s' is not a header that tells a client's address; allowed are X-Forwarded-For and Forwarded"
                                .formatted(name)));
    }

    String fieldName() {
        return fieldName;
    }

    /** The address in one element of the list; empty for {@code unknown}, an obfuscated name, or garbage. */
    abstract Optional<IPAddress> address(String element);

    private static Optional<String> node(String element) {
        if (element.length() > LONGEST_ELEMENT) {
            return Optional.empty();
        }
        Matcher pair = PAIR.matcher(element);
        Optional<String> node = Optional.empty();
        int at = 0;
        while (at < element.length()) {
            if (!pair.region(at, element.length()).lookingAt()) {
                return Optional.empty();
            }
            if (pair.group("name").equalsIgnoreCase("for")) {
                if (node.isPresent()) {
                    return Optional.empty();
                }
                String quoted = pair.group("quoted");
                node = Optional.of(quoted == null ? pair.group("plain") : quoted.replaceAll("\\\\(.)", "$1"));
            }
            at = pair.end();
        }
        return node;
    }
}
