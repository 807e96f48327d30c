package dev.weir.redisson;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Speaks to a server without Redisson, so that what Redisson did can be judged from outside. An answer is a
 * {@code Long}, a {@code String}, a list of answers, or null; an error is thrown.
 */
public final class RespClient implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 5_000;

    private final Socket socket = new Socket();
    private final InputStream in;

    RespClient(String host, int port) throws IOException {
        socket.connect(new InetSocketAddress(host, port), PATIENCE_MILLIS);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** Sends a command and waits for its answer. */
    public Object send(String... command) {
        try {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            out.writeBytes(ascii("*" + command.length));
            for (String word : command) {
                byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
                out.writeBytes(ascii("$" + bytes.length));
                out.writeBytes(bytes);
                out.writeBytes(ascii(""));
            }
            socket.getOutputStream().write(out.toByteArray());
            return answer();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] ascii(String line) {
        return (line + "\r\n").getBytes(StandardCharsets.US_ASCII);
    }

    private Object answer() throws IOException {
        int type = in.read();
        String line = line();
        return switch (type) {
            case '+' -> line;
            case ':' -> Long.valueOf(line);
            case '$' -> text(Integer.parseInt(line));
            case '*' -> list(Integer.parseInt(line));
            case '-' -> throw new IllegalStateException(line);
            default -> throw new IOException("the server has closed the connection");
        };
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c >= 0 && c != '\r'; c = in.read()) {
            line.write(c);
        }
        in.skipNBytes(1);
        return line.toString(StandardCharsets.UTF_8);
    }

    private String text(int length) throws IOException {
        if (length < 0) {
            return null;
        }
        byte[] bytes = in.readNBytes(length);
        in.skipNBytes(2);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private List<Object> list(int length) throws IOException {
        List<Object> answers = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            answers.add(answer());
        }
        return answers;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
