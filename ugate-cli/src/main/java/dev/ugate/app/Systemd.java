package dev.ugate.app;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Tells the service manager where we are (sd_notify(3)); says nothing where there is none. */
final class Systemd {
    private Systemd() {}

    static void tell(String state) {
        tell(System.getenv("NOTIFY_SOCKET"), state);
    }

    /** {@code path} is that of a Unix datagram socket, which Java does not have, but Netty's library does, whatever the loops' backend is. */
    static void tell(@Nullable String path, String state) {
        if (path == null || path.isEmpty() || !Epoll.isAvailable()) {
            return;
        }
        // A leading @ names the abstract namespace, which the kernel knows by a leading NUL.
        String manager = path.startsWith("@") ? "\0" + path.substring(1) : path;
        byte[] said = state.getBytes(StandardCharsets.UTF_8);
        ByteBuffer datagram = ByteBuffer.allocateDirect(said.length).put(said);
        try {
            Socket socket = Socket.newSocketDomainDgram();
            try {
                socket.sendToDomainSocket(datagram, 0, said.length, manager.getBytes(StandardCharsets.UTF_8));
            } finally {
                socket.close();
            }
        } catch (IOException deaf) {
            return; // a manager that does not listen is not waiting either
        }
    }
}
