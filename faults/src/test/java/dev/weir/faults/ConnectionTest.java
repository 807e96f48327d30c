package dev.weir.faults;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class ConnectionTest {

    /** As a server does that ends: the system has made the connection, and the server has not seen it. */
    @Test
    void serverEndsBeforeItAccepts_isClosed_thoughTheSystemResets() throws Exception {
        ServerSocket server = new ServerSocket(0, 5, InetAddress.getByName("127.0.0.1"));
        try (Connection connection = new Connection(server.getLocalPort())) {
            server.close();

            assertThatThrownBy(() -> connection.get("/", "client"))
                    .isInstanceOf(EOFException.class)
                    .hasMessageContaining("reset");
        }
    }
}
