package dev.weir.filter.client;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * The elements of a list field, last to first, each without the white space around it; an empty element counts.
 *
 * <p>What stands left of a trusted proxy's element may be written by any caller, so it must not be read before that
 * element is: a quote that is never closed would swallow it. Read from the right, a comma or quote on the left is never
 * reached.
 */
final class ReverseListReader implements Iterator<String> {

    private final List<String> lines;
    private int line;
    private int end;

    /** @param lines the field's lines, in the order received */
    ReverseListReader(List<String> lines) {
        this.lines = lines;
        line = lines.size();
        end = -1;
    }

    @Override
    public boolean hasNext() {
        return end >= 0 || line > 0;
    }

    @Override
    public String next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        if (end < 0) {
            line--;
            end = lines.get(line).length();
        }
        String text = lines.get(line);
        int comma = commaBefore(text, end);
        String element = text.substring(comma + 1, end).strip();
        end = comma;
        return element;
    }

    private static int commaBefore(String text, int end) {
        boolean quoted = false;
        int i = end - 1;
        while (i >= 0 && (quoted || text.charAt(i) != ',')) {
            if (text.charAt(i) == '"' && !(quoted && escaped(text, i))) {
                quoted = !quoted;
            }
            i--;
        }
        return i;
    }

    private static boolean escaped(String text, int at) {
        int backslash = at - 1;
        while (backslash >= 0 && text.charAt(backslash) == '\\') {
            backslash--;
        }
        return (at - backslash) % 2 == 0;
    }
}
