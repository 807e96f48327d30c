package dev.weir.sample.load;

import dev.weir.sample.load.Tally.Fate;
import dev.weir.sample.traffic.TrafficSource;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of {@code --load}, and what they do. */
public final class LoadCommand {

    private static final String CLIENT = "{client}";
    private static final int MULTIPLE_CHOICES = 300;
    private static final int DEFAULT_SECONDS = 60;
    private static final int MOST_SECONDS = 3_600;
    private static final String DEFAULT_SVG = "load.svg";
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    @Option(
            names = "--load",
            arity = "0..1",
            fallbackValue = "",
            paramLabel = "URL",
            description = "Sends mixed traffic to URL, or to this application with the demo's policies, and ends with a"
                    + " table and a picture of what came through. " + CLIENT + " in URL is each client's name.")
    private @Nullable String url;

    @Option(
            names = "--load-header",
            paramLabel = "NAME",
            description = "Header in which each client of --load URL sends its name.")
    private @Nullable String header;

    @Option(
            names = "--load-seconds",
            paramLabel = "N",
            description = "For how long --load sends. Default: " + DEFAULT_SECONDS)
    private @Nullable Integer seconds;

    @Option(
            names = "--load-svg",
            paramLabel = "FILE",
            description = "Where --load puts its picture. Default: " + DEFAULT_SVG)
    private @Nullable Path svg;

    /** Whether it was asked for. */
    public boolean isWanted() {
        return url != null;
    }

    /** Whether it is this application that gets the traffic. */
    public boolean isOwn() {
        return url != null && url.isEmpty();
    }

    /** @throws IllegalArgumentException if an option is out of its range; the message names it */
    public void check() {
        if (!isWanted()) {
            if (seconds != null || svg != null || header != null) {
                throw new IllegalArgumentException("--load-seconds, --load-svg and --load-header go with --load");
            }
            return;
        }
        if (seconds() < 1 || seconds() > MOST_SECONDS) {
            throw new IllegalArgumentException(
                    "--load-seconds must be from 1 to %d, but is %d".formatted(MOST_SECONDS, seconds()));
        }
        Path directory = svg().toAbsolutePath().getParent();
        if (Files.isDirectory(svg()) || directory == null || !Files.isWritable(directory)) {
            throw new IllegalArgumentException("--load-svg %s: no file can be written there".formatted(svg()));
        }
        if (!isOwn()) {
            request(TrafficSource.MIXED.get(0));
        } else if (header != null) {
            throw new IllegalArgumentException("--load-header goes with --load URL");
        }
    }

    private int seconds() {
        return seconds == null ? DEFAULT_SECONDS : seconds;
    }

    private Path svg() {
        return svg == null ? Path.of(DEFAULT_SVG) : svg;
    }

    /**
     * Sends, prints and draws.
     *
     * @param own the root of this application, where it is this one that gets the traffic
     * @throws IllegalArgumentException if there is no answer to a first request
     */
    public void run(@Nullable URI own) throws IOException, InterruptedException {
        List<TrafficSource> sources = own == null ? TrafficSource.MIXED : TrafficSource.OF_DEMO;
        Function<TrafficSource, HttpRequest.Builder> request =
                own == null ? this::request : source -> HttpRequest.newBuilder(own.resolve(source.path()));
        String target = own == null ? String.valueOf(url) : own.toString();
        int status = tryOnce(request.apply(sources.get(0)), target);
        if (Fate.ofStatus(status) == Fate.THROUGH && status >= MULTIPLE_CHOICES) {
            System.out.printf("The first answer was %d, which counts as through. Is it the right URL?%n", status);
        }
        List<Tally> tallies = new Load(sources, request, seconds()).run(System.out);
        System.out.println(LoadTable.of(tallies));
        Files.writeString(svg(), LoadChart.svg("What came through of mixed traffic to " + target, tallies));
        System.out.println("The picture is " + svg());
    }

    /** The status of one answer. */
    private static int tryOnce(HttpRequest.Builder request, String target) throws InterruptedException {
        try {
            return HttpClient.newBuilder()
                    .connectTimeout(TIMEOUT)
                    .build()
                    .send(request.timeout(TIMEOUT).build(), HttpResponse.BodyHandlers.discarding())
                    .statusCode();
        } catch (IOException e) {
            throw new IllegalArgumentException("--load %s: no answer: %s"
                    .formatted(target, e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage()));
        }
    }

    private HttpRequest.Builder request(TrafficSource source) {
        try {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(URI.create(String.valueOf(url).replace(CLIENT, source.client())));
            return header == null ? request : request.header(header, source.client());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("--load %s: %s; allowed: http://... or https://..., and a header's name"
                    .formatted(url, e.getMessage()));
        }
    }
}
