package dev.weir;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A page of the documentation, whose examples are tried as they stand there. Found from any module. */
public record Page(String text) {

    /** The page of a file, {@code docs/war.md} for instance. */
    public static Page of(String file) {
        try {
            return new Page(Files.readString(Path.of("..", file)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What follows a heading. */
    public Page from(String heading) {
        return new Page(text.substring(indexOf(heading)));
    }

    /** The first example in a language. */
    public String example(String language) {
        String begin = "```" + language + "\n";
        int from = indexOf(begin) + begin.length();
        return text.substring(from, text.indexOf("```\n", from));
    }

    private int indexOf(String part) {
        int index = text.indexOf(part);
        if (index < 0) {
            throw new IllegalArgumentException("the page has no " + part);
        }
        return index;
    }
}
