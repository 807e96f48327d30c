package dev.weir.filter.admin;

import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.Response.Status;
import jakarta.ws.rs.ext.ReaderInterceptor;
import jakarta.ws.rs.ext.ReaderInterceptorContext;
import java.io.IOException;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Says where a body cannot be read, in our own words: the application's JSON library would answer in its own, and with
 * its insides. Libraries have no common exception, but all name line and column in its message.
 */
@Administrators
final class AdminReader implements ReaderInterceptor {

    private static final Pattern PLACE =
            Pattern.compile("line\\D{1,8}(\\d{1,9})\\D{1,16}column\\D{1,8}(\\d{1,9})", Pattern.CASE_INSENSITIVE);

    @Override
    public @Nullable Object aroundReadFrom(ReaderInterceptorContext context) throws IOException {
        try {
            return context.proceed();
        } catch (IOException | RuntimeException e) {
            if (e instanceof WebApplicationException known
                    && known.getResponse().getStatus() != Status.BAD_REQUEST.getStatusCode()) {
                throw known;
            }
            throw AdminProblem.thrown(Status.BAD_REQUEST, "the body cannot be read as a JSON object" + place(e));
        }
    }

    private static String place(Throwable failure) {
        return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .flatMap(cause ->
                        PLACE.matcher(String.valueOf(cause.getMessage())).results())
                .map((MatchResult place) -> " (line %s, column %s)".formatted(place.group(1), place.group(2)))
                .findFirst()
                .orElse("");
    }
}
