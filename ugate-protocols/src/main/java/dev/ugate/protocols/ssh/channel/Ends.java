package dev.ugate.protocols.ssh.channel;

import dev.ugate.model.Ip;
import dev.ugate.protocols.ssh.wire.Wire;
import io.netty.buffer.ByteBuf;
import java.net.InetSocketAddress;
import java.net.SocketAddress;

/**
 * Where a channel for TCP goes, and where it comes from, as both sides write it (RFC 4254 §7.2).
 *
 * @param host a name or a literal; of a forward, what was asked for
 * @param from address of whoever asks, which proves nothing
 */
public record Ends(String host, long port, String from, long fromPort) {
    private static final int MOST_HOST = 256;

    /** How OpenSSH says that nobody in particular asks. */
    private static final String NOBODY = "127.0.0.1";

    private static final int NO_PORT = 65535;

    /** To {@code host}, for somebody at {@code remote}. */
    public static Ends to(String host, int port, SocketAddress remote) {
        return remote instanceof InetSocketAddress internet && !internet.isUnresolved()
                ? new Ends(host, port, Ip.text(internet.getAddress()), internet.getPort())
                : new Ends(host, port, NOBODY, NO_PORT);
    }

    /** Reads no further than that: there may be more behind it. */
    public static Ends read(ByteBuf in) {
        String host = Wire.text(in, MOST_HOST);
        long port = Wire.u32(in);
        return new Ends(host, port, Wire.text(in, MOST_HOST), Wire.u32(in));
    }

    /** The most bytes of {@link #write}. */
    public int size() {
        return 16 + 3 * host.length() + 3 * from.length();
    }

    public void write(ByteBuf out) {
        Wire.string(out, host);
        out.writeInt((int) port);
        Wire.string(out, from);
        out.writeInt((int) fromPort);
    }
}
