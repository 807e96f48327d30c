package dev.weir.sample;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Iterator;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Reads {@code /events} as a browser does. */
final class EventReader implements AutoCloseable {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String DATA = "data:";
    private static final int MOST_EVENTS = 60;

    private final Stream<String> lines;
    private final Iterator<String> iterator;

    EventReader(URI root) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(root.resolve("/events"))
                .header("Accept", "text/event-stream")
                .build();
        HttpResponse<Stream<String>> response =
                HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofLines());
        if (response.statusCode() != 200) {
            throw new IllegalStateException("HTTP " + response.statusCode());
        }
        lines = response.body();
        iterator = lines.iterator();
    }

    /** The next event. */
    JsonNode next() {
        while (iterator.hasNext()) {
            String line = iterator.next();
            if (line.startsWith(DATA)) {
                try {
                    return JSON.readTree(line.substring(DATA.length()));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        throw new IllegalStateException("the events have ended");
    }

    /** The first event of the next minute or so that is as wanted. */
    JsonNode await(String what, Predicate<JsonNode> wanted) {
        JsonNode event = next();
        for (int i = 0; !wanted.test(event); i++) {
            if (i == MOST_EVENTS) {
                throw new AssertionError("not in " + MOST_EVENTS + " events: " + what + ", but " + event);
            }
            event = next();
        }
        return event;
    }

    @Override
    public void close() {
        lines.close();
    }
}
