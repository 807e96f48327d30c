package dev.weir.filter.admin;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON (RFC 8259) and nothing else: maps, lists, strings, {@link BigDecimal}s, booleans and null. Of fields of
 * one name, the last counts.
 */
final class JsonReader {

    private static final int DEEPEST = 16;
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]{1,9})?");
    private static final Pattern WORD = Pattern.compile("[A-Za-z]+");
    private static final Pattern BLANKS = Pattern.compile("[ \\t\\r\\n]*");
    private static final Pattern HEX = Pattern.compile("[0-9A-Fa-f]{4}");
    private static final String ESCAPES = "\"\\/bfnrt";
    private static final String ESCAPED = "\"\\/\b\f\n\r\t";

    private final String text;
    private final Matcher matcher;
    private int at;
    private int depth;

    private JsonReader(String text) {
        this.text = text;
        this.matcher = NUMBER.matcher(text);
    }

    /** A text is no JSON, or no object. */
    static final class SyntaxException extends RuntimeException {

        private final int line;
        private final int column;

        private SyntaxException(String text, int at) {
            super("no JSON object", null, false, false);
            String before = text.substring(0, at);
            line = 1 + (int) before.chars().filter(c -> c == '\n').count();
            column = at - before.lastIndexOf('\n');
        }

        /** Where, from 1. */
        int line() {
            return line;
        }

        /** Where in the line, from 1. */
        int column() {
            return column;
        }
    }

    /**
     * The fields of an object, in their order; null for {@code null}.
     *
     * @throws SyntaxException if the text is something else
     */
    static @Nullable Map<String, Object> object(String text) {
        JsonReader reader = new JsonReader(text);
        reader.skip(BLANKS);
        Map<String, Object> object = null;
        if (reader.is('{')) {
            object = reader.object();
        } else if (!text.startsWith("null", reader.at)) {
            throw reader.wrong();
        } else {
            reader.word();
        }
        reader.skip(BLANKS);
        if (reader.at < text.length()) {
            throw reader.wrong();
        }
        return object;
    }

    private @Nullable Object value() {
        if (is('{')) {
            return object();
        }
        if (is('[')) {
            return array();
        }
        if (is('"')) {
            return string();
        }
        return is('-') || at < text.length() && Character.digit(text.charAt(at), 10) >= 0 ? number() : word();
    }

    private Map<String, Object> object() {
        Map<String, Object> fields = new LinkedHashMap<>();
        enter();
        while (!isEnd('}', fields.isEmpty())) {
            require(is('"'));
            String name = string();
            skip(BLANKS);
            take(':');
            skip(BLANKS);
            fields.put(name, value());
        }
        return fields;
    }

    private List<Object> array() {
        List<Object> elements = new ArrayList<>();
        enter();
        while (!isEnd(']', elements.isEmpty())) {
            elements.add(value());
        }
        return elements;
    }

    private void enter() {
        require(++depth <= DEEPEST);
        at++;
    }

    /** Whether an object or an array ends here; if not, its next element begins here. */
    private boolean isEnd(char end, boolean first) {
        skip(BLANKS);
        if (is(end)) {
            at++;
            depth--;
            return true;
        }
        if (!first) {
            take(',');
            skip(BLANKS);
        }
        return false;
    }

    private String string() {
        StringBuilder string = new StringBuilder();
        at++;
        while (!is('"')) {
            require(at < text.length() && text.charAt(at) >= ' ');
            string.append(is('\\') ? escape() : text.charAt(at));
            at++;
        }
        at++;
        return string.toString();
    }

    /** Stays on the last character of the escape. */
    private char escape() {
        at++;
        if (is('u')) {
            at++;
            String hex = skip(HEX);
            require(!hex.isEmpty());
            at--;
            return (char) Integer.parseInt(hex, 16);
        }
        int escape = at < text.length() ? ESCAPES.indexOf(text.charAt(at)) : -1;
        require(escape >= 0);
        return ESCAPED.charAt(escape);
    }

    private BigDecimal number() {
        String number = skip(NUMBER);
        boolean goesOn = at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || is('.'));
        require(!number.isEmpty() && !goesOn);
        return new BigDecimal(number);
    }

    /** One that means nothing is read to its end, as other readers do, and reported there. */
    private @Nullable Boolean word() {
        String word = skip(WORD);
        require(word.equals("true") || word.equals("false") || word.equals("null"));
        return word.equals("null") ? null : Boolean.valueOf(word);
    }

    private String skip(Pattern pattern) {
        if (!matcher.usePattern(pattern).region(at, text.length()).lookingAt()) {
            return "";
        }
        at = matcher.end();
        return matcher.group();
    }

    private boolean is(char c) {
        return at < text.length() && text.charAt(at) == c;
    }

    private void take(char c) {
        require(is(c));
        at++;
    }

    private void require(boolean isRight) {
        if (!isRight) {
            throw wrong();
        }
    }

    private SyntaxException wrong() {
        return new SyntaxException(text, at);
    }
}
