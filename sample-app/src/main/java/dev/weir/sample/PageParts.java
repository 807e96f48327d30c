package dev.weir.sample;

import dev.weir.dashboard.PageFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * The page of Weir's dashboard, with the sample's own sections at the places that the page names by comments. Each file
 * of sections has such a comment before each of them. The server puts them there, so that the page does not jump.
 */
final class PageParts {

    private static final Pattern PART = Pattern.compile("(?s)(<!-- here: [a-z ]+ -->)\n(.*?)(?=<!-- here: |\\z)");

    private PageParts() {}

    static String page(boolean isDemo) throws IOException {
        String page = with(new String(PageFiles.page(), StandardCharsets.UTF_8), "sections.html");
        return isDemo ? with(page, "sections-of-demo.html") : page;
    }

    private static String with(String page, String sections) throws IOException {
        String whole = page;
        for (MatchResult part : PART.matcher(read(sections)).results().toList()) {
            String place = part.group(1);
            if (!whole.contains(place)) {
                throw new IllegalStateException("the page has no place %s".formatted(place));
            }
            whole = whole.replace(place, part.group(2).strip());
        }
        return whole;
    }

    private static String read(String name) throws IOException {
        try (InputStream file = Objects.requireNonNull(PageParts.class.getResourceAsStream(name), name)) {
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
