package dev.weir.redisson;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;

/**
 * Ends TLS in front of a Redis, with a certificate of its own. Not every binary of Redis can do it: the one of the test
 * dependency is built without TLS.
 */
final class TlsEntrance implements AutoCloseable {

    static final String PASSWORD = "changeit";

    private static final String HOST = "127.0.0.1";
    private static final String ALIAS = "redis";

    private final int target;
    private final KeyStore keys;
    private final SSLServerSocket server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    /**
     * @param target the port of the Redis
     * @param directory for its key
     * @param name the host that its certificate is for, as keytool writes it: {@code ip:127.0.0.1}
     */
    TlsEntrance(int target, Path directory, String name) {
        this.target = target;
        try {
            keys = newKey(directory, name);
            KeyManagerFactory managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            managers.init(keys, PASSWORD.toCharArray());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(managers.getKeyManagers(), null, null);
            server = (SSLServerSocket)
                    context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getByName(HOST));
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
        threads.submit(this::accept);
    }

    private static KeyStore newKey(Path directory, String name) throws IOException, GeneralSecurityException {
        Path file = directory.resolve("redis-%d.p12".formatted(System.nanoTime()));
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        ALIAS,
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=" + file.getFileName(),
                        "-ext",
                        "SAN=" + name,
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        PASSWORD)
                .redirectErrorStream(true)
                .start();
        String output = new String(keytool.getInputStream().readAllBytes(), Charset.defaultCharset());
        if (!Files.exists(file)) {
            throw new IllegalStateException("keytool made no key: " + output);
        }
        return KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
    }

    String uri() {
        return "rediss://%s:%d".formatted(HOST, server.getLocalPort());
    }

    /** Writes what trusts this certificate, and no other. */
    Path trust(Path directory) {
        Path file = directory.resolve("trust-%d.p12".formatted(System.nanoTime()));
        try (OutputStream out = Files.newOutputStream(file)) {
            Certificate certificate = keys.getCertificate(ALIAS);
            KeyStore trust = KeyStore.getInstance("PKCS12");
            trust.load(null, null);
            trust.setCertificateEntry(ALIAS, certificate);
            trust.store(out, PASSWORD.toCharArray());
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
        return file;
    }

    /** How many were begun. */
    int connections() {
        return connections.get();
    }

    private void accept() {
        try {
            while (true) {
                Socket near = server.accept();
                connections.incrementAndGet();
                open.add(near);
                Socket far = new Socket(HOST, target);
                open.add(far);
                threads.submit(() -> pump(near, far));
                threads.submit(() -> pump(far, near));
            }
        } catch (IOException | RejectedExecutionException e) {
            end(); // As close does.
        }
    }

    private static Void pump(Socket from, Socket to) throws IOException {
        try (from;
                to;
                InputStream in = from.getInputStream()) {
            in.transferTo(to.getOutputStream());
        }
        return null;
    }

    private void end() {
        open.forEach(socket -> {
            try {
                socket.close();
            } catch (IOException e) {
                // It is closed all the same.
            }
        });
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            threads.shutdownNow();
            end();
        }
    }
}
