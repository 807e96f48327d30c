package dev.weir.sample.demo;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Another instance of the demo: a process that ends with this one, because it reads from it until the end. */
final class DemoPart implements AutoCloseable {

    private static final String READY = "is ready: ";
    private static final Duration TIMEOUT = Duration.ofSeconds(2);
    private static final long END_SECONDS = 10;

    private final String id;
    private final Process process;
    private URI root = URI.create("http://localhost/");

    /** @param command starts the application, which prints its address when it is ready */
    DemoPart(String id, List<String> command, String adminToken) throws IOException {
        this.id = id;
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().put("WEIR_ADMIN_TOKEN", adminToken); // Other users of this machine see the command line.
        process = builder.start();
    }

    /** @throws IllegalStateException if it does not start; it has said why */
    void awaitReady() throws IOException {
        BufferedReader output = process.inputReader();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            int at = line.indexOf(READY);
            if (at >= 0) {
                root = URI.create(line.substring(at + READY.length()));
                return;
            }
        }
        throw new IllegalStateException("the instance " + id + " did not start");
    }

    URI root() {
        return root;
    }

    /** Its snapshot as JSON, or what says that it does not answer. */
    CompletableFuture<String> snapshot(HttpClient http) {
        HttpRequest request = HttpRequest.newBuilder(root.resolve("/activity"))
                .timeout(TIMEOUT)
                .build();
        return http.sendAsync(request, HttpResponse.BodyHandlers.ofString())
                .handle((response, failure) -> response != null && response.statusCode() == 200
                        ? response.body()
                        : "{\"instance\":\"%s\",\"silent\":true}".formatted(id));
    }

    /** Which process is to end, should this one be killed and have no time for it. */
    void endAlso(long pid) {
        try {
            process.outputWriter().write(pid + "\n");
            process.outputWriter().flush();
        } catch (IOException gone) {
            // Then it cannot see to it.
        }
    }

    /** Asks it to end, and waits for that. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Ends this process when the one that started it has ended, however that came about; and with it the process that
     * {@link #endAlso} named last.
     */
    static void endWithParent() {
        Thread thread = new Thread(DemoPart::awaitEndOfParent, "demo-parent");
        thread.setDaemon(true);
        thread.start();
    }

    private static void awaitEndOfParent() {
        long endAlso = -1;
        try (BufferedReader parent = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII))) {
            for (String line = parent.readLine(); line != null; line = parent.readLine()) {
                endAlso = Long.parseLong(line);
            }
        } catch (IOException e) {
            // It has ended, too.
        }
        if (endAlso > 0) {
            ProcessHandle.of(endAlso).ifPresent(ProcessHandle::destroyForcibly);
        }
        System.exit(0);
    }
}
