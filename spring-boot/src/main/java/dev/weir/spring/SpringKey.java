package dev.weir.spring;

import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A key of Weir, as Spring writes it. Spring puts a name with dots, or a YAML key that is a number, into brackets,
 * where Weir quotes it; and it has a property for each element of a list, where Weir has commas.
 *
 * @param name the key as Weir writes it: {@code weir.policy.search.client."10.0.0.7".weight}
 * @param index which element of a list the property is; null if it is no element
 */
record SpringKey(String name, @Nullable Integer index) {

    private static final Pattern ELEMENT = Pattern.compile("(.*[^.])\\[(\\d{1,4})]");
    private static final Pattern IN_BRACKETS = Pattern.compile("\\.?\\[([^\\[\\]]+)]");

    /** Whether a property, or a variable of the environment, is one of Weir's. */
    static boolean isOurs(String property) {
        return property.startsWith("weir.") || property.startsWith("WEIR_") || property.startsWith("weir_");
    }

    /** The key that a property is for. */
    static SpringKey of(String property) {
        Matcher element = ELEMENT.matcher(property);
        return element.matches()
                ? new SpringKey(unbracketed(element.group(1)), Integer.valueOf(element.group(2)))
                : new SpringKey(unbracketed(property), null);
    }

    private static String unbracketed(String property) {
        return IN_BRACKETS.matcher(property).replaceAll(SpringKey::quoted);
    }

    private static String quoted(MatchResult bracketed) {
        String name = bracketed.group(1);
        return Matcher.quoteReplacement(name.contains(".") ? ".\"" + name + '"' : "." + name);
    }

    /** The text of a value. To YAML {@code off} is a boolean, and here it is one of the words for leases. */
    static String text(String key, Object value) {
        return key.equals("weir.leases") && Boolean.FALSE.equals(value) ? "off" : String.valueOf(value);
    }
}
