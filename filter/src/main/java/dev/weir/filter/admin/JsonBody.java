package dev.weir.filter.admin;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the JSON object that a request's body is; one that is none is refused with a problem that says where. */
final class JsonBody {

    /** Far above what a request to the admin resource has to say. */
    private static final int MOST_BYTES = 65_536;

    private JsonBody() {}

    /** A request's body. */
    interface Source {
        InputStream open() throws IOException;
    }

    /** The fields of the object; null if the body is empty, or {@code null}. */
    static @Nullable Map<String, Object> read(Source body) {
        String text = text(body);
        if (text.isBlank()) {
            return null;
        }
        try {
            return JsonReader.object(text);
        } catch (JsonReader.SyntaxException wrong) {
            throw unreadable(" (line %d, column %d)".formatted(wrong.line(), wrong.column()));
        }
    }

    private static String text(Source body) {
        try {
            byte[] bytes = body.open().readNBytes(MOST_BYTES + 1);
            if (bytes.length > MOST_BYTES) {
                throw AdminProblem.thrown(
                        AdminStatus.REQUEST_ENTITY_TOO_LARGE, "the body has more than %d bytes".formatted(MOST_BYTES));
            }
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            throw unreadable(": it is not in UTF-8");
        } catch (IOException gone) {
            throw unreadable(": it does not come to its end");
        }
    }

    private static RuntimeException unreadable(String why) {
        return AdminProblem.thrown(AdminStatus.BAD_REQUEST, "the body cannot be read as a JSON object" + why);
    }
}
