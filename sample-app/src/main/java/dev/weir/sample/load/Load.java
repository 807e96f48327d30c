package dev.weir.sample.load;

import dev.weir.sample.load.Tally.Fate;
import dev.weir.sample.traffic.Flow;
import dev.weir.sample.traffic.TrafficSource;
import java.io.PrintStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Sends the requests of made-up clients for a while, and tallies the answers. */
final class Load {

    private static final int BAR = 30;
    private static final long TICK_MILLIS = 25;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final long SECOND_NANOS = TimeUnit.SECONDS.toNanos(1);

    private record Sender(Flow flow, HttpRequest request, Tally tally) {}

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private final List<Sender> senders;
    private final int seconds;
    private final AtomicInteger inFlight = new AtomicInteger();

    /** @param request what a client sends, again and again */
    Load(List<TrafficSource> sources, Function<TrafficSource, HttpRequest.Builder> request, int seconds) {
        this.seconds = seconds;
        senders = sources.stream()
                .map(source -> new Sender(
                        new Flow(source), request.apply(source).timeout(TIMEOUT).build(), new Tally(source, seconds)))
                .toList();
    }

    /** Sends for the time given, and waits for the last answers; one line of {@code progress} says how far it is. */
    List<Tally> run(PrintStream progress) throws InterruptedException {
        long startNanos = System.nanoTime();
        int shown = -1;
        for (int second = 0; second < seconds; second = (int) ((System.nanoTime() - startNanos) / SECOND_NANOS)) {
            if (second != shown) {
                shown = second;
                progress.print("\r" + inWords(second));
            }
            sendWhatIsDue(second);
            TimeUnit.MILLISECONDS.sleep(TICK_MILLIS);
        }
        for (long left = TIMEOUT.toMillis(); left > 0 && inFlight.get() > 0; left -= TICK_MILLIS) {
            TimeUnit.MILLISECONDS.sleep(TICK_MILLIS);
        }
        progress.println("\r" + inWords(seconds));
        return senders.stream().map(Sender::tally).toList();
    }

    private String inWords(int second) {
        return String.format(
                Locale.ROOT,
                "%s %d s of %d s: %,d through, %,d rejected, %,d failed",
                bar(second),
                second,
                seconds,
                sum(Fate.THROUGH),
                sum(Fate.REJECTED),
                sum(Fate.FAILED));
    }

    private String bar(int second) {
        int full = BAR * second / seconds;
        return "[" + "#".repeat(full) + ".".repeat(BAR - full) + "]";
    }

    private long sum(Fate fate) {
        return senders.stream().mapToLong(sender -> sender.tally().all(fate)).sum();
    }

    private void sendWhatIsDue(int second) {
        long nowNanos = System.nanoTime();
        for (Sender sender : senders) {
            for (int due = sender.flow().due(nowNanos); due > 0; due--) {
                send(sender, second);
            }
        }
    }

    private void send(Sender sender, int second) {
        long sentNanos = System.nanoTime();
        sender.flow().left();
        inFlight.incrementAndGet();
        http.sendAsync(sender.request(), HttpResponse.BodyHandlers.discarding()).whenComplete((response, failure) -> {
            Fate fate = response == null ? Fate.FAILED : Fate.ofStatus(response.statusCode());
            sender.tally().add(fate, second, (System.nanoTime() - sentNanos) / 1_000);
            sender.flow().answered(retryAfterSeconds(response));
            inFlight.decrementAndGet();
        });
    }

    private static long retryAfterSeconds(@Nullable HttpResponse<Void> response) {
        try {
            return response == null
                    ? 0
                    : response.headers().firstValueAsLong("Retry-After").orElse(0);
        } catch (NumberFormatException date) {
            return 1; // The application's own answer may name a date.
        }
    }
}
