package dev.weir.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * An HTTP connection that is kept, and does as little as it can: the client shares its processors with the server, so
 * whatever it did would be measured as the server's. Not thread-safe.
 */
final class KeptConnection implements AutoCloseable {

    private static final byte[] SUCCESS = ascii("HTTP/1.1 200 ");

    private final Socket socket;
    private final String head;
    private final byte[] end;
    private final byte[] answer = new byte[4_096];

    /** @param body the body of every answer */
    KeptConnection(int port, String path, String header, String body) {
        try {
            socket = new Socket(InetAddress.getLoopbackAddress(), port);
            socket.setTcpNoDelay(true);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        head = "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n%s: ".formatted(path, port, header);
        end = ascii("\r\n\r\n" + body);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** @throws IOException if the answer is not the one expected */
    void get(String headerValue) throws IOException {
        socket.getOutputStream().write(ascii(head + headerValue + "\r\n\r\n"));
        int length = 0;
        while (!endsAsExpected(length)) {
            int more = socket.getInputStream().read(answer, length, answer.length - length);
            if (more <= 0) {
                throw new IOException("unexpected answer: " + new String(answer, 0, length, StandardCharsets.US_ASCII));
            }
            length += more;
        }
        if (!Arrays.equals(answer, 0, SUCCESS.length, SUCCESS, 0, SUCCESS.length)) {
            throw new IOException("refused: " + new String(answer, 0, length, StandardCharsets.US_ASCII));
        }
    }

    private boolean endsAsExpected(int length) {
        return length > end.length && Arrays.equals(answer, length - end.length, length, end, 0, end.length);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
