package dev.weir.faults;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Predicate;

/** A network between instances and their store that goes wrong when asked to. */
final class Proxy implements AutoCloseable {

    /** What it does with what comes. */
    enum Mode {
        PASS,
        /** Nothing comes through, either way, and no connection ends. */
        SWALLOW,
        /** A byte at a time, {@value #TRICKLE_MILLIS} ms apart. */
        TRICKLE,
        /** Each answer comes at least {@value #DELAY_MILLIS} ms late. */
        DELAY,
        /** New connections are closed at once. */
        CLOSE
    }

    private static final int TRICKLE_MILLIS = 20;
    private static final int DELAY_MILLIS = 100;
    private static final int BUFFER = 65_536;

    private final ServerSocket server;
    private final int target;
    private final ExecutorService threads = Executors.newCachedThreadPool();

    /** By the address that the connection came from, at both of its ends. */
    private final Map<Socket, InetAddress> open = new ConcurrentHashMap<>();

    private volatile Mode mode = Mode.PASS;
    private volatile Predicate<InetAddress> cutOff = peer -> false;

    /** @param target the port that it leads to */
    Proxy(int target) {
        this.target = target;
        try {
            server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.submit(this::accept);
    }

    int port() {
        return server.getLocalPort();
    }

    void set(Mode next) {
        mode = next;
    }

    /** From now on nothing comes through, either way, of connections from some peers. */
    void cutOff(Predicate<InetAddress> peers) {
        cutOff = peers;
    }

    /** All comes through again. What was lost on connections of those peers is not found again, so they end. */
    void join() throws IOException {
        Predicate<InetAddress> apart = cutOff;
        cutOff = peer -> false;
        drop(apart);
    }

    /** Ends all connections, in order. */
    void drop() throws IOException {
        drop(peer -> true);
    }

    private void drop(Predicate<InetAddress> peers) throws IOException {
        for (Map.Entry<Socket, InetAddress> each : open.entrySet()) {
            if (peers.test(each.getValue())) {
                each.getKey().close();
            }
        }
    }

    /** Ends all connections with RST. */
    void reset() throws IOException {
        for (Socket socket : open.keySet()) {
            if (!socket.isClosed()) {
                socket.setSoLinger(true, 0);
            }
        }
        drop();
    }

    private Void accept() throws IOException {
        while (true) {
            Socket near = server.accept();
            if (mode == Mode.CLOSE) {
                near.close();
            } else {
                Socket far = new Socket(InetAddress.getLoopbackAddress(), target);
                near.setTcpNoDelay(true);
                far.setTcpNoDelay(true);
                InetAddress peer = near.getInetAddress();
                open.put(near, peer);
                open.put(far, peer);
                threads.submit(() -> pump(near, far, peer, false));
                threads.submit(() -> pump(far, near, peer, true));
            }
        }
    }

    /**
     * @param peer whose connection it is
     * @param areAnswers whether this is the way back
     */
    private Void pump(Socket from, Socket to, InetAddress peer, boolean areAnswers)
            throws IOException, InterruptedException {
        byte[] bytes = new byte[BUFFER];
        try (from;
                to) {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int length = in.read(bytes); length >= 0; length = in.read(bytes)) {
                if (mode == Mode.DELAY && areAnswers) {
                    // The fault: a network that is slow.
                    Thread.sleep(DELAY_MILLIS);
                }
                int sent = 0;
                while (mode == Mode.TRICKLE && sent < length) {
                    out.write(bytes, sent++, 1);
                    // The fault: a network that has hardly any room.
                    Thread.sleep(TRICKLE_MILLIS);
                }
                if (mode != Mode.SWALLOW && !cutOff.test(peer)) {
                    out.write(bytes, sent, length - sent);
                }
            }
        } finally {
            open.remove(from);
            open.remove(to);
        }
        return null;
    }

    @Override
    public void close() {
        try {
            server.close();
            drop();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            threads.shutdownNow();
        }
    }
}
