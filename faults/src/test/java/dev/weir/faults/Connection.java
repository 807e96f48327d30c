package dev.weir.faults;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;

/**
 * A connection to an instance that is kept, as a proxy keeps one. A request is sent once: libraries send it again after
 * a reset, and so hide what is to be seen here.
 */
final class Connection implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 20_000;

    /** What was answered. */
    record Response(int status, String body) {}

    private final Socket socket = new Socket();
    private final InputStream in;
    private final int port;
    private boolean isOver;

    Connection(int port) throws IOException {
        this.port = port;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        socket.connect(new InetSocketAddress("127.0.0.1", port), TIMEOUT_MILLIS);
        in = new BufferedInputStream(socket.getInputStream());
    }

    int port() {
        return port;
    }

    /** Whether the other side has said that this was the last response here. */
    boolean isOver() {
        return isOver;
    }

    /**
     * @param client also the tenant
     * @throws EOFException if the connection was closed before the first byte of a response
     */
    Response get(String path, String client) throws IOException {
        send(path, client);
        int status = Integer.parseInt(line().split(" ")[1]);
        int length = 0;
        boolean isChunked = false;
        for (String field = line(); !field.isEmpty(); field = line()) {
            String name = field.substring(0, field.indexOf(':')).toLowerCase();
            String value = field.substring(field.indexOf(':') + 1).strip();
            switch (name) {
                case "content-length" -> length = Integer.parseInt(value);
                case "transfer-encoding" -> isChunked = true;
                case "connection" -> isOver = value.equalsIgnoreCase("close");
                default -> {}
            }
        }
        return new Response(status, isChunked ? chunks() : text(length));
    }

    /**
     * Where a connection is closed while a request is on its way, that may be a reset. So it is where a server ends that
     * has not yet accepted a connection: the system made it before, and resets it then.
     */
    private void send(String path, String client) throws IOException {
        int first;
        try {
            socket.getOutputStream()
                    .write("GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nX-Client: %s\r\nX-Tenant: %s\r\n\r\n"
                            .formatted(path, port, client, client)
                            .getBytes(StandardCharsets.US_ASCII));
            first = in.read();
        } catch (SocketException e) {
            throw new EOFException("closed: " + e.getMessage());
        }
        if (first < 0) {
            throw new EOFException("closed");
        }
    }

    private String chunks() throws IOException {
        StringBuilder body = new StringBuilder();
        for (int length = Integer.parseInt(line(), 16); length > 0; length = Integer.parseInt(line(), 16)) {
            body.append(text(length));
            line();
        }
        line();
        return body.toString();
    }

    private String text(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new IOException("a body is cut off");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("a response is cut off");
            }
            if (c != '\r') {
                line.write(c);
            }
        }
        return line.toString(StandardCharsets.US_ASCII);
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no use any more, closed or not.
        }
    }
}
